"""The variables that change what a client sees, on products of their own."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from dev import composition, upstash
from dev.claude import Gate, Reply, Stall, Text, ToolUse
from tests.end_to_end.contract_world import (
    Vendor,
    World,
    a_world,
    assert_error,
    eventually,
    kinds,
    token,
)
from tests.end_to_end.stack import APPS, PATIENCE, Event, Json, assert_well_formed, session_of, texts

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "/chat"
SECRET = "a-secret-of-this-test-that-is-long-enough"


class Elsewhere(Vendor):
    """A vendor of the product that is mounted at another path."""

    async def send(self, message: str, session: str | None = None) -> list[Event]:
        """Sends a message and gives all of its events."""
        body = {"message": message, "appId": self.app} | ({"sessionId": session} if session else {})
        async with asyncio.timeout(PATIENCE), self.stream("POST", BASE, json=body) as stream:
            assert stream.response.status_code == 200, (await stream.response.aread()).decode()
            return await stream.rest()

    async def look(self, session: str) -> Json:
        """The session as GET gives it."""
        answer = await self.client.get(BASE, params={"sessionId": session})
        assert answer.status_code == 200, answer.text
        return answer.json()["session"]


@asynccontextmanager
async def a_server_that_never_answers() -> AsyncGenerator[str]:
    """The address of a server that takes requests and says nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1024):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tight(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """A product whose every limit is small."""
    async with (
        a_server_that_never_answers() as exa,
        a_world(
            tmp_path_factory.mktemp("tight"),
            BASE_PATH=BASE,
            MODEL="claude-haiku-5-5",
            EXA_BASE_URL=exa,
            RATE_LIMIT_PER_MINUTE="4",
            MAX_CONCURRENT_TURNS="1",
            MAX_STEPS="2",
            TOOL_TIMEOUT_SECONDS="1",
            MODEL_IDLE_TIMEOUT_SECONDS="1",
            TURN_LEASE_SECONDS="2",
            SESSION_TTL_SECONDS="5",
            DAILY_TOKEN_BUDGET="2000000",
            ALLOWED_ORIGINS="https://one.example, https://two.example/",
        ) as world,
    ):
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def vendor(tight: World) -> AsyncGenerator[Elsewhere]:
    vendor = Elsewhere(tight.stack, tight.plays, f"tight-{time.monotonic_ns()}")
    vendor.app = await vendor.new_app()
    yield vendor
    await vendor.client.aclose()


async def test_the_chat_is_mounted_at_its_base_path_and_nowhere_else(vendor: Elsewhere):
    events = await vendor.send("Hi")
    session = session_of(events)
    cancelled = await vendor.client.post(f"{BASE}/{session}/cancel")
    stream = await vendor.client.get(f"{BASE}/{session}/stream")
    elsewhere = await vendor.client.post(
        "/api/vendor/ai-chat-v2", json={"message": "Hi", "appId": vendor.app}
    )

    assert_well_formed(events)
    assert cancelled.json() == {"success": True, "cancelled": False}
    assert stream.status_code == 204
    assert elsewhere.status_code in (404, 405)
    assert (await vendor.client.get(APPS)).status_code == 200


async def test_a_session_keeps_the_model_it_began_with(vendor: Elsewhere):
    events = await vendor.send("Hi")
    session = session_of(events)
    await vendor.redis_command("HSET", f"s:{session}:m", "model", "claude-opus-5-5")
    again = await vendor.send("Again", session)

    assert events[0].data["model"] == "claude-haiku-5-5"
    assert again[0].data["model"] == "claude-opus-5-5"
    assert vendor.model.requests[-1].body["model"] == "claude-opus-5-5"


async def test_the_rate_and_the_number_of_turns_are_the_variables(tight: World, vendor: Elsewhere):
    message = vendor.says(Reply(Text("Half"), Gate("one at once"), Text("done")))
    body = {"message": message, "appId": vendor.app}
    async with asyncio.timeout(PATIENCE), vendor.stream("POST", BASE, json=body) as stream:
        await stream.until("connection_established")
        second = await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app})
        tight.stack.model.open("one at once")
        await stream.rest()
    assert_error(second, 429, "too_many_turns")
    for _ in range(3):
        await vendor.send("Hi")
    fifth = await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app})
    assert_error(fifth, 429, "rate_limited")
    assert 1 <= int(fifth.headers["retry-after"]) <= 60


async def test_a_turn_of_more_steps_than_allowed_ends_in_step_limit(vendor: Elsewhere):
    message = vendor.says(Reply(ToolUse("list_files")))
    events = await vendor.send(message)

    assert_well_formed(events)
    assert len(vendor.plays.asked(message)) == 2
    assert events[-1].data["code"] == "step_limit"


async def test_a_tool_that_hangs_is_timed_out_and_spoils_neither_its_siblings_nor_the_turn(vendor: Elsewhere):
    message = vendor.says(
        Reply(ToolUse("web_search", {"query": "slow"}, id="toolu_s"), ToolUse("list_files", id="toolu_l")),
        Reply(Text("Without the web, then.")),
    )
    events = await vendor.send(message)

    assert_well_formed(events)
    results = next(event for event in events if event.type == "tool_use_complete").data["toolResults"]
    assert [(r["toolId"], r["status"], r["isError"]) for r in results] == [
        ("toolu_s", "timed_out", True),
        ("toolu_l", "completed", False),
    ]
    assert 900 <= results[0]["durationMs"] < 5_000
    settled = [
        event.data["status"]
        for event in events
        if event.type == "tool_use_progress" and event.data["toolId"] == "toolu_s"
    ]
    assert settled == ["running", "timed_out"]
    assert events[-1].type == "message_complete"
    told = vendor.plays.asked(message)[1].messages[-1]["content"]
    assert [block["is_error"] for block in told if block.get("tool_use_id") == "toolu_s"] == [True]


async def test_a_model_that_falls_silent_but_for_pings_is_asked_again(vendor: Elsewhere):
    message = vendor.says(Reply(Text("Half an ans"), Stall(ping_every=0.2)), Reply(Text("The whole.")))
    events = await vendor.send(message)

    assert_well_formed(events)
    assert texts(events) == "The whole."
    assert "step_reset" in kinds(events)
    assert events[-1].type == "message_complete"


async def test_a_session_lives_for_its_seconds_after_its_last_turn(vendor: Elsewhere):
    events = await vendor.send("Hi")
    session = session_of(events)
    metadata = (await vendor.look(session))["metadata"]
    assert metadata["expiresAt"] == metadata["updatedAt"] + 5_000
    await asyncio.sleep(max(0.0, metadata["expiresAt"] / 1000 + 0.2 - time.time()))
    for answer in (
        await vendor.client.get(BASE, params={"sessionId": session}),
        await vendor.client.get(f"{BASE}/{session}/stream"),
        await vendor.client.post(f"{BASE}/{session}/cancel"),
        await vendor.client.post(BASE, json={"message": "Hi", "appId": vendor.app, "sessionId": session}),
        await vendor.client.delete(BASE, params={"sessionId": session}),
    ):
        assert_error(answer, 410, "session_expired")


async def test_a_turn_outlives_a_short_session_life_and_a_short_lease(vendor: Elsewhere):
    slowly = vendor.says(Reply(Text("one two three four five six seven", cuts=14), pace=2))
    began = time.monotonic()
    turn = asyncio.create_task(vendor.send(slowly, session := session_of(await vendor.send("Hi"))))
    await eventually(lambda: bool(vendor.plays.asked(slowly)))
    statuses: set[str] = set()
    while not turn.done():
        statuses.add((await vendor.look(session))["status"])
        await asyncio.sleep(0.3)
    events = await turn

    assert time.monotonic() - began > 6.0
    assert statuses <= {"running", "idle"}
    assert texts(events) == "one two three four five six seven"
    assert (await vendor.look(session))["status"] == "idle"


async def test_a_turn_whose_function_died_is_running_then_interrupted_then_closed(vendor: Elsewhere):
    message = vendor.says(Reply(Text("Half"), ToolUse("list_files"), Gate("never"), Text("x")))
    body = {"message": message, "appId": vendor.app}
    async with asyncio.timeout(PATIENCE), vendor.stream("POST", BASE, json=body) as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        await asyncio.sleep(0.5)  # a flush of the event log, so that what was shown is kept
        for pid in vendor.chat_pids():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises((AssertionError, httpx.RemoteProtocolError)):
            await stream.until("message_complete")
    at_once = (await vendor.look(session))["status"]
    deadline = time.monotonic() + PATIENCE
    while (read := await vendor.look(session))["status"] == "running":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    nothing_runs = await vendor.client.post(f"{BASE}/{session}/cancel")
    events = await vendor.send("Go on", session)
    after = await vendor.look(session)

    assert at_once == "running"
    assert read["status"] == "interrupted"
    assert nothing_runs.json()["cancelled"] is False
    assert events[0].data["turnId"] == 2
    assert events[-1].type == "message_complete"
    blocks = [b["text"] for m in after["messages"] for b in m["content"] if m["turnId"] == 1 and "text" in b]
    assert blocks[1] == "Half"
    assert [b["type"] for m in after["messages"] if m["turnId"] == 1 for b in m["content"]][-1] == "notice"


async def test_what_was_shown_and_not_kept_is_taken_back_when_a_turn_is_taken_up_again(
    tight: World, vendor: Elsewhere
):
    message = vendor.says(
        Reply(ToolUse("list_files")),
        Reply(Gate("kept"), Text("lost words"), Stall(ping_every=0.2)),
        Reply(Text("The whole.")),
    )
    body = {"message": message, "appId": vendor.app}
    async with asyncio.timeout(PATIENCE), vendor.stream("POST", BASE, json=body) as stream:
        await stream.until("step_complete")
        session = session_of(stream.seen)
        tight.stack.model.open("kept")
        await stream.until("text_delta")
        for pid in vendor.chat_pids():
            os.kill(pid, signal.SIGKILL)
    seen = list(stream.seen)
    deadline = time.monotonic() + PATIENCE
    while (await vendor.look(session))["status"] == "running":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    again = {"headers": {"Last-Event-ID": seen[-1].id}, "params": {"continue": "1"}}
    async with asyncio.timeout(PATIENCE), vendor.stream("GET", f"{BASE}/{session}/stream", **again) as stream:
        taken_up = await stream.rest()

    assert texts([*seen, *taken_up]) == "The whole."
    whole = taken_up if taken_up[0].type == "connection_established" else [*seen, *taken_up]
    assert_well_formed(whole)
    assert whole[-1].type == "message_complete"
    assert (await vendor.look(session))["status"] == "idle"


@pytest.mark.parametrize("how", ["cancel", "delete"])
async def test_a_tool_that_runs_is_settled_when_its_turn_is_stopped(vendor: Elsewhere, how: str):
    message = vendor.says(
        Reply(ToolUse("web_search", {"query": "slow"}), ToolUse("create_file", {"path": "a", "content": ""})),
        Reply(Text("Never.")),
    )
    body = {"message": message, "appId": vendor.app}
    async with asyncio.timeout(PATIENCE), vendor.stream("POST", BASE, json=body) as stream:
        await stream.until(lambda event: event.type == "tool_use_progress")
        session = session_of(stream.seen)
        if how == "cancel":
            assert (await vendor.client.post(f"{BASE}/{session}/cancel")).json()["cancelled"] is True
        else:
            await vendor.client.delete(BASE, params={"sessionId": session})
        events = await stream.rest()

    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert len(vendor.plays.asked(message)) == 1


async def test_further_origins_are_allowed_beside_the_pages_own(vendor: Elsewhere):
    for origin in ("https://one.example", "https://two.example", vendor.url):
        for path in (f"{BASE}?appId={vendor.app}", f"{BASE}/none/stream", APPS):
            answer = await vendor.client.get(path, headers={"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == origin
    refused = await vendor.client.get(APPS, headers={"Origin": "https://three.example"})
    assert "access-control-allow-origin" not in refused.headers


@asynccontextmanager
async def composed(data_dir: Path, **variables: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a product with variables that the tests' own tokens don't fit."""
    async with (
        upstash.serve(data_dir=None, token="test-token", engine="valkey") as redis,
        composition.serve(
            {**variables, "UPSTASH_REDIS_REST_URL": redis.url, "UPSTASH_REDIS_REST_TOKEN": redis.token},
            port=0,
            data_dir=data_dir,
        ) as local,
        httpx.AsyncClient(base_url=local.server.url, timeout=PATIENCE) as client,
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
