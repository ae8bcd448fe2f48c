"""What a script can make of an answer, seen through the SDK and through the server's own eyes."""

import asyncio
import json
import time
from typing import Any

import anthropic
import httpx2
import pytest
from claude_client import Connect, post, request

from dev import claude
from dev.claude import (
    Cut,
    Event,
    Gate,
    Pause,
    Raw,
    Reply,
    Script,
    Stall,
    StreamError,
    Text,
    ToolUse,
    UnknownBlock,
)

DEADLINE = 30
STREAM: dict[str, Any] = {**request(), "stream": True}


async def raw_answer(reply: Reply) -> bytes:
    """All bytes of a streamed answer; httpx2's own errors where it breaks off."""
    async with claude.serve(script=Script([reply])) as server:
        return (await post(server, STREAM)).content


def event_types(raw: bytes) -> list[str]:
    return [line[7:] for line in raw.decode().splitlines() if line.startswith("event: ")]


async def test_replies_come_in_order_and_one_too_many_says_so():
    async with claude.serve(script=Script([Reply(Text("one")), Reply(Text("two"))])) as server:
        answers = [await post(server, request()) for _ in range(3)]

    assert [a.json()["content"][0]["text"] for a in answers[:2]] == ["one", "two"]
    assert answers[2].status_code == 400
    assert "only 2 replies" in answers[2].json()["error"]["message"]


async def test_a_function_sees_the_request_and_its_number():
    def answer(received: claude.Received, n: int) -> Reply:
        return Reply(Text(f"{n}: {received.messages[-1]['content']}"))

    async with claude.serve(script=Script(answer)) as server:
        await post(server, request())
        second = await post(server, request("Bye"))

    assert second.json()["content"][0]["text"] == "1: Bye"


async def test_a_title_request_takes_no_reply_unless_told_to():
    ask = request("Hello", system="Write a short title for this conversation.")
    for asides, expected in ((True, "Hello"), (False, "scripted")):
        async with claude.serve(script=Script([Reply(Text("scripted"))], asides=asides)) as server:
            answer = await post(server, ask)

        assert answer.json()["content"][0]["text"] == expected


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ],
)
async def test_every_error_status_reaches_the_sdk_with_its_type(connect: Connect, status: int, kind: str):
    async with claude.serve(script=Script([Reply(status=status, retry_after=3600)])) as server:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await connect(server).messages.create(**request())

    assert (caught.value.status_code, caught.value.type) == (status, kind)
    assert caught.value.response.headers["retry-after"] == "3600"


async def test_an_error_event_in_mid_stream_is_an_api_error_of_status_200(connect: Connect):
    reply = Reply(Text("half"), StreamError(), Text("never"))
    async with claude.serve(script=Script([reply])) as server:
        with pytest.raises(anthropic.APIStatusError) as caught:
            async with connect(server).messages.stream(**request()) as stream:
                await stream.get_final_message()

    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


async def test_a_clean_cut_ends_without_message_stop():
    raw = await raw_answer(Reply(Text("half"), cut="end"))

    assert event_types(raw)[-1] == "content_block_delta"
    assert b"message_stop" not in raw


async def test_a_cut_can_be_placed_at_any_event_and_at_any_byte():
    whole = Reply(Text("Hello there", cuts=2))
    assert event_types(await raw_answer(Reply(*whole.items, cut_at_event=3))) == [
        "message_start",
        "content_block_start",
        "ping",
    ]
    for size in (1, 100, 700):
        assert len(await raw_answer(Reply(*whole.items, cut_at_byte=size))) == size


@pytest.mark.parametrize(
    "reply",
    [
        Reply(Text("half"), cut="reset"),
        Reply(Text("half"), cut="half_chunk"),
        Reply(Text("half"), cut="reset", cut_at_event=0),
        Reply(Text("half"), cut="end", cut_at_event=0),
        Reply(cut="reset", cut_at_byte=50),
    ],
)
async def test_a_broken_connection_is_a_transport_error(reply: Reply):
    with pytest.raises(httpx2.TransportError):
        await raw_answer(reply)


async def test_a_broken_connection_breaks_a_plain_answer_too():
    async with claude.serve(script=Script([Reply(Text("x"), cut="reset"), Reply(Text("y"))])) as server:
        with pytest.raises(httpx2.TransportError):
            await post(server, request())

        assert (await post(server, request())).status_code == 200
        assert server.requests[0].disconnected_at is None


async def test_a_closed_gate_holds_the_answer_until_the_test_opens_it():
    reply = Reply(Text("one"), Gate("go on"), Text("two"))
    async with claude.serve(script=Script([reply])) as server:
        answer = asyncio.create_task(post(server, STREAM))
        async with asyncio.timeout(DEADLINE):
            await server.reached("go on")
        assert not answer.done()
        server.open("go on")
        raw = (await answer).content

    assert event_types(raw)[-1] == "message_stop"


async def test_the_server_sees_when_a_client_hangs_up(connect: Connect):
    reply = Reply(Text("one"), Gate("never"), Text("two"))
    async with claude.serve(script=Script([reply])) as server:
        api: Any = connect(server).messages
        turn: asyncio.Task[Any] = asyncio.create_task(api.create(**request()))
        async with asyncio.timeout(DEADLINE):
            await server.reached("never")
            cancelled_at = time.monotonic()
            turn.cancel()
            await server.requests[0].disconnected()
            await server.until(lambda: server.requests[0].finished_at is not None)
        seen_at = server.requests[0].disconnected_at

    assert seen_at is not None
    assert seen_at >= cancelled_at


@pytest.mark.parametrize(
    "reply",
    [
        Reply(Text("one " * 100), pace=20),
        Reply(Text("one"), Pause(60)),
        Reply(Text("one"), Stall()),
        Reply(Text("one"), Stall(ping_every=0.01)),
        Reply(Text("never"), at={0: Stall()}),
        Reply(Text("late"), delay=60),
    ],
)
async def test_whatever_the_server_waits_for_a_hang_up_ends_it(reply: Reply):
    async with claude.serve(script=Script([reply])) as server:
        turn = asyncio.create_task(post(server, STREAM))
        async with asyncio.timeout(DEADLINE):
            await server.until(lambda: bool(server.requests))
            turn.cancel()
            await server.until(lambda: server.requests[0].disconnected_at is not None)
            await server.until(lambda: server.requests[0].finished_at is not None)

        assert server.requests[0].status in {0, 200}


async def test_pings_alone_come_again_and_again():
    reply = Reply(Text("one"), Stall(ping_every=0.001))
    async with (
        claude.serve(script=Script([reply])) as server,
        httpx2.AsyncClient(timeout=DEADLINE) as client,
        client.stream(
            "POST",
            f"{server.url}/v1/messages",
            json=STREAM,
            headers={"x-api-key": "any", "anthropic-version": "2026-10-21"},
        ) as answer,
    ):
        raw = b""
        async for chunk in answer.aiter_bytes():
            raw += chunk
            if raw.count(b"event: ping") > 5:
                break

    assert b"message_stop" not in raw


async def test_bytes_that_are_no_events_go_out_as_they_are():
    broken = await raw_answer(Reply(Text("one"), Raw(), Text("two")))
    html = Reply(body=b"<html>Bad gateway</html>")
    async with claude.serve(script=Script([html])) as server:
        answer = await post(server, STREAM)

    assert b'data: {"type": "content_blo\n\n' in broken
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.content == b"<html>Bad gateway</html>"


async def test_what_is_unknown_passes_the_sdk_and_keeps_its_place(connect: Connect):
    reply = Reply(
        Event("weather", {"sky": "blue"}),
        UnknownBlock(),
        Text("Hi"),
        stop_reason="sunset",
    )
    async with claude.serve(script=Script([reply])) as server:
        api: Any = connect(server).messages
        stream = await api.create(**STREAM)
        # The SDK's own types know nothing of these, so they are looked at as they came.
        events: list[dict[str, Any]] = [vars(event) async for event in stream]

    assert [event["type"] for event in events][:3] == [
        "message_start",
        "weather",
        "content_block_start",
    ]
    assert events[2]["content_block"].type == "hologram"
    assert events[-2]["delta"].stop_reason == "sunset"


@pytest.mark.parametrize(
    "reason",
    ["max_tokens", "pause_turn", "refusal", "model_context_window_exceeded", "stop_sequence"],
)
async def test_a_reply_can_stop_for_any_reason(connect: Connect, reason: str):
    details = {"type": "refusal", "category": "cyber", "explanation": "No."}
    reply = Reply(Text("So"), stop_reason=reason, stop_details=details if reason == "refusal" else None)
    async with claude.serve(script=Script(lambda received, n: reply)) as server:
        api: Any = connect(server).messages
        whole = await api.create(**request())
        async with api.stream(**request()) as stream:
            streamed = await stream.get_final_message()

    for message in (whole, streamed):
        assert message.stop_reason == reason
        if reason == "refusal":
            assert message.stop_details is not None
            assert message.stop_details.category == "cyber"


async def test_tool_input_can_be_cut_off_by_max_tokens_or_be_no_json_at_all():
    cut_off = ToolUse("create_file", '{"path": "a.ts", "content": "ha')
    raw = await raw_answer(Reply(cut_off, stop_reason="max_tokens"))
    nonsense = await raw_answer(Reply(ToolUse("list_files", "not json")))

    deltas = [json.loads(line[6:]) for line in raw.decode().splitlines() if line[:5] == "data:"]
    parts = [event["delta"]["partial_json"] for event in deltas if "partial_json" in str(event)]
    assert "".join(parts) == cut_off.input
    assert b'"stop_reason":"max_tokens"' in raw
    assert b'"partial_json":"not json"' in nonsense


async def test_a_script_may_repeat_a_tool_id():
    raw = await raw_answer(Reply(ToolUse("list_files", id="t"), ToolUse("list_files", id="t")))

    assert raw.count(b'"id":"t"') == 2


async def test_controls_can_stand_before_any_event():
    raw = await raw_answer(Reply(Text("Hello"), at={4: Event("noise"), 5: Cut()}))

    assert event_types(raw) == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "noise",
        "content_block_stop",
    ]


async def test_refused_requests_are_seen_with_their_reason_and_take_no_reply():
    async with claude.serve(script=Script([Reply(Text("ok"))])) as server:
        await post(server, request(temperature=1))
        await post(server, request())

    assert [received.status for received in server.requests] == [400, 200]
    assert server.requests[0].error == "`temperature` is deprecated for this model."
    assert server.requests[0].body["temperature"] == 1
    assert server.replies_played == 1
