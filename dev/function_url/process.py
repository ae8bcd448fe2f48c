"""One process of a function, and the Lambda Runtime API that it alone speaks to.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import base64
import binascii
import contextlib
import os
import signal
import time
from collections.abc import Callable

from dev.function_url.function import Function
from dev.function_url.http_server import Exchange, HTTPServer, Limits
from dev.function_url.http_wire import WireError
from dev.function_url.invocation import FunctionError, Invocation

_API = "/2018-06-01/runtime/"
_PAYLOAD_LIMIT = 6 * 1024 * 1024
_GRACE_SECONDS = 2.0
# A function may think for as long as it likes between two calls of its Runtime API.
_LIMITS = Limits(idle_seconds=None)

Log = Callable[[str, str], None]


class FunctionProcess:
    """A process that serves one invocation at a time.

    `changed` is called whenever it becomes idle or ends. `version` is that of its source.
    """

    def __init__(self, function: Function, version: int, changed: Callable[[], None], log: Log) -> None:
        self.version = version
        self.pid: int | None = None
        self.idle_since: float | None = None
        self.stopping = False
        self._function = function
        self._changed = changed
        self._log = log
        self._api = HTTPServer(self._serve, _answer_wire_error, _LIMITS)
        self._inbox: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._delivered = False
        self._asking: Exchange | None = None
        self._no_response_in_flight = asyncio.Event()
        self._no_response_in_flight.set()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether it waits for an invocation."""
        asks = self._asking is not None and not self._asking.abandoned
        return self.idle_since is not None and asks and not self.stopping

    @property
    def finishing(self) -> bool:
        """Whether its invocation has its result, so that it will be idle in a moment."""
        return self._current is not None and self._current.finished and not self.stopping

    def assign(self, invocation: Invocation) -> None:
        """Gives it an invocation: to be called when it is idle, or right after it was made."""
        self.idle_since = None
        self._current = invocation
        self._inbox.put_nowait(invocation)

    async def run(self, invoke_url: str) -> None:
        """Starts the process and returns when it has ended, its invocation settled."""
        try:
            port = await self._api.start()
            process = await asyncio.create_subprocess_exec(
                *self._function.command(),
                env=self._function.process_environment(f"127.0.0.1:{port}", invoke_url),
                cwd=self._function.task_root,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a terminal reaches the server alone
            )
            self.pid = process.pid
            self._set_timer(self._function.init_timeout_seconds)
            await self._watch(process)
        except OSError as error:
            self._log(self._function.name, f"the process could not be started: {error.strerror}")
        finally:
            self.kill()
            self._clear_timer()
            await self._settle()
            await self._api.close()
            self._ended.set()

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

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        output = asyncio.create_task(self._pass_output_through(process.stdout))
        try:
            await process.wait()
        finally:
            self.kill()  # whatever the process left behind, which may hold the pipe open
            await output

    async def _pass_output_through(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while data := await output.read(64 * 1024):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > 64 * 1024:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._log(self._function.name, line.decode(errors="replace"))
        if rest:
            self._log(self._function.name, rest.decode(errors="replace"))

    async def _settle(self) -> None:
        """Ends the invocation that the process leaves behind, after all that it had sent."""
        self.idle_since = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._no_response_in_flight.wait(), _GRACE_SECONDS)
        if self._current is not None:
            self._current.fail(FunctionError("Runtime.ExitError", "The process has ended."))
            self._current = None

    def _set_timer(self, seconds: float) -> None:
        self._clear_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._time_out, seconds)

    def _clear_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _time_out(self, seconds: float) -> None:
        message = f"Task timed out after {seconds:.2f} seconds"
        self._log(self._function.name, message)
        if self._current is not None:
            self._current.fail(FunctionError("Sandbox.Timedout", message))
        self.kill()

    async def _serve(self, exchange: Exchange) -> None:
        if "origin" in exchange.head.headers:
            exchange.send_json(403, {"errorType": "Forbidden"})  # a web page, not the function
            return
        method, path = exchange.head.method, exchange.head.path.removeprefix(_API)
        match [method, *path.split("/")]:
            case ["GET", "invocation", "next"]:
                await self._next(exchange)
            case ["POST", "invocation", request_id, "response"]:
                await self._response(exchange, request_id)
            case ["POST", "invocation", request_id, "error"]:
                await self._error(exchange, request_id)
            case ["POST", "init", "error"]:
                await self._init_error(exchange)
            case _:
                exchange.send_json(404, {"errorType": "UnknownOperation"})

    async def _next(self, exchange: Exchange) -> None:
        self._clear_timer()
        if self._delivered and self._current is not None:
            self._current.fail(FunctionError("Runtime.NoResponse", "There was no response."))
            self._current = None
        self._delivered = False
        self._asking = exchange
        if self._inbox.empty():
            self.idle_since = time.monotonic()
            self._changed()
        invocation = await self._inbox.get()
        timeout = self._function.timeout_seconds
        self._set_timer(timeout)
        self._delivered = True
        exchange.send(
            200,
            [
                ("Content-Type", "application/json"),
                ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
                ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + timeout) * 1000))),
                ("Lambda-Runtime-Invoked-Function-Arn", self._function.arn),
                ("Lambda-Runtime-Trace-Id", invocation.trace_id),
            ],
            invocation.payload,
        )

    def _running(self, request_id: str) -> Invocation:
        invocation = self._current
        if invocation is None or invocation.finished or invocation.request_id != request_id:
            raise WireError(400, "InvalidRequestID")
        return invocation

    async def _response(self, exchange: Exchange, request_id: str) -> None:
        invocation = self._running(request_id)
        self._no_response_in_flight.clear()
        try:
            headers = exchange.head.headers
            if headers.get("lambda-runtime-function-response-mode", "").lower() == "streaming":
                await self._relay(exchange, invocation)
            else:
                invocation.complete(await exchange.read_body(_PAYLOAD_LIMIT))
        except WireError as error:
            invocation.fail(FunctionError("Function.ResponseSizeTooLarge", error.message))
            raise
        except ConnectionError:
            invocation.fail(FunctionError("Runtime.TruncatedResponse", "The response was cut."))
            raise
        finally:
            self._no_response_in_flight.set()
        exchange.send_json(202, {"status": "OK"})

    @staticmethod
    async def _relay(exchange: Exchange, invocation: Invocation) -> None:
        reply = invocation.reply
        reply.begin(exchange.head.headers.get("content-type", ""))
        async for data in exchange.stream_body():
            reply.write(data)
            if reply.congested:
                await reply.drain()
        error_type = exchange.trailers.get("lambda-runtime-function-error-type")
        if error_type is None:
            invocation.end()
            return
        body = exchange.trailers.get("lambda-runtime-function-error-body", "")
        try:
            document = base64.b64decode(body, validate=True)
        except binascii.Error:
            document = None
        invocation.fail(FunctionError(error_type, "The stream ended in an error.", document))

    async def _error(self, exchange: Exchange, request_id: str) -> None:
        invocation = self._running(request_id)
        invocation.fail(await _read_error(exchange))
        exchange.send_json(202, {"status": "OK"})

    async def _init_error(self, exchange: Exchange) -> None:
        error = await _read_error(exchange)
        if self._current is not None:
            self._current.fail(error)
        exchange.send_json(202, {"status": "OK"})


async def _read_error(exchange: Exchange) -> FunctionError:
    error_type = exchange.head.headers.get("lambda-runtime-function-error-type", "Unhandled")
    body = await exchange.read_body(_PAYLOAD_LIMIT)
    return FunctionError(error_type, "The function reported an error.", body)


def _answer_wire_error(exchange: Exchange, error: WireError) -> None:
    exchange.send_json(error.status, {"errorType": "InvalidRequest", "errorMessage": error.message})
