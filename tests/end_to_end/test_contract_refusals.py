"""Errors before a stream: methods, media types, sizes, JSON, and a vendor's limits by minute and day."""

import asyncio
import json
import time
from typing import Any

import pytest

from dev.claude import Gate, Reply, Text, ToolUse
from tests.end_to_end.contract_world import (
    Vendor,
    World,
    assert_error,
    assert_guarded,
    kinds,
)
from tests.end_to_end.stack import APPS, BASE, assert_well_formed, session_of
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

METHODS = {
    BASE: {"GET", "POST", "PUT", "DELETE"},
    BASE + "/budget": {"GET"},
    BASE + "/some-session/stream": {"GET"},
    BASE + "/some-session/cancel": {"POST"},
    APPS: {"GET", "POST"},
    APPS + "/some-app": {"PUT", "DELETE"},
    APPS + "/some-app/files": {"GET"},
    APPS + "/some-app/file": {"GET", "PUT", "DELETE"},
    APPS + "/some-app/raw": {"GET"},
    APPS + "/some-app/rename": {"POST"},
    APPS + "/some-app/checkpoints": {"GET"},
    APPS + "/some-app/diff": {"GET"},
    APPS + "/some-app/restore": {"POST"},
    APPS + "/some-app/export.zip": {"GET"},
    APPS + "/some-app/export.bundle": {"GET"},
    APPS + "/some-app/git": {"GET", "PUT", "DELETE"},
    APPS + "/some-app/git/push": {"POST"},
    APPS + "/import": {"POST"},
}
ALL_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", METHODS)
async def test_a_method_that_a_route_does_not_take_is_405(vendor: Vendor, path: str):
    for method in ALL_METHODS:
        answer = await vendor.client.request(method, path)
        if method in METHODS[path]:
            assert answer.status_code in (200, 400, 404, 415), (method, answer.text)
            assert_guarded(answer)
        else:
            assert_error(answer, 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/",
        f"{BASE}/s",
        f"{BASE}/s/other",
        f"{BASE}/s/stream/more",
        f"{BASE}//stream",
        f"{BASE}/a/b/stream",
        f"{APPS}/",
        f"{APPS}/a/other",
        f"{APPS}/a/file/",
        f"{APPS}//files",
        f"{BASE}x",
    ],
)
async def test_a_path_that_is_no_route_is_404_or_405_in_the_contracts_shape(vendor: Vendor, path: str):
    for method in ("POST", "PUT"):
        answer = await vendor.client.request(method, path, json={})
        expected = {404: "not_found", 405: "method_not_allowed"}
        assert answer.status_code in expected, (method, answer.status_code)
        if "error" in answer.json():
            assert_error(answer, answer.status_code, expected[answer.status_code])


def bodies(vendor: Vendor) -> list[tuple[str, str, dict[str, Any]]]:
    """Every call with a body, with one that is valid as far as its shape goes."""
    files = f"{APPS}/{vendor.app}"
    return [
        ("POST", BASE, {"message": "Hi", "appId": "absent"}),
        ("PUT", f"{BASE}?sessionId=absent", {"title": "Another"}),
        ("POST", APPS, {"name": "Another"}),
        ("PUT", files, {"name": "Another"}),
        ("PUT", f"{files}/file", {"path": "a.txt", "content": "x", "baseVersion": 7}),
        ("POST", f"{files}/rename", {"path": "a.txt", "newPath": "b.txt", "baseVersion": 7}),
        ("POST", f"{files}/restore", {"revision": 0}),
    ]


async def test_a_body_that_is_not_declared_as_json_is_415(vendor: Vendor):
    for method, path, body in bodies(vendor):
        for declared in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
            "text/json",
        ):
            answer = await vendor.client.request(
                method, path, content=json.dumps(body), headers={"Content-Type": declared}
            )
            assert_error(answer, 415, "unsupported_media_type")
        assert_error(
            await vendor.client.request(method, path, content=json.dumps(body)), 415, "unsupported_media_type"
        )
        for declared in ("application/json; charset=utf-8", "Application/JSON"):
            answer = await vendor.client.request(
                method, path, content=json.dumps(body), headers={"Content-Type": declared}
            )
            assert answer.status_code in (200, 201, 404, 409), answer.text


def broken(body: dict[str, Any]) -> list[bytes]:
    """Bodies that are not one JSON object with each known key once."""
    good = json.dumps(body)
    first = json.dumps(next(iter(body)))
    return [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        good.encode() + b"x",
        good.encode("utf-16"),
        b"\xef\xbb\xbf" + good.encode(),
        b'{"a":"\xff"}',
        f'{good[:-1]},"more":1}}'.encode(),
        f"{good[:-1]},{first}:{json.dumps(next(iter(body.values())))}}}".encode(),
        f'{good[:-1]},"__proto__":{{}}}}'.encode(),
        f"{{{first}:NaN}}".encode(),
        f"{{{first}:Infinity}}".encode(),
        f"{{{first}:{'9' * 5000}}}".encode(),
        f"{{{first}:{'[' * 50_000}}}".encode(),
        b"[" * 100_000,
        f'{{{first}:"\\ud800"}}'.encode(),
        f'{{{first}:"\\udc00\\ud800"}}'.encode(),
        f"{{{first}:null}}".encode(),
        f"{{{first}:1.5}}".encode(),
        f"{{{first}:true}}".encode(),
        f"{{{first}:{{}}}}".encode(),
        f"{{'{first}':1}}".encode(),
    ]


async def test_a_body_that_is_no_sound_json_object_of_known_fields_is_400(vendor: Vendor):
    for method, path, body in bodies(vendor):
        for content in broken(body):
            answer = await vendor.client.request(method, path, content=content, headers=JSON)
            assert answer.status_code == 400, (path, content[:80], answer.text)
            assert_error(answer, 400, "invalid_request")


async def test_every_field_that_is_missing_is_400(vendor: Vendor):
    for method, path, body in bodies(vendor):
        for name in body:
            less = {key: value for key, value in body.items() if key != name}
            assert_error(await vendor.client.request(method, path, json=less), 400, "invalid_request")


async def test_bodies_have_a_limit_of_256_kb_and_6_mb_for_a_file(vendor: Vendor):
    def padded(body: dict[str, Any], size: int) -> bytes:
        return json.dumps(body).encode().ljust(size)

    for method, path, body in bodies(vendor):
        limit = 6_000_000 if path.endswith("/file") else 256 * 1024
        within = await vendor.client.request(method, path, content=padded(body, limit), headers=JSON)
        assert within.status_code in (200, 201, 404, 409), within.text
        if limit == 256 * 1024:
            beyond = await vendor.client.request(method, path, content=padded(body, limit + 1), headers=JSON)
            assert_error(beyond, 413, "too_large")
    cancel = f"{BASE}/nothing/cancel"
    assert_error(
        await vendor.client.post(cancel, content=b" " * (256 * 1024 + 1), headers=JSON), 413, "too_large"
    )
    assert_error(await vendor.client.post(BASE, content=b" " * 6_000_000, headers=JSON), 413, "too_large")


async def test_what_is_larger_than_lambda_takes_is_refused_by_lambda(vendor: Vendor):
    for method, path in (("PUT", f"{APPS}/{vendor.app}/file"), ("POST", BASE)):
        answer = await vendor.client.request(method, path, content=b" " * 7_000_000, headers=JSON)
        assert (answer.status_code, list(answer.json())) == (413, ["Message"])


async def test_a_message_has_1_to_10_000_code_points_and_is_not_blank(vendor: Vendor):
    async def status(message: Any) -> int:
        body = {"message": message, "appId": "absent"}
        return (await vendor.client.post(BASE, json=body)).status_code

    emoji = "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}"
    for accepted in (
        "x",
        "x" * 10_000,
        emoji * 5_000,
        "\N{GRINNING FACE}" * 10_000,
        " x ",
        "\u00e9" * 10_000,
    ):
        assert await status(accepted) == 404
    for refused in (
        *(
            "",
            " ",
            "\n\t ",
            "\u00a0\u2003\u3000",
            "x" * 10_001,
            emoji * 5_000 + "x",
            "\N{GRINNING FACE}" * 10_001,
        ),
        *(None, 7, True, ["x"], {"text": "x"}),
    ):
        assert await status(refused) == 400, refused


async def test_the_longest_message_goes_through_the_whole_product(vendor: Vendor):
    message = "\N{GRINNING FACE}" * 9_990 + "\u2028\u0085\x00 \r\n\u200d"
    events = await vendor.turn(message)
    session = await vendor.session(session_of(events))

    assert_well_formed(events)
    assert session["messages"][0]["content"] == [{"type": "text", "text": message}]


async def test_ids_of_a_message_have_their_shape(vendor: Vendor):
    for bad in ("", "a b", "a/b", "a" * 65, "\u00e4", "a\n", "a.b", None, 7):
        body = {"message": "Hi", "appId": vendor.app, "messageId": bad}
        assert_error(await vendor.client.post(BASE, json=body), 400, "invalid_request")
    for absent in ("", "no such app", "a" * 65, "../x"):
        assert_error(
            await vendor.client.post(BASE, json={"message": "Hi", "appId": absent}), 404, "not_found"
        )
        body = {"message": "Hi", "appId": vendor.app, "sessionId": absent}
        assert_error(await vendor.client.post(BASE, json=body), 404, "not_found")
    events = await vendor.turn("Hi", messageId="A-z_9" + "x" * 59)
    assert events[0].data["messageId"] == "A-z_9" + "x" * 59


async def test_an_unknown_session_is_never_made(vendor: Vendor):
    body = {"message": "Hi", "appId": vendor.app, "sessionId": "my-own-session"}
    assert_error(await vendor.client.post(BASE, json=body), 404, "not_found")
    read = await vendor.client.get(BASE, params={"sessionId": "my-own-session"})
    listed = await vendor.client.get(BASE, params={"appId": vendor.app})

    assert_error(read, 404, "not_found")
    assert listed.json() == {"success": True, "sessions": []}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "sessionId=",
        "appId=",
        "sessionId=a&appId=b",
        "sessionId=a&sessionId=b",
        "sessionId=%ff",
        "sessionId=a&limit=0",
        "sessionId=a&limit=-1",
        "sessionId=a&limit=x",
        "sessionId=a&limit=1.5",
        "sessionId=a&limit=",
        "&".join(f"a{n}=1" for n in range(60)),
    ],
)
async def test_a_question_about_sessions_that_makes_no_sense_is_400(vendor: Vendor, query: str):
    assert_error(await vendor.client.get(f"{BASE}?{query}"), 400, "invalid_request")


async def test_a_session_is_deleted_by_its_id_alone(vendor: Vendor):
    for query in ("", "sessionId=", f"appId={vendor.app}", f"sessionId=a&appId={vendor.app}"):
        assert_error(await vendor.client.delete(f"{BASE}?{query}"), 400, "invalid_request")


async def test_thirty_messages_a_minute_are_let_in_and_the_next_is_told_when(vendor: Vendor):
    session = session_of(await vendor.turn("Hi", messageId="first"))
    # Twenty-seven more, which a slow machine might not get through in a minute.
    now = int(time.time() * 1000)
    await vendor.redis_command("LPUSH", f"rate:{vendor.name}", *[now] * 27)
    for _ in range(2):
        await vendor.turn("Hi", session)
    refused = await vendor.client.post(
        BASE, json={"message": "Hi", "appId": vendor.app, "sessionId": session}
    )
    again = await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app, "messageId": "first"})
    read = await vendor.session(session)

    for one_too_many in (refused, again):
        assert_error(one_too_many, 429, "rate_limited")
        assert 1 <= int(one_too_many.headers["retry-after"]) <= 60
    assert read["metadata"]["turns"] == 3


async def test_the_rate_is_a_sliding_window_of_one_minute(vendor: Vendor):
    session = session_of(await vendor.turn("Hi"))

    async def sent(oldest: int, *, times: int) -> int:
        """What was sent, newest first, the oldest so many seconds ago and the others a second; it is now."""
        now = int(time.time() * 1000)
        await vendor.redis_command("DEL", f"rate:{vendor.name}")
        others = [now - 1_000 + n for n in range(times - 2, -1, -1)]
        await vendor.redis_command("RPUSH", f"rate:{vendor.name}", *others, now - oldest * 1000)
        return now

    began = await sent(20, times=30)
    refused = await vendor.client.post(
        BASE, json={"message": "Hi", "appId": vendor.app, "sessionId": session}
    )
    waited = time.time() - began / 1000
    await sent(60, times=30)

    assert_error(refused, 429, "rate_limited")
    assert 40 - waited - 1 <= int(refused.headers["retry-after"]) <= 40
    assert (await vendor.turn("Hi", session))[0].data["turnId"] == 2


async def test_three_turns_run_at_once_and_a_fourth_is_429(world: World, vendor: Vendor):
    held = vendor.says(Reply(Gate("three"), Text("Done.")))
    running = [asyncio.create_task(vendor.turn(held)) for _ in range(3)]
    await until(lambda: len(vendor.plays.asked(held)) == 3)
    refused = await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app})
    world.stack.model.open("three")
    finished = await asyncio.gather(*running)

    assert_error(refused, 429, "too_many_turns")
    assert int(refused.headers["retry-after"]) >= 1
    assert {events[-1].type for events in finished} == {"message_complete"}
    assert (await vendor.turn("Hi"))[-1].type == "message_complete"


def tokens_of_today(vendor: Vendor) -> str:
    return f"tokens:{vendor.name}:{time.strftime('%Y%m%d', time.gmtime())}"


async def test_a_used_up_budget_refuses_the_next_message(vendor: Vendor):
    await vendor.redis_command("SET", tokens_of_today(vendor), 2_000_000)
    refused = await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app})

    assert_error(refused, 429, "budget_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400


async def test_a_turn_ends_after_the_step_that_crossed_the_budget(vendor: Vendor):
    await vendor.redis_command("SET", tokens_of_today(vendor), 1_999_999)
    message = vendor.says(Reply(ToolUse("list_files")), Reply(Text("Never said.")))
    events = await vendor.turn(message)
    session = await vendor.session(session_of(events))

    assert_well_formed(events)
    assert kinds(events)[-2:] == ["step_complete", "error"]
    assert events[-1].data["code"] == "budget_exceeded"
    assert len(vendor.plays.asked(message)) == 1
    assert session["status"] == "error"
    assert session["messages"][-1]["content"][0]["type"] == "notice"
    assert int(await vendor.redis_command("GET", tokens_of_today(vendor))) > 2_000_000


async def test_all_tokens_count_against_the_budget_and_those_from_the_cache_a_tenth(vendor: Vendor):
    events = await vendor.turn("Hi")
    usage = events[-1].data["usage"]
    spent = int(await vendor.redis_command("GET", tokens_of_today(vendor)))

    in_full = sum(usage[name] for name in ("inputTokens", "outputTokens", "cacheWriteTokens"))
    assert spent == in_full + -(-usage["cacheReadTokens"] // 10)
    assert usage["costUsd"] > 0


async def test_without_the_session_store_every_chat_route_is_503_within_three_seconds(
    world: World, vendor: Vendor
):
    session = session_of(await vendor.turn("Hi"))
    calls: list[tuple[str, str, Any]] = [
        ("POST", BASE, {"message": "Hi", "appId": vendor.app}),
        ("POST", BASE, {"message": "Hi", "appId": vendor.app, "sessionId": session}),
        ("GET", f"{BASE}/{session}/stream", None),
        ("POST", f"{BASE}/{session}/cancel", None),
        ("GET", f"{BASE}?sessionId={session}", None),
        ("GET", f"{BASE}?appId={vendor.app}", None),
        ("DELETE", f"{BASE}?sessionId={session}", None),
    ]

    async def unavailable(method: str, path: str, body: Any) -> float:
        """The seconds that the answer took."""
        began = time.monotonic()
        answer = await vendor.client.request(method, path, json=body)
        assert_error(answer, 503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        return time.monotonic() - began

    try:
        for kind in ("drop_request", "bad_gateway", "unauthorized", "out_of_memory"):
            fault = world.faults.add(kind)
            for call in calls:
                await unavailable(*call)
            assert fault.struck
            world.faults.clear()
        world.faults.add("hang")
        for call in (calls[0], calls[4]):
            # What else the machine has to do makes some answers later, and none earlier.
            tries = 5
            while await unavailable(*call) >= 3.0:
                tries -= 1
                assert tries
    finally:
        world.faults.clear()

    assert (await vendor.turn("Hi", session))[-1].type == "message_complete"
    assert (await vendor.session(session))["metadata"]["turns"] == 2
