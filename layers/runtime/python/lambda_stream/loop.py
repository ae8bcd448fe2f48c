"""Loads the handler, then answers one invocation after another, all in one event loop."""

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from .api import Reply, ResponseStream, RuntimeApi, RuntimeApiError
from .context import Context
from .failure import log, record

Chunks = AsyncIterator[bytes | bytearray | memoryview]


class Response(Protocol):
    """What a handler returns: a status and headers, and a body that may still be in the making.

    The body's iterator is closed whatever happens, by `aclose` or else `close`, if it has either. Chunks
    may have any size; the next one is asked for when Lambda has taken the one before.
    """

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def cookies(self) -> Sequence[str]: ...
    @property
    def body(self) -> Chunks: ...


Result = Mapping[str, object]
"""What a handler returns to a caller of the Invoke API, who is told it as JSON and in one piece."""
Handler = Callable[[dict[str, object], Context], Awaitable[Response | Result]]


async def run(api: RuntimeApi, handler_path: str) -> int:
    """Serves until SIGTERM; returns the exit code of the process.

    `handler_path` is a dotted path such as `chat.app.handler`. Its module is imported inside the loop,
    so that locks and the like that it makes belong to the loop that runs the handler.
    """
    loop = asyncio.get_running_loop()
    serving = loop.create_task(_start(api, handler_path))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    await asyncio.wait({serving})
    return 0 if serving.cancelled() else serving.result()


async def _start(api: RuntimeApi, handler_path: str) -> int:
    try:
        handler = _load(handler_path)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (the handler's module is foreign code)
        await api.init_error(record(error, tell=True))
        return 1
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from .snapstart import snapshot  # noqa: PLC0415  (few functions take snapshots)

        if code := await snapshot(api):
            return code
    while not _cancelled():
        invocation = await api.next()
        try:
            # Each invocation has a task of its own, and so does not see context variables of others.
            await asyncio.create_task(_answer(api, handler, invocation))
        except RuntimeApiError as error:
            log(str(error), requestId=invocation.headers["lambda-runtime-aws-request-id"])
    return 0


def _load(handler_path: str) -> Handler:
    module, _, name = handler_path.rpartition(".")
    if not module:
        raise ValueError(f"_HANDLER is {handler_path!r}, and not of the form module.function")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


async def _answer(api: RuntimeApi, handler: Handler, invocation: Reply) -> None:
    headers = invocation.headers
    stream: ResponseStream | None = None
    try:
        _set_trace(headers.get("lambda-runtime-trace-id"))
        response = await handler(json.loads(invocation.body), Context(headers))
        if isinstance(response, Mapping):
            await api.result(headers, json.dumps(response).encode())
            return
        async with _closing(response.body) as body:
            stream = await api.response(headers, _prelude(response))
            async for chunk in body:
                await stream.write(chunk)
        await stream.end()
    except RuntimeApiError:
        raise
    except (Exception, asyncio.CancelledError) as error:  # handlers are foreign code
        if isinstance(error, asyncio.CancelledError) and _cancelled():
            raise
        failure = record(error, request_id=headers["lambda-runtime-aws-request-id"])
        if stream:
            await stream.fail(failure)
        else:
            await api.invocation_error(headers, failure)
    finally:
        if stream:
            stream.close()


def _set_trace(trace_id: str | None) -> None:
    """Sets the environment variable from which the X-Ray SDK reads this invocation's trace."""
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _prelude(response: Response) -> bytes:
    head = {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "cookies": list(response.cookies),
    }
    return json.dumps(head).encode() + bytes(8)


@contextlib.asynccontextmanager
async def _closing(body: Chunks) -> AsyncGenerator[Chunks]:
    """The body's iterator, which is closed at the end if it has `aclose` or `close`."""
    iterator = aiter(body)
    try:
        yield iterator
    finally:
        close = getattr(iterator, "aclose", None) or getattr(iterator, "close", None)
        if close and inspect.isawaitable(closed := close()):
            await closed


def _cancelled() -> bool:
    """True if this task was cancelled; else a CancelledError comes from the handler itself."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
