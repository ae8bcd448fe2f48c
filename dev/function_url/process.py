"""One process of a function: its start, its output and its end."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from dev.function_url.function import Function
from dev.function_url.invocation import FunctionError, Invocation
from dev.function_url.runtime_api import RuntimeAPI

_GRACE_SECONDS = 2.0
_LINE_LIMIT = 64 * 1024

Log = Callable[[str, str], None]


class FunctionProcess:
    """A process that serves one invocation at a time.

    `changed` is called whenever it becomes idle. `version` is that of its source.
    """

    def __init__(self, function: Function, version: int, changed: Callable[[], None], log: Log) -> None:
        self.version = version
        self.pid: int | None = None
        self.stopping = False
        self._function = function
        self._log = log
        self._api = RuntimeAPI(function, changed, self._on_timeout)
        self._ended = asyncio.Event()

    @property
    def idle(self) -> bool:
        """True if it waits for an invocation."""
        return self._api.idle and not self.stopping

    @property
    def idle_since(self) -> float:
        """When it became idle, by the monotonic clock; 0 for one that is not."""
        return self._api.idle_since or 0.0

    @property
    def finishing(self) -> bool:
        """True if its invocation has its result, so that it will be idle in a moment."""
        return self._api.finishing and not self.stopping

    def assign(self, invocation: Invocation) -> None:
        """Gives it an invocation: to be called when it is idle, or right after it was made."""
        self._api.assign(invocation)

    async def run(self, invoke_url: str) -> None:
        """Starts the process and returns when it has ended, its invocation settled."""
        try:
            address = await self._api.start()
            await self._run(self._function.process_environment(address, invoke_url))
        except OSError as error:
            self._log(self._function.name, f"the process could not be started: {error.strerror}")
        finally:
            self.stopping = True
            await self._api.close(FunctionError("Runtime.ExitError", "The process has ended."))
            self._ended.set()

    async def _run(self, environment: dict[str, str]) -> None:
        transport, protocol = await asyncio.get_running_loop().subprocess_exec(
            lambda: _ProcessProtocol(lambda line: self._log(self._function.name, line)),
            *self._function.command(),
            env=environment,
            cwd=self._function.task_root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal reaches the server alone
        )
        self.pid = transport.get_pid()
        try:
            if self.stopping:  # it was stopped while it was being started
                self.kill()
            await protocol.exited.wait()
            if not self.stopping:
                self._log(self._function.name, f"Runtime exited {_how(transport.get_returncode())}")
        finally:
            self.kill()  # what it started and left behind, and that may hold its output open
            self.pid = None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(protocol.closed.wait(), _GRACE_SECONDS)
            transport.close()

    async def stop(self) -> None:
        """Ends the process: SIGTERM, and SIGKILL for one that is still there after two seconds."""
        self.stopping = True
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), _GRACE_SECONDS)
        self.kill()
        await self._ended.wait()

    def kill(self) -> None:
        """Ends the process, and all that it started, at once."""
        self.stopping = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _on_timeout(self, message: str) -> None:
        self._log(self._function.name, message)
        self.kill()


def _how(code: int | None) -> str:
    """The end of a process that nobody had asked to end, as Lambda's log tells it."""
    if code is not None and code < 0:
        return f"with error: signal: {signal.Signals(-code).name}"
    return f"with status: {code}"


class _ProcessProtocol(asyncio.SubprocessProtocol):
    """Passes output on line by line; `exited` is set at the process's end, `closed` after its output's."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self._write_line = write_line
        self._rest = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's signature
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LINE_LIMIT:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._write_line(line.decode(errors="replace"))

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self._rest:
            self._write_line(self._rest.decode(errors="replace"))
        self.exited.set()
        self.closed.set()
