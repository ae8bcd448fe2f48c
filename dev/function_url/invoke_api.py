"""The Lambda Invoke API, by which a function (boto3, or a plain POST) calls a function.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import asyncio
import json
import re
from collections.abc import Mapping
from urllib.parse import unquote

from dev.function_url.invocation import THROTTLED, FunctionError, Invocation
from dev.function_url.pool import FunctionPool
from dev.function_url.reply import EventReply, InvokeReply
from dev.http import Exchange, RequestError

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_REQUEST_LIMIT = 6 * 1024 * 1024
_EVENT_LIMIT = 1024 * 1024


class InvokeAPI:
    """Runs functions by name: `RequestResponse` answers with the result, `Event` at once."""

    def __init__(self, pools: Mapping[str, FunctionPool]) -> None:
        self._pools = pools
        self._events: set[asyncio.Task[None]] = set()

    async def serve(self, exchange: Exchange) -> None:
        """Answers one request."""
        if "origin" in exchange.request.headers:
            _refuse(exchange, 403, "AccessDeniedException", "Web pages may not invoke functions.")
            return
        path = _PATH.fullmatch(exchange.request.path)
        if path is None or exchange.request.method != "POST":
            _refuse(exchange, 404, "UnknownOperationException", "There is no such operation.")
            return
        pool = self._pools.get(_function_name(unquote(path[1])))
        if pool is None:
            _refuse(exchange, 404, "ResourceNotFoundException", "Function not found.")
            return
        kind = exchange.request.headers.get("x-amz-invocation-type", "RequestResponse")
        payload = await exchange.read_body(_EVENT_LIMIT if kind == "Event" else _REQUEST_LIMIT)
        payload = payload or b"{}"
        try:
            json.loads(payload)
        except ValueError:
            _refuse(exchange, 400, "InvalidRequestContentException", "The payload is not valid JSON.")
            return
        await self._invoke(exchange, pool, kind, payload)

    async def _invoke(self, exchange: Exchange, pool: FunctionPool, kind: str, payload: bytes) -> None:
        if kind == "Event":
            invocation = Invocation(payload, EventReply())
            task = asyncio.get_running_loop().create_task(pool.submit(invocation, wait=True))
            self._events.add(task)
            task.add_done_callback(self._events.discard)
            exchange.send(202, [("x-amzn-RequestId", invocation.request_id)])
        elif kind == "RequestResponse":
            reply = InvokeReply()
            invocation = Invocation(payload, reply)
            await pool.submit(invocation, wait=False)
            _answer(exchange, invocation.request_id, await reply.wait())
        elif kind == "DryRun":
            exchange.send(204, [])
        else:
            _refuse(exchange, 400, "InvalidParameterValueException", "Unknown invocation type.")

    async def close(self) -> None:
        """Forgets the events that still wait for a process."""
        for task in list(self._events):
            task.cancel()
        await asyncio.gather(*self._events, return_exceptions=True)


def answer_request_error(exchange: Exchange, error: RequestError) -> None:
    """Answers a request that could not be read."""
    kinds = {403: "AccessDeniedException", 413: "RequestTooLargeException"}
    kind = kinds.get(error.status, "InvalidRequestContentException")
    _refuse(exchange, error.status, kind, error.message)


def _function_name(reference: str) -> str:
    """The name in `name`, `name:qualifier` or an ARN, whole or partial."""
    _, _, from_arn = reference.rpartition("function:")
    return from_arn.partition(":")[0]


def _answer(exchange: Exchange, request_id: str, result: bytes | FunctionError) -> None:
    fields = [("x-amzn-RequestId", request_id), ("X-Amz-Executed-Version", "$LATEST")]
    if isinstance(result, bytes):
        exchange.send(200, [("content-type", "application/json"), *fields], result)
    elif result.type == THROTTLED:
        _refuse(exchange, 429, "TooManyRequestsException", "Rate Exceeded.")
    else:
        fields += [("content-type", "application/json"), ("X-Amz-Function-Error", "Unhandled")]
        exchange.send(200, fields, result.document())


def _refuse(exchange: Exchange, status: int, kind: str, message: str) -> None:
    answer = {"Type": "User", "message": message, "Message": message}
    exchange.send_json(status, answer, [("x-amzn-ErrorType", kind)])
