"""The functions as their operators see them, and that nobody's text is in any of it."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio

from dev.claude import Gate, Reply, Script, Text, ToolUse
from dev.upstash import Faults
from tests.end_to_end.contract_world import Plays, World
from tests.end_to_end.stack import APPS, serve, session_of
from tests.telemetry.collector import Collector, a_collector
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
CANARY = "canary-7d2e"
KEY = "key-of-the-collector"


@dataclass(slots=True)
class Seen:
    """A product, and what its functions wrote and exported."""

    world: World
    collector: Collector
    written: list[str] = field(default_factory=list[str])

    def lines(self, **members: object) -> list[dict[str, Any]]:
        """The lines of JSON in the functions' logs that have these members."""
        found = [json.loads(line) for line in self.written if line.startswith("{")]
        return [line for line in found if all(line.get(name) == value for name, value in members.items())]

    async def until_line(self, **members: object) -> dict[str, Any]:
        """The first such line, once it is there."""
        return (await until(lambda: self.lines(**members)))[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Seen]:
    """A product whose operators want all that they can have."""
    plays, faults, written = Plays(), Faults(), list[str]()
    with a_collector() as collector:
        async with serve(
            tmp_path_factory.mktemp("seen"),
            Script(plays),
            lambda _, line: written.append(line),
            faults=faults,
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_EXPORTER_OTLP_HEADERS=f"api-key={KEY}%3D",
            SENTRY_DSN=collector.dsn,
        ) as stack:
            world = World(stack, plays, faults)
            yield Seen(world, collector, written)
            await world.close()


async def test_a_turn_is_one_trace_of_its_steps_attempts_and_tools(seen: Seen):
    vendor = await seen.world.vendor()
    file = {"path": "a.txt", "content": CANARY}
    message = vendor.says(
        Reply(Text(CANARY), ToolUse("create_file", file)), Reply(Text("Done.")), words=CANARY
    )
    events = await vendor.turn(message)
    session = session_of(events)
    [root] = await until(lambda: [s for s in seen.collector.spans() if s.get("aicode.session") == session])
    spans = [span for span in seen.collector.spans() if span["trace"] == root["trace"]]

    named = {span["id"]: span["name"] for span in spans}
    tree = [(span["name"], named.get(span["parent"])) for span in sorted(spans, key=lambda s: s["began"])]
    assert tree[0] == ("chat", None)
    assert set(tree[1:]) == {("Turn", "chat"), ("Step", "Turn"), ("Attempt", "Step"), ("Tool", "Step")}
    assert [name for name, _ in tree].count("Step") == 2
    assert all(root["began"] <= span["began"] <= span["ended"] <= root["ended"] for span in spans)
    [tool] = [span for span in spans if span["name"] == "Tool"]
    assert (tool["aicode.tool"], tool["aicode.result"]) == ("create_file", "completed")
    assert root["service"] == "aicode-chat"
    assert set(seen.collector.keys) == {f"{KEY}="}
    assert (root["aicode.route"], root["aicode.status"], root["aicode.turn"]) == ("send", 200, 1)


async def test_a_turns_end_is_one_line_of_figures(seen: Seen):
    vendor = await seen.world.vendor()
    message = vendor.says(Reply(ToolUse("list_files")), Reply(Text("Done.")))
    events = await vendor.turn(message)
    line = await seen.until_line(message="turn ended", session=session_of(events))

    usage = events[-1].data["usage"]
    assert (line["outcome"], line["turn"], line["steps"], line["tools"]) == ("complete", 1, 2, 1)
    assert line["attempts"] == 2
    assert (line["input_tokens"], line["output_tokens"]) == (usage["inputTokens"], usage["outputTokens"])
    assert line["dollars"] == pytest.approx(usage["costUsd"], abs=1e-6)
    assert line["ms"] > 0
    assert line["first_token_ms"] > 0


async def test_the_first_token_counts_also_where_the_answer_never_ends(seen: Seen):
    vendor = await seen.world.vendor()
    async with vendor.post(vendor.says(Reply(Text("Half"), Gate("never")))) as stream:
        session = session_of([await stream.until("connection_established")])
        await stream.until("text_delta")
        await vendor.client.post(f"{vendor.base}/{session}/cancel")
        await stream.rest()
    line = await seen.until_line(message="turn ended", session=session)

    assert line["outcome"] == "cancelled"
    assert line["first_token_ms"] > 0


async def test_the_first_byte_is_that_of_a_message_which_begins_a_turn(seen: Seen):
    vendor = await seen.world.vendor()
    session = session_of(await vendor.turn(vendor.says(Reply(Text("Done.")))))
    await vendor.missed(session, "1-0")
    await vendor.session(session)
    for route in ("resume", "read_or_list"):
        await seen.until_line(Route=route)
    sent = await seen.until_line(Route="send", session=session)

    assert sent["FirstByte"] <= sent["RequestDuration"]
    assert {line["Route"] for line in seen.lines() if "FirstByte" in line} == {"send"}


async def test_a_turn_that_a_store_ends_is_counted_as_a_store_that_does_not_answer(seen: Seen):
    vendor = await seen.world.vendor()
    message = vendor.says(Reply(Text("Half"), Gate("a store goes away"), Text(" and half.")))
    async with vendor.post(message) as stream:
        await stream.until("text_delta")
        seen.world.faults.add("bad_gateway")
        vendor.model.open("a store goes away")
        events = await stream.rest()
        seen.world.faults.clear()

    assert (events[-1].type, events[-1].data["code"]) == ("error", "store_unavailable")
    ended = await seen.until_line(message="turn ended", outcome="store_unavailable")
    of_it = [line for line in seen.lines(request_id=ended["request_id"]) if "_aws" in line]
    assert [line["StoreUnavailable"] for line in of_it if "StoreUnavailable" in line] == [1]


async def test_an_error_on_the_page_leads_to_its_lines_in_the_log(seen: Seen):
    vendor = await seen.world.vendor()
    events = await vendor.turn(vendor.says(Reply(status=400, message=CANARY), words=CANARY))
    again = await vendor.missed(session_of(events), "1-0")

    assert events[-1].type == again[-1].type == "error"
    request_id = events[-1].data["requestId"]
    assert again[-1].data["requestId"] == request_id
    ended = await seen.until_line(message="turn ended", request_id=request_id)
    [attempt] = seen.lines(message="attempt", request_id=request_id)
    assert (ended["outcome"], ended["session"]) == ("model_error", session_of(events))
    assert attempt["outcome"].startswith("400")


async def test_a_failure_nobody_foresaw_is_logged_and_reported_by_its_type_and_place(seen: Seen):
    vendor = await seen.world.vendor()
    session = session_of(await vendor.turn("Hi"))
    await vendor.redis_command("HSET", f"s:{session}:m", "created", CANARY)
    # No document tells of a failure of ours, so the client that knows it would refuse the answer.
    async with httpx.AsyncClient(base_url=vendor.url, headers=vendor.client.headers) as client:
        answer = await client.get(vendor.base, params={"sessionId": session})
    request_id = answer.json()["error"]["requestId"]
    line = await seen.until_line(message="unexpected error", request_id=request_id)
    [event] = await until(
        lambda: [e for e in seen.collector.events() if e["tags"].get("request_id") == request_id]
    )

    assert answer.status_code == 500
    assert (line["error"], line["service"]) == ("ValueError", "session")
    assert await seen.until_line(message="request failed", request_id=request_id, status=500)
    [exception] = event["exception"]["values"]
    assert (exception["type"], exception.get("value")) == ("ValueError", "")
    frames = exception["stacktrace"]["frames"]
    assert any(frame["function"] == "read_or_list" for frame in frames)
    assert not any("vars" in frame for frame in frames)
    assert event["tags"]["service"] == "session"


async def test_what_vendors_and_claude_write_is_in_no_log_no_trace_and_no_report(seen: Seen):
    vendor = await seen.world.vendor()
    file = {"path": f"{CANARY}.txt", "content": CANARY}
    edit = {"path": f"{CANARY}.txt", "edits": [{"old": f"no {CANARY}", "new": CANARY}]}
    message = vendor.says(
        Reply(Text(CANARY), ToolUse("create_file", file), ToolUse("edit_file", edit), ToolUse(CANARY, {})),
        Reply(status=529, message=CANARY),
        Reply(ToolUse("search_files", {"pattern": CANARY})),
        Reply(status=400, message=CANARY),
        words=CANARY,
    )
    events = await vendor.turn(message)
    session = session_of(events)
    rename = {"title": CANARY}
    await vendor.client.put(vendor.base, params={"sessionId": session}, json=rename)
    await vendor.client.put(f"{APPS}/{vendor.app}/file", json={**file, "baseVersion": 9})
    seen.world.faults.add("bad_gateway")
    failed = await vendor.client.put(vendor.base, params={"sessionId": session}, json=rename)
    seen.world.faults.clear()
    await seen.until_line(message="turn ended", session=session)

    assert events[-1].type == "error"
    assert failed.status_code == 503
    assert await seen.until_line(message="request failed", code="store_unavailable")
    assert {line["tool"] for line in seen.lines(message="tool", session=session)} >= {
        "create_file",
        "unknown",
    }
    bearer = vendor.client.headers["authorization"].removeprefix("Bearer ")
    told = "\n".join([*seen.written, seen.collector.all_of_it()])
    for text in (CANARY, KEY, bearer):
        assert text not in told
