"""Calls from one function to another by Lambda's Invoke API or a queue; only AWS's own rights let one in.

Such an event has no `requestContext`. Every request through a Function URL has one, so nobody can forge such
a call from outside. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import asyncio
import importlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Literal

from aicode.errors import AICodeError

Kind = Literal["Event", "RequestResponse"]


class NotInvoked(AICodeError):
    """Lambda did not take the event, or did not say so in time; it may still take it later."""


class FunctionFailed(AICodeError):
    """The function was called and failed: it raised, was stopped, or gave no answer in time."""


async def prepare() -> None:
    """Loads what a call needs, which takes a third of a second. Raises NotInvoked."""
    await asyncio.to_thread(_asking_aws, partial(_client, "Event"))


async def send(function: str, event: Mapping[str, object], *, seconds: float) -> None:
    """Starts an invocation of the function with this event; it runs whether or not anybody waits.

    Raises NotInvoked if no try succeeded within `seconds`. Lambda may still accept the last try later.
    """
    await _within(seconds, "Event", function, event)


async def call(function: str, event: Mapping[str, object], *, seconds: float) -> Any:
    """What the function answers to this event, as JSON of at most 6 MB.

    Raises NotInvoked if Lambda did not take the call or did not answer within `seconds`, and FunctionFailed
    if the function failed.
    """
    answer = await _within(seconds, "RequestResponse", function, event)
    if "FunctionError" in answer:
        raise FunctionFailed(f"{function} failed")
    return json.loads(answer["Payload"])


async def send_later(
    queue_url: str, event: Mapping[str, object], *, delay_seconds: int, seconds: float
) -> None:
    """Has a queue send this event, after the delay, to the function that the template lets it invoke.

    The function gets it as the body of one of the event's `Records`, now and then more than once:
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. The delay is at most 900 seconds. Raises
    NotInvoked if no try succeeded within `seconds`.
    """
    body = json.dumps(event)

    def send_message() -> None:
        _queues().send_message(QueueUrl=queue_url, MessageBody=body, DelaySeconds=delay_seconds)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.to_thread(_asking_aws, send_message)
    except TimeoutError as error:
        raise NotInvoked("The queue did not answer in time") from error


async def _within(seconds: float, kind: Kind, function: str, event: Mapping[str, object]) -> dict[str, Any]:
    payload = json.dumps(event).encode()

    def invoke() -> dict[str, Any]:
        answer = _client(kind).invoke(FunctionName=function, InvocationType=kind, Payload=payload)
        return {**answer, "Payload": answer["Payload"].read()}

    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(_asking_aws, invoke)
    except TimeoutError as error:
        raise NotInvoked(f"{function} did not answer in time") from error


def _asking_aws(work: "Callable[[], Any]") -> Any:
    try:
        return work()
    except (ImportError, OSError, ValueError) as error:  # the SDK is missing, damaged or set up wrong
        raise NotInvoked("The function could not be invoked.") from error
    except _sdk_errors() as error:
        raise NotInvoked("The function could not be invoked.") from error


def _sdk_errors() -> tuple[type[Exception], ...]:
    exceptions: Any = importlib.import_module("botocore.exceptions")
    return exceptions.ClientError, exceptions.BotoCoreError


# An event is taken within moments, and throttled calls are tried again. An answer takes as long as the
# function does, and such a call is not repeated by the SDK: the function may have done its work.
_LIMITS: dict[Kind, dict[str, Any]] = {
    "Event": {"read_timeout": 2, "retries": {"total_max_attempts": 3, "mode": "standard"}},
    "RequestResponse": {"read_timeout": 60, "retries": {"total_max_attempts": 1}},
}


@cache
def _client(kind: Kind) -> Any:
    return _of_boto3("lambda", kind)


@cache
def _queues() -> Any:
    return _of_boto3("sqs", "Event")


def _of_boto3(service: str, kind: Kind) -> Any:
    # Imported by name: it takes a third of a second, most turns never need it, and boto3 has no types.
    boto3: Any = importlib.import_module("boto3")
    config: Any = importlib.import_module("botocore.config")
    return boto3.client(service, config=config.Config(connect_timeout=1, **_LIMITS[kind]))
