"""A queue whose messages come back to a function after a while, as SQS and Lambda's event source do it.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import asyncio
import hashlib
import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dev.function_url.function import ACCOUNT, REGION
from dev.http import Exchange, HTTPServer, RequestError

_SEND = "AmazonSQS.SendMessage"
_BODY_LIMIT = 1024 * 1024
_LONGEST_SECONDS = 900
_NAME = "wake-ups"

Deliver = Callable[[Mapping[str, Any]], Awaitable[None]]


class WakeUps:
    """The queue: takes messages with a delay, and delivers each as an event, once. A restart forgets them."""

    def __init__(self, deliver: Deliver, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._deliver = deliver
        self._sleep = sleep
        self._waiting: set[asyncio.Task[None]] = set()
        self._server = HTTPServer(self._serve, on_error=_refuse)

    @property
    def url(self) -> str:
        """Where SQS's client finds it."""
        return self._server.url

    @property
    def queue_url(self) -> str:
        """The address of the queue, which its messages name."""
        return f"{self.url}/{ACCOUNT}/{_NAME}"

    async def _serve(self, exchange: Exchange) -> None:
        request = exchange.request
        body = await exchange.read_body(_BODY_LIMIT)
        if request.headers.get("x-amz-target") != _SEND:
            raise RequestError(400, "There is only SendMessage here.")
        try:
            asked: Any = json.loads(body)
            message, seconds = str(asked["MessageBody"]), int(asked.get("DelaySeconds", 0))
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(400, "This is no message.") from error
        if not 0 <= seconds <= _LONGEST_SECONDS:
            raise RequestError(400, "A message is delayed by 0 to 900 seconds.")
        record = _record(message)
        task = asyncio.get_running_loop().create_task(self._wake(record, seconds))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        answer = {"MessageId": record["messageId"], "MD5OfMessageBody": record["md5OfBody"]}
        exchange.send(200, [("content-type", "application/x-amz-json-1.0")], json.dumps(answer).encode())

    async def _wake(self, record: Mapping[str, Any], seconds: float) -> None:
        await self._sleep(seconds)
        await self._deliver({"Records": [record]})

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Takes messages while the context lasts."""
        async with self._server.listening():
            try:
                yield
            finally:
                for task in list(self._waiting):
                    task.cancel()
                await asyncio.gather(*self._waiting, return_exceptions=True)


def _record(message: str) -> dict[str, Any]:
    return {
        "messageId": str(uuid.uuid4()),
        "body": message,
        "md5OfBody": hashlib.md5(message.encode(), usedforsecurity=False).hexdigest(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{_NAME}",
        "awsRegion": REGION,
    }


def _refuse(exchange: Exchange, error: RequestError) -> None:
    kind = "com.amazonaws.sqs#InvalidParameterValueException"
    exchange.send_json(error.status, {"__type": kind, "message": error.message})
