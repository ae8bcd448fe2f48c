"""The Lambda Runtime API, one server for each process, so that it knows who calls.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import Callable

from dev.function_url.function import ALIAS, Function
from dev.function_url.invocation import FunctionError, Invocation
from dev.http import Exchange, HTTPServer, RequestError

_API = "/2018-06-01/runtime/"
_PAYLOAD_LIMIT = 6 * 1024 * 1024
_LAST_BYTES_SECONDS = 2.0


class RuntimeAPI:
    """Hands a process its invocations and takes their results, one at a time.

    `on_idle` is called when the process asks for work and there is none, `on_timeout` with a
    message when it has not asked within its time limit.
    """

    def __init__(
        self, function: Function, on_idle: Callable[[], None], on_timeout: Callable[[str], None]
    ) -> None:
        self.idle_since: float | None = None
        self._function = function
        self._on_idle = on_idle
        self._on_timeout = on_timeout
        self._server = HTTPServer(self._serve, on_error=_answer_request_error)
        self._inbox: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._delivered = False
        self._asking: Exchange | None = None
        self._no_response_in_flight = asyncio.Event()
        self._no_response_in_flight.set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """True if the process waits for an invocation."""
        asks = self._asking is not None and not self._asking.disconnected.is_set()
        return self.idle_since is not None and asks

    @property
    def finishing(self) -> bool:
        """True if the invocation has its result, so that the process will be idle in a moment."""
        return self._current is not None and self._current.finished

    async def start(self) -> str:
        """Begins to listen, and returns the address; from now on the process has time to start."""
        self._set_timer(self._function.init_timeout_seconds)
        await self._server.start()
        return self._server.url.removeprefix("http://")

    def assign(self, invocation: Invocation) -> None:
        """Gives the process an invocation; one that has not started yet will find it."""
        self.idle_since = None
        self._current = invocation
        self._inbox.put_nowait(invocation)

    async def close(self, error: FunctionError) -> None:
        """After the end of the process: takes in the last that it sent, and settles the rest."""
        self.idle_since = None
        self._clear_timer()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._no_response_in_flight.wait(), _LAST_BYTES_SECONDS)
        if self._current is not None:
            self._current.fail(error)
            self._current = None
        await self._server.close()

    def _set_timer(self, seconds: float) -> None:
        self._clear_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._time_out, seconds)

    def _clear_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _time_out(self, seconds: float) -> None:
        message = f"Task timed out after {seconds:.2f} seconds"
        if self._current is not None:
            self._current.fail(FunctionError("Sandbox.Timedout", message))
        self._on_timeout(message)

    async def _serve(self, exchange: Exchange) -> None:
        if "origin" in exchange.request.headers:
            exchange.send_json(403, {"errorType": "Forbidden"})  # a web page, not the function
            return
        method, path = exchange.request.method, exchange.request.path.removeprefix(_API)
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
        exchange.watch()
        if self._inbox.empty():
            self.idle_since = time.monotonic()
            self._on_idle()
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
                ("Lambda-Runtime-Invoked-Function-Arn", f"{self._function.arn}:{ALIAS}"),
                ("Lambda-Runtime-Trace-Id", invocation.trace_id),
            ],
            invocation.payload,
        )

    def _running(self, request_id: str) -> Invocation:
        invocation = self._current
        if invocation is None or invocation.finished or invocation.request_id != request_id:
            raise RequestError(400, "InvalidRequestID")
        return invocation

    async def _response(self, exchange: Exchange, request_id: str) -> None:
        invocation = self._running(request_id)
        self._no_response_in_flight.clear()
        try:
            headers = exchange.request.headers
            if headers.get("lambda-runtime-function-response-mode", "").lower() == "streaming":
                await self._relay(exchange, invocation)
            else:
                invocation.complete(await exchange.read_body(_PAYLOAD_LIMIT))
        except RequestError as error:
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
        reply.begin(exchange.request.headers.get("content-type", ""))
        async for data in exchange.stream_body():
            reply.write(data)
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
    error_type = exchange.request.headers.get("lambda-runtime-function-error-type", "Unhandled")
    body = await exchange.read_body(_PAYLOAD_LIMIT)
    return FunctionError(error_type, "The function reported an error.", body)


def _answer_request_error(exchange: Exchange, error: RequestError) -> None:
    exchange.send_json(error.status, {"errorType": "InvalidRequest", "errorMessage": error.message})
