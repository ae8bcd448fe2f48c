"""The stores as a simulated process reaches them: real scripts and real SQL, an unreliable way in between."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aicode.errors import StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.redis.client import CommandError, RedisClient, Reply
from aicode.redis.replies import ATTEMPTS, Argument, result, unavailable
from dev.http import Request
from dev.upstash.rest import Rest
from dev.upstash.valkey import EmbeddedValkey

TIMEOUT = 1.2


class KilledError(BaseException):
    """Whatever a dead process would still do ends here."""


class Process:
    """One function process: it can die at any await, and be stopped and woken."""

    def __init__(self) -> None:
        self.dead = False
        self.awake = asyncio.Event()
        self.awake.set()
        self.was_stopped = False
        self.saving = False
        self.task: asyncio.Task[Any] | None = None

    async def door(self) -> None:
        """Every way out of the process leads through here."""
        if not self.awake.is_set():
            await self.awake.wait()
        if self.dead:
            raise KilledError

    def stop(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so long."""
        self.was_stopped = True
        self.awake.clear()
        asyncio.get_running_loop().call_later(seconds, self.awake.set)

    def kill(self) -> None:
        """SIGKILL."""
        self.dead = True
        self.awake.set()
        if self.task is not None:
            self.task.cancel()


class LostError(Exception):
    """The client heard no answer."""


class Network:
    """The way to the session store, and what happens on it by chance."""

    def __init__(self, chance: random.Random, valkey: EmbeddedValkey) -> None:
        self._chance = chance
        self._rest = Rest(valkey)
        self.down_until = 0.0
        self.slow_until = 0.0
        self.unreliable = True
        self.sent: list[str] = []

    async def request(self, target: str, command: Sequence[object]) -> object:
        """One HTTP exchange. Raises LostError."""
        chance, loop = self._chance, asyncio.get_running_loop()
        self.sent.append(_name(command))
        if loop.time() < self.down_until:
            await asyncio.sleep(chance.choice([0.001, 0.8]))
            raise LostError
        way = 0.15 if loop.time() < self.slow_until else chance.uniform(0.0005, 0.01)
        fate = chance.random() if self.unreliable else 1.0
        if fate < 0.01:
            await asyncio.sleep(chance.choice([way, TIMEOUT]))
            raise LostError
        executed = False
        try:
            if fate < 0.015:  # it stays on the way for longer than anybody waits
                await asyncio.sleep(TIMEOUT)
                raise LostError
            await asyncio.sleep(way)
            answer, executed = self.execute(target, command), True
            if fate < 0.035:
                await asyncio.sleep(chance.choice([way, TIMEOUT]))
                raise LostError
            await asyncio.sleep(way)
            return answer
        finally:
            # Also what was given up, or sent by a process that is dead by now, may still arrive.
            if not executed and chance.random() < 0.5:
                loop.call_later(chance.uniform(0, 3), self.execute, target, command)

    def execute(self, target: str, command: Sequence[object]) -> object:
        """Carries the command out."""
        request = Request("POST", target, "", {}, json.dumps(command).encode())
        return json.loads(self._rest.answer(request).body)


def _name(command: Sequence[object]) -> str:
    """What a request is for: a script's first words of comment, or a plain command."""
    if command[0] == "EVAL":
        return str(command[1]).split("\n")[1].removeprefix("-- ").partition(":")[0].partition(".")[0]
    return "pipeline" if isinstance(command[0], list) else str(command[0])


class SimulatedRedis(RedisClient):
    """The product's Redis client, over the simulated network."""

    def __init__(self, network: Network, process: Process) -> None:
        super().__init__("http://redis", "token")
        self._network = network
        self._process = process

    async def command(self, *parts: Argument) -> Reply:
        """The reply to one command."""
        return result(await self._send("/", list(parts)), loud=True)

    async def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Reply | CommandError]:
        """The reply to each command."""
        answers: Any = await self._send("/pipeline", [list(command) for command in commands])
        return [result(answer, loud=False) for answer in answers]

    async def _send(self, target: str, command: Sequence[object]) -> object:
        for _ in range(ATTEMPTS):
            await self._process.door()
            try:
                answer = await self._network.request(target, command)
            except LostError:
                continue
            await self._process.door()
            return answer
        raise unavailable()


class SimulatedFiles:
    """A process's way to the file store: slow, now and then failing before or after the work was done."""

    def __init__(
        self, store: SqliteFileStore, process: Process, network: Network, chance: random.Random
    ) -> None:
        self._store = store
        self._process = process
        self._network = network
        self._chance = chance

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._store, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            fate = self._chance.random() if self._network.unreliable else 1.0
            self._process.saving = name == "commit"
            await self._process.door()
            await asyncio.sleep(self._chance.choice([0.001, 0.02, 0.5]))
            await self._process.door()
            if fate < 0.01:
                raise StoreUnavailable("The file store does not answer.")
            answer = await self._sent(lambda: method(*args, **kwargs))
            await asyncio.sleep(0.001)
            if fate < 0.02:
                raise StoreUnavailable("The file store does not answer.")
            await self._process.door()
            return answer

        return call

    async def _sent(self, request: Callable[[], Awaitable[Any]]) -> Any:
        """The answer to what has left the process, which arrives whatever becomes of the process."""
        way = self._chance.choice([0.0, 0.0, 0.1, 2.0])

        async def arrive() -> Any:
            await asyncio.sleep(way)
            return await request()

        arriving = asyncio.ensure_future(arrive())
        arriving.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(arriving)
