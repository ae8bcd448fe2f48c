"""The limits of a vendor's reads and writes, at their defaults, on all three functions."""

import time

import httpx
import pytest

from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.limited_world import BASE as LIMITED_BASE
from tests.end_to_end.stack import APPS, BASE, session_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def has_made(vendor: Vendor, kind: str, count: int) -> None:
    """What so many requests do, in this minute and in the next."""
    minute = int(time.time() // 60)
    for number in (minute, minute + 1):
        await vendor.redis_command("SET", f"requests:{vendor.name}:{kind}:{number}", count)


def assert_limited(answer: httpx.Response) -> None:
    """Holds a refusal to what it must tell."""
    error = assert_error(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 120
    assert "wait" in error["message"]


async def test_who_has_written_too_much_writes_nothing_more_and_reads_and_chats_on(
    vendor: Vendor, stranger: Vendor
):
    session = session_of(await vendor.turn("Hi"))
    await has_made(vendor, "writes", 300)

    for method, path, body in (
        ("POST", APPS, {"name": "One more"}),
        ("PUT", f"{APPS}/{vendor.app}/file", {"path": "a", "content": "", "baseVersion": 0}),
        ("DELETE", f"{APPS}/{vendor.app}", None),
        ("PUT", f"{BASE}?sessionId={session}", {"title": "Mine"}),
        ("DELETE", f"{BASE}?sessionId={session}", None),
    ):
        assert_limited(await vendor.client.request(method, path, json=body))
    assert (await vendor.client.post(f"{BASE}/{session}/cancel")).status_code == 200, "Stop always works"
    assert (await vendor.client.get(f"{APPS}/{vendor.app}/files")).json()["files"] == []
    assert (await vendor.turn("And now?", session))[-1].type == "message_complete"
    assert await stranger.new_app()


async def test_who_has_read_too_much_is_given_no_stream_either_and_writes_on(
    vendor: Vendor, stranger: Vendor
):
    session = session_of(await vendor.turn("Hi"))
    await has_made(vendor, "reads", 1_500)

    for path in (
        *(APPS, f"{APPS}/{vendor.app}/files", f"{APPS}/{vendor.app}/export.zip"),
        *(f"{BASE}?sessionId={session}", f"{BASE}/budget"),
        *(f"{BASE}/{session}/stream", f"{BASE}/{session}/stream?after=1-0&continue=1"),
    ):
        assert_limited(await vendor.client.get(path))
    assert await vendor.new_app()
    assert (await stranger.client.get(APPS)).status_code == 200


async def test_an_export_counts_as_a_hundred_reads(vendor: Vendor):
    await has_made(vendor, "reads", 0)
    answers = [await vendor.client.get(f"{APPS}/{vendor.app}/export.zip") for _ in range(16)]

    assert {answer.status_code for answer in answers[:15]} == {200}
    assert_limited(answers[-1])


async def test_a_check_counts_as_fifty_reads(vendor: Vendor):
    await has_made(vendor, "reads", 0)
    answers = [await vendor.client.get(f"{APPS}/{vendor.app}/check") for _ in range(31)]

    assert {answer.status_code for answer in answers[:30]} == {200}
    assert_limited(answers[-1])


async def test_a_vendor_with_too_many_messages_can_still_stop(limited: Vendor):
    session = session_of(await limited.turn("Hi"))
    for _ in range(3):
        await limited.turn("Hi")
    refused = await limited.client.post(LIMITED_BASE, json={"message": "Hi", "appId": limited.app})
    stopped = await limited.client.post(f"{LIMITED_BASE}/{session}/cancel")

    assert_error(refused, 429, "rate_limited")
    assert stopped.json() == {"success": True, "cancelled": False}
