"""The variables that change what a client sees, on products of their own."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from dev import composition, upstash
from dev.claude import Gate, Reply, Stall, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, World, assert_error, kinds, token
from tests.end_to_end.documented_client import documented_client
from tests.end_to_end.limited_world import BASE
from tests.end_to_end.stack import APPS, Json, assert_well_formed, session_of, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "a-secret-of-this-test-that-is-long-enough"


async def test_the_chat_is_mounted_at_its_base_path_and_nowhere_else(limited: Vendor):
    events = await limited.turn("Hi")
    session = session_of(events)
    cancelled = await limited.client.post(f"{BASE}/{session}/cancel")
    stream = await limited.client.get(f"{BASE}/{session}/stream")
    elsewhere = await limited.client.post(
        "/api/vendor/ai-chat-v2", json={"message": "Hi", "appId": limited.app}
    )

    assert_well_formed(events)
    assert cancelled.json() == {"success": True, "cancelled": False}
    assert stream.status_code == 204
    assert elsewhere.status_code in (404, 405)
    assert (await limited.client.get(APPS)).status_code == 200


async def test_a_session_keeps_the_model_it_began_with(limited: Vendor):
    events = await limited.turn("Hi")
    session = session_of(events)
    await limited.redis_command("HSET", f"s:{session}:m", "model", "claude-opus-5-5")
    again = await limited.turn("Again", session)

    assert events[0].data["model"] == "claude-haiku-5-5"
    assert again[0].data["model"] == "claude-opus-5-5"
    assert limited.model.requests[-1].body["model"] == "claude-opus-5-5"


async def test_a_new_session_gets_its_title_from_a_small_model(tight: World, limited: Vendor):
    reply = Reply(Text("Hello,"), Gate("titled"), Text(" vendor."))
    message = limited.says(reply, words="Please make me a shopping list with prices")
    async with asyncio.timeout(PATIENCE), limited.post(message) as stream:
        first = await stream.until("session_title")
        second = await stream.until("session_title")
        tight.stack.model.open("titled")
        events = await stream.rest()
    session = await limited.session(session_of(events))
    await limited.turn("And now?", session_of(events))
    told = [request for request in tight.stack.model.requests if message in str(request.body)]
    asked = [request.body for request in told if not request.body.get("tools")]

    assert_well_formed(events)
    assert first.data == {"title": message}
    assert second.data["title"].startswith("Shopping list with prices")
    assert session["title"] == second.data["title"]
    assert events[-1].data["usage"] == session["metadata"]["usage"]
    assert len(asked) == 1
    assert asked[0]["model"] == "claude-haiku-5-5"


async def test_the_rate_and_the_number_of_turns_are_the_variables(tight: World, limited: Vendor):
    message = limited.says(Reply(Text("Half"), Gate("one at once"), Text("done")))
    body = {"message": message, "appId": limited.app}
    async with asyncio.timeout(PATIENCE), limited.stream("POST", BASE, json=body) as stream:
        await stream.until("connection_established")
        second = await limited.client.post(BASE, json={"message": "Hi", "appId": limited.app})
        tight.stack.model.open("one at once")
        await stream.rest()
    assert_error(second, 429, "too_many_turns")
    for _ in range(3):
        await limited.turn("Hi")
    fifth = await limited.client.post(BASE, json={"message": "Hi", "appId": limited.app})
    assert_error(fifth, 429, "rate_limited")
    assert 1 <= int(fifth.headers["retry-after"]) <= 60


async def test_the_number_of_streams_beside_those_of_own_turns_is_the_variable(tight: World, limited: Vendor):
    message = limited.says(Reply(Text("Half"), Gate("two readers"), Text("done")))
    body = {"message": message, "appId": limited.app, "messageId": "read"}
    async with asyncio.timeout(PATIENCE), limited.stream("POST", BASE, json=body) as own:
        await own.until("text_delta")
        session = session_of(own.seen)
        async with limited.resume(session) as first, limited.resume(session) as second:
            await second.until("text_delta")
            third = await limited.client.get(f"{BASE}/{session}/stream", headers={"Origin": limited.url})
            same_message = await limited.client.post(BASE, json=body)
            tight.stack.model.open("two readers")
            streams = [await stream.rest() for stream in (own, first, second)]

    for refused in (third, same_message):
        assert_error(refused, 429, "too_many_streams")
        assert int(refused.headers["retry-after"]) >= 1
    assert third.headers["access-control-expose-headers"] == "retry-after"
    assert {texts(stream) for stream in streams} == {"Halfdone"}
    assert texts(await limited.missed(session, "1-0")) == "Halfdone"


async def test_a_turn_of_more_steps_than_allowed_ends_in_step_limit(limited: Vendor):
    message = limited.says(Reply(ToolUse("list_files")))
    events = await limited.turn(message)

    assert_well_formed(events)
    assert len(limited.plays.asked(message)) == 2
    assert events[-1].data["code"] == "step_limit"


async def test_a_tool_that_hangs_is_timed_out_and_spoils_neither_its_siblings_nor_the_turn(limited: Vendor):
    message = limited.says(
        Reply(ToolUse("web_search", {"query": "slow"}, id="toolu_s"), ToolUse("list_files", id="toolu_l")),
        Reply(Text("Without the web, then.")),
    )
    events = await limited.turn(message)

    assert_well_formed(events)
    results = next(event for event in events if event.type == "tool_use_complete").data["toolResults"]
    assert [(r["toolId"], r["status"], r["isError"]) for r in results] == [
        ("toolu_s", "timed_out", True),
        ("toolu_l", "completed", False),
    ]
    assert results[0]["durationMs"] >= 3_900
    settled = [
        event.data["status"]
        for event in events
        if event.type == "tool_use_progress" and event.data["toolId"] == "toolu_s"
    ]
    assert settled == ["running", "timed_out"]
    assert events[-1].type == "message_complete"
    told = limited.plays.asked(message)[1].messages[-1]["content"]
    assert [block["is_error"] for block in told if block.get("tool_use_id") == "toolu_s"] == [True]


async def test_a_model_that_falls_silent_but_for_pings_is_asked_again(limited: Vendor):
    message = limited.says(Reply(Text("Half an ans"), Stall(ping_every=0.2)), Reply(Text("The whole.")))
    events = await limited.turn(message)

    assert_well_formed(events)
    assert texts(events) == "The whole."
    assert "step_reset" in kinds(events)
    assert events[-1].type == "message_complete"


async def test_a_session_lives_for_its_seconds_after_its_last_turn_and_leaves_no_key_behind(limited: Vendor):
    message = limited.says(Reply(ToolUse("create_file", {"path": "a", "content": ""})), Reply(Text("Done.")))
    session = session_of(await limited.turn(message))
    await limited.turn("And now?", session)
    metadata = (await limited.session(session))["metadata"]
    assert metadata["expiresAt"] == metadata["updatedAt"] + 8_000
    assert await keys_of(limited, session)

    async def is_over() -> bool:
        return (await limited.client.get(BASE, params={"sessionId": session})).status_code == 410

    await until(is_over)
    assert time.time() * 1000 >= metadata["expiresAt"]
    for answer in (
        await limited.client.get(BASE, params={"sessionId": session}),
        await limited.client.get(f"{BASE}/{session}/stream"),
        await limited.client.post(f"{BASE}/{session}/cancel"),
        await limited.client.post(BASE, json={"message": "Hi", "appId": limited.app, "sessionId": session}),
        await limited.client.delete(BASE, params={"sessionId": session}),
    ):
        assert_error(answer, 410, "session_expired")

    async def has_no_key() -> bool:
        return not await keys_of(limited, session)

    await until(has_no_key)


async def keys_of(vendor: Vendor, session: str) -> list[str]:
    """What the store has of the vendor, but for the day's tokens and the minute's rates."""
    known: list[str] = await vendor.redis_command("KEYS", "*")
    own = [key for key in known if vendor.name in key or vendor.app in key or session in key]
    return [key for key in own if not key.startswith(("tokens:", "rate:", "requests:"))]


async def test_a_turn_outlives_a_short_session_life_and_a_short_lease(limited: Vendor):
    slowly = limited.says(Reply(Text("one two three four five six seven", cuts=14), pace=1.4))
    began = time.monotonic()
    turn = asyncio.create_task(limited.turn(slowly, session := session_of(await limited.turn("Hi"))))
    await until(lambda: bool(limited.plays.asked(slowly)))
    statuses: set[str] = set()
    while not turn.done():
        statuses.add((await limited.session(session))["status"])
        await asyncio.sleep(0.3)
    events = await turn

    assert time.monotonic() - began > 9.0
    assert statuses <= {"running", "idle"}
    assert texts(events) == "one two three four five six seven"
    assert (await limited.session(session))["status"] == "idle"


@pytest.mark.parametrize("how", ["cancel", "delete"])
async def test_a_tool_that_runs_is_settled_when_its_turn_is_stopped(limited: Vendor, how: str):
    message = limited.says(
        Reply(ToolUse("web_search", {"query": "slow"}), ToolUse("create_file", {"path": "a", "content": ""})),
        Reply(Text("Never.")),
    )
    body = {"message": message, "appId": limited.app}
    async with asyncio.timeout(PATIENCE), limited.stream("POST", BASE, json=body) as stream:
        await stream.until(lambda event: event.type == "tool_use_progress")
        session = session_of(stream.seen)
        if how == "cancel":
            assert (await limited.client.post(f"{BASE}/{session}/cancel")).json()["cancelled"] is True
        else:
            await limited.client.delete(BASE, params={"sessionId": session})
        events = await stream.rest()

    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert len(limited.plays.asked(message)) == 1


async def test_further_origins_are_allowed_beside_the_pages_own(limited: Vendor):
    for origin in ("https://one.example", "https://two.example", limited.url):
        for path in (f"{BASE}?appId={limited.app}", f"{BASE}/none/stream", APPS):
            answer = await limited.client.get(path, headers={"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == origin
    refused = await limited.client.get(APPS, headers={"Origin": "https://three.example"})
    assert "access-control-allow-origin" not in refused.headers


@asynccontextmanager
async def composed(data_dir: Path, **variables: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a product with variables that the tests' own tokens don't fit."""
    async with (
        upstash.serve(data_dir=None, token="test-token") as redis,
        composition.serve(
            {**variables, "UPSTASH_REDIS_REST_URL": redis.url, "UPSTASH_REDIS_REST_TOKEN": redis.token},
            port=0,
            data_dir=data_dir,
        ) as local,
        documented_client(local.server.url) as client,
    ):
        yield client


async def apps(client: httpx.AsyncClient, signed: str, **headers: str) -> httpx.Response:
    """The list of apps, asked for with a token."""
    return await client.get(APPS, headers={"Authorization": f"Bearer {signed}", **headers})


async def test_tokens_are_of_the_configured_issuer_audience_and_secret(tmp_path: Path):
    async with composed(
        tmp_path,
        VENDOR_JWT_SECRET=SECRET,
        VENDOR_JWT_ISSUER="https://issuer.example",
        VENDOR_JWT_AUDIENCE="my-product",
        PUBLIC_ORIGIN="https://page.example",
    ) as client:
        own: Json = {"iss": "https://issuer.example", "aud": "my-product"}
        good = await apps(client, token(own, key=SECRET), Origin="https://page.example")
        assert good.status_code == 200
        assert good.headers["access-control-allow-origin"] == "https://page.example"
        local_page = await apps(client, token(own, key=SECRET), Origin=str(client.base_url).rstrip("/"))
        assert "access-control-allow-origin" not in local_page.headers
        for claims in ({"aud": "my-product"}, {**own, "iss": "other"}, {**own, "aud": "aicode"}):
            assert_error(await apps(client, token(claims, key=SECRET)), 401, "unauthenticated")
        other = token(own, key="another-secret-that-is-long-enough-too")
        assert_error(await apps(client, other), 401, "unauthenticated")


async def test_tokens_may_be_signed_with_a_key_set_instead(tmp_path: Path):
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ec_key = ec.generate_private_key(ec.SECP256R1())
    keys = {
        "keys": [
            {**RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True), "kid": "r", "use": "sig"},
            {**ECAlgorithm.to_jwk(ec_key.public_key(), as_dict=True), "kid": "e", "use": "sig"},
        ]
    }

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(keys).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    try:
        async with composed(tmp_path, VENDOR_JWKS_URL=url) as client:
            by_rsa = token(key=rsa_key, algorithm="RS256", headers={"kid": "r"})
            by_ec = token(key=ec_key, algorithm="ES256", headers={"kid": "e"})
            for signed in (by_rsa, by_ec):
                assert (await apps(client, signed)).status_code == 200
            for signed in (
                token(),
                token(headers={"kid": "r"}),
                token(key=rsa_key, algorithm="RS256", headers={"kid": "e"}),
                token(key=rsa_key, algorithm="RS256", headers={"kid": "unknown"}),
                token(key=rsa_key, algorithm="RS384", headers={"kid": "r"}),
                token({"exp": 1}, key=rsa_key, algorithm="RS256", headers={"kid": "r"}),
            ):
                assert_error(await apps(client, signed), 401, "unauthenticated")
            assert (await apps(client, by_rsa)).status_code == 200
    finally:
        server.close()


async def test_a_key_set_that_cannot_be_had_is_503(tmp_path: Path):
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    async with composed(tmp_path, VENDOR_JWKS_URL="http://127.0.0.1:9/keys") as client:
        answer = await apps(client, token(key=rsa_key, algorithm="RS256", headers={"kid": "r"}))

    assert_error(answer, 503, "store_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
