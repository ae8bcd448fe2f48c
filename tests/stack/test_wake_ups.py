"""The local queue: a message comes back, once, after its delay, as Lambda's event source sends it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from dev.wake_ups import WakeUps
from tests.waiting import PATIENCE


async def send(url: str, body: str, target: str = "AmazonSQS.SendMessage") -> int:
    async with httpx.AsyncClient() as client:
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
        return (await client.post(url, content=body, headers=headers)).status_code


async def test_a_message_is_delivered_after_its_delay(monkeypatch: pytest.MonkeyPatch):
    events: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    queue = WakeUps(events.put, sleep)
    async with queue.listening():
        for name, value in {
            "AWS_ENDPOINT_URL_SQS": queue.url,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "chat",
            "AWS_SECRET_ACCESS_KEY": "local",
        }.items():
            monkeypatch.setenv(name, value)
        from aicode.invoke import send_later  # noqa: PLC0415 - its client reads the variables once

        await send_later(
            queue.queue_url, {"expired": {"approvalId": "a"}}, delay_seconds=20, seconds=PATIENCE
        )
        async with asyncio.timeout(PATIENCE):
            delivered = await events.get()

    [record] = delivered["Records"]
    assert slept == [20]
    assert record["body"] == '{"expired": {"approvalId": "a"}}'
    assert record["eventSource"] == "aws:sqs"
    assert events.empty()


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ("{}", "AmazonSQS.SendMessage"),
        ('{"MessageBody": "a", "DelaySeconds": 901}', "AmazonSQS.SendMessage"),
        ("[]", "AmazonSQS.SendMessage"),
        ('{"MessageBody": "a"}', "AmazonSQS.DeleteQueue"),
    ],
)
async def test_what_is_no_message_is_refused(body: str, target: str):
    async def deliver(_: Mapping[str, Any]) -> None:
        raise AssertionError

    queue = WakeUps(deliver)
    async with queue.listening():
        assert await send(queue.url, body, target) == 400
