"""Where the result of an invocation goes: to a browser, to the caller of the Invoke API."""

import asyncio
import contextlib
import uuid
from typing import Protocol

from aicode.http import API_HEADERS
from dev.function_url.invocation import THROTTLED, FunctionError
from dev.function_url.payload import PRELUDE_END, MalformedAnswer, buffered_answer, streamed_answer
from dev.http import ClientGoneError, Exchange, RequestError
from dev.http.exchange import Fields

REQUEST_LIMIT = 6 * 1024 * 1024
_PRELUDE_LIMIT = 128 * 1024
_INTEGRATION_RESPONSE = "application/vnd.awslambda.http-integration-response"
# As the service answers where no function did: not in the shape of the API contract, and without Retry-After.
_THROTTLED = {"Reason": THROTTLED, "Type": "User", "message": "Rate Exceeded."}
_TOO_LARGE = {
    "Message": f"Request must be smaller than {REQUEST_LIMIT} bytes for the InvokeFunction operation"
}
_NO_RESULT = b"Internal Server Error"


def answer_error(exchange: Exchange, status: int, code: str, message: str) -> None:
    """Answers in the error shape of the API contract; nothing internal is in it."""
    request_id = str(uuid.uuid4())
    error = {"code": code, "message": message, "requestId": request_id}
    fields = [*API_HEADERS.items(), ("x-amzn-RequestId", request_id)]
    exchange.send_json(status, {"success": False, "error": error}, fields)


def answer_request_error(exchange: Exchange, error: RequestError) -> None:
    """Answers a request that could not be read."""
    if error.status == 413:
        answer_too_large(exchange)
        return
    codes = {403: "forbidden_origin", 408: "request_timeout"}
    answer_error(exchange, error.status, codes.get(error.status, "invalid_request"), error.message)


def answer_too_large(exchange: Exchange) -> None:
    """Answers a request of which no event can be made."""
    fields = [("x-amzn-ErrorType", "RequestEntityTooLargeException"), ("x-amzn-RequestId", str(uuid.uuid4()))]
    exchange.send_json(413, _TOO_LARGE, fields)


class Client(Protocol):
    """Who gets the answer of a Function URL: the connection of an exchange, or what stands for one."""

    def send(self, status: int, fields: Fields = (), body: bytes = b"") -> None:
        """The answer, whole."""
        ...

    def send_json(self, status: int, answer: object, fields: Fields = ()) -> None:
        """The answer, a JSON document."""
        ...

    def start(self, status: int, fields: Fields = (), data: bytes = b"") -> None:
        """An answer begins."""
        ...

    def write(self, data: bytes) -> None:
        """A piece of its body."""
        ...

    def end(self) -> None:
        """The body is complete."""
        ...

    async def drain(self) -> None:
        """Returns when the next piece may be written; raises ClientGoneError."""
        ...


class URLReply:
    """Sends an invocation's result to the client of the Function URL as it comes."""

    def __init__(self, exchange: Client) -> None:
        self.request_id = str(uuid.uuid4())
        self._exchange = exchange
        self._started = False
        self._prelude = b""
        self._ended = asyncio.Event()

    async def wait(self) -> None:
        """Returns when everything is handed to the client's connection."""
        await self._ended.wait()

    def complete(self, payload: bytes) -> None:
        if self._ended.is_set():
            return
        try:
            status, fields, body = buffered_answer(payload)
        except MalformedAnswer:
            self._bad_gateway()
        else:
            self._exchange.send(status, self._with_request_id(fields), body)
        self._ended.set()

    def begin(self, content_type: str) -> None:
        if content_type != _INTEGRATION_RESPONSE and not self._ended.is_set():
            self._start(200, [("Content-Type", content_type or "application/octet-stream")], b"")

    def write(self, data: bytes) -> None:
        if self._started:
            self._exchange.write(data)
        elif not self._ended.is_set():
            self._read_prelude(data)

    async def drain(self) -> None:
        with contextlib.suppress(ClientGoneError):  # from now on what is written is thrown away
            await self._exchange.drain()

    def end(self) -> None:
        if self._started:
            self._exchange.end()
        elif not self._ended.is_set():
            self._bad_gateway()
        self._ended.set()

    def fail(self, error: FunctionError) -> None:
        if not self._started and not self._ended.is_set():
            if error.type == THROTTLED:
                kind = ("x-amzn-ErrorType", "TooManyRequestsException")
                self._exchange.send_json(429, _THROTTLED, self._with_request_id([kind]))
            else:
                self._bad_gateway()
        self._ended.set()

    def _read_prelude(self, data: bytes) -> None:
        self._prelude += data
        end = self._prelude.find(PRELUDE_END)
        if end < 0:
            if len(self._prelude) > _PRELUDE_LIMIT:
                self.fail(FunctionError("Runtime.InvalidResponse", "The prelude is too long."))
            return
        try:
            status, fields = streamed_answer(self._prelude[:end])
        except MalformedAnswer as error:
            self.fail(FunctionError("Runtime.InvalidResponse", str(error)))
        else:
            self._start(status, fields, self._prelude[end + len(PRELUDE_END) :])

    def _start(self, status: int, fields: list[tuple[str, str]], data: bytes) -> None:
        self._exchange.start(status, self._with_request_id(fields), data)
        self._started = True

    def _with_request_id(self, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [*fields, ("x-amzn-RequestId", self.request_id)]

    def _bad_gateway(self) -> None:
        fields = self._with_request_id([("content-type", "application/json")])  # which it is not
        self._exchange.send(502, fields, _NO_RESULT)


class InvokeReply:
    """Keeps an invocation's result for the caller of the Invoke API."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._result = asyncio.get_running_loop().create_future()

    async def wait(self) -> bytes | FunctionError:
        """The result: the function's JSON, or all bytes of its stream, prelude included."""
        return await self._result

    def complete(self, payload: bytes) -> None:
        self._settle(payload)

    def begin(self, content_type: str) -> None:
        pass  # the Invoke API hands out what came, whatever it is

    def write(self, data: bytes) -> None:
        self._pieces.append(data)

    async def drain(self) -> None:
        pass  # it has room for all

    def end(self) -> None:
        self._settle(b"".join(self._pieces))

    def fail(self, error: FunctionError) -> None:
        self._settle(error)

    def _settle(self, result: bytes | FunctionError) -> None:
        if not self._result.done():
            self._result.set_result(result)


class EventReply:
    """Throws an invocation's result away: nobody waits for that of an event."""

    def complete(self, payload: bytes) -> None:
        pass

    def begin(self, content_type: str) -> None:
        pass

    def write(self, data: bytes) -> None:
        pass

    async def drain(self) -> None:
        pass

    def end(self) -> None:
        pass

    def fail(self, error: FunctionError) -> None:
        pass
