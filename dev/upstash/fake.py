"""fakeredis as the engine, where Valkey can't run: same protocol, data kept by snapshots."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from fakeredis import FakeServer
from fakeredis._helpers import SimpleError, SimpleString
from fakeredis.aioredis import AsyncFakeSocket, FakeRedis

from dev.upstash.resp import Command, Failure, Reply, ReplyReader, Status, encode

SNAPSHOT_SECONDS = 3.0
UNBILLED = {"multi", "exec"}  # sent by us around a transaction


class FakeConnection(AsyncFakeSocket):
    """fakeredis below its client: takes RESP, keeps replies as they are, counts what runs."""

    def __init__(self, server: FakeServer) -> None:
        super().__init__(server, 0, client_class=FakeRedis)
        self.replies: list[Any] = []
        self.commands_run = 0

    def put_response(self, msg: Any) -> None:
        self.replies.append(msg)

    def _decode_result(self, result: Any) -> Any:
        return result

    def _run_command(self, func: Any, sig: Any, args: list[Any], from_script: bool) -> Any:
        self.commands_run += sig.name.lower() not in UNBILLED
        return super()._run_command(func, sig, args, from_script)


class FakeEngine:
    """fakeredis with a snapshot file under `data_dir`, written every few seconds after a change and
    at the end: a kill loses what was written since the last one."""

    name: Literal["fake"] = "fake"

    def __init__(self, data_dir: Path | None) -> None:
        self._file = data_dir / "fakeredis.snapshot" if data_dir is not None else None
        self._server = FakeServer()
        self._connection = FakeConnection(self._server)
        self._unsaved = False
        self._saver: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            self._load(self._file)
        self._saver = asyncio.create_task(self._save_often(self._file))

    async def execute(self, commands: Sequence[Command]) -> list[Reply]:
        self._unsaved = True
        return self._run(commands)

    async def transaction(self, commands: Sequence[Command]) -> list[Reply] | Failure:
        outcome = (await self.execute([(b"MULTI",), *commands, (b"EXEC",)]))[-1]
        if isinstance(outcome, list | Failure):
            return outcome
        raise TypeError("EXEC answers with an array or an error")

    def commands_run(self) -> int:
        """Commands executed so far, those inside scripts included. Exact."""
        return self._connection.commands_run

    async def close(self) -> None:
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.gather(self._saver, return_exceptions=True)
        if self._file is not None:
            self._save(self._file)
        self._connection.close()

    def _run(self, commands: Sequence[Command]) -> list[Reply]:
        self._connection.replies = []
        for command in commands:
            self._connection.sendall(encode(command))
        replies = [_reply(reply) for reply in self._connection.replies]
        if any(isinstance(reply, Failure) and "global" in reply.message for reply in replies):
            # A script that set a global would make every later script fail: start a fresh Lua.
            self._server.__dict__.pop("_lua_runtime", None)
        return replies

    async def _save_often(self, file: Path) -> None:
        while True:
            await asyncio.sleep(SNAPSHOT_SECONDS)
            if self._unsaved:
                self._save(file)

    def _save(self, file: Path) -> None:
        """RESTORE commands in RESP, so that the file is read like any Redis traffic."""
        now, commands = time.time() * 1000, list[Command]()
        keys = self._run([(b"KEYS", b"*")])[0]
        for key in keys if isinstance(keys, list) else []:
            if not isinstance(key, bytes):
                continue
            dump, ttl = self._run([(b"DUMP", key), (b"PTTL", key)])
            if isinstance(dump, bytes) and isinstance(ttl, int):
                expires = b"%d" % (now + ttl) if ttl >= 0 else b"-1"
                commands.append((key, dump, expires))
        partial = file.with_suffix(".partial")
        partial.write_bytes(b"".join(map(encode, commands)))
        partial.replace(file)
        self._unsaved = False

    def _load(self, file: Path) -> None:
        now = time.time() * 1000
        for entry in ReplyReader().feed(file.read_bytes()):
            if not isinstance(entry, list):
                continue
            key, dump, expires = (item for item in entry if isinstance(item, bytes))
            ttl = int(expires) - int(now) if expires != b"-1" else 0
            if ttl >= 0:
                self._run([(b"RESTORE", key, b"%d" % ttl, dump)])


def _reply(raw: Any) -> Reply:
    if isinstance(raw, list):
        return [_reply(item) for item in cast("list[Any]", raw)]
    if isinstance(raw, SimpleString):
        return Status(raw.value)
    return Failure(raw.value) if isinstance(raw, SimpleError) else raw
