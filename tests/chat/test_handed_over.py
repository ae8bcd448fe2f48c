"""A turn in the invocation that it was handed over to: nobody listens there, and nobody need."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from function_process import function_process
from turn_world import APP, VENDOR, World

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.history.records import Record
from dev import claude
from dev.claude import Reply, Script, Text
from dev.upstash import Faults

INVOCATION = """
import asyncio, json, os, sys
from types import SimpleNamespace

import chat.app


async def main():
    context = SimpleNamespace(
        aws_request_id="invocation-1",
        invoked_function_arn="chat",
        get_remaining_time_in_millis=lambda: 900_000,
    )
    try:
        response = await chat.app.handler(json.loads(os.environ["EVENT"]), context)
    except Exception as error:
        print("raised", type(error).__name__, flush=True)
        os._exit(0)
    body = b"".join([chunk async for chunk in response.body])
    print(response.status, len(body), flush=True)
    os._exit(0)


asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A turn whose owner has handed it over, and the invocation that follows."""

    world: World
    sid: str
    event: object
    variables: dict[str, str]

    async def invoked(self) -> str:
        return await invoked(self.world, self.event, self.variables)

    async def said(self) -> list[str]:
        entries = (await self.world.view(self.sid)).entries
        return [_text(entry["record"]) for entry in entries if entry["record"]["kind"] == "step"]

    async def status(self) -> str:
        return (await self.world.view(self.sid)).state.status


@pytest.fixture
async def turn(world: World, tmp_path: Path) -> AsyncGenerator[HandedOver]:
    data = tmp_path / "data"
    data.mkdir()
    store = SqliteFileStore(data / "apps.sqlite3")
    await store.create_app(VENDOR, "App", app_id=APP)
    store.close()
    world.clock = int(time.time() * 1000)
    writer = (await world.begin()).writer
    event = {"handover": {"vendor": VENDOR, "sessionId": writer.sid, "epoch": writer.epoch}}
    async with claude.serve(script=Script(lambda _request, _n: Reply(Text("Hello again.")))) as model:
        variables = {"DATA_DIR": str(data), "ANTHROPIC_BASE_URL": model.url}
        yield HandedOver(world, writer.sid, event, variables)


def faults(world: World) -> Faults:
    assert world.redis.faults is not None
    return world.redis.faults


async def test_a_turn_that_was_handed_over_answers_lambda_with_nothing(turn: HandedOver):
    """Lambda takes no more than 6 MB from an invocation that is not streamed to anybody."""
    told = await turn.invoked()
    again = await turn.invoked()

    assert (told, again) == ("200 0", "200 0")
    assert await turn.status() == "idle"
    assert await turn.said() == ["Hello again."]


async def test_a_turn_is_handed_over_without_the_edge(turn: HandedOver):
    beside_the_edge = replace(turn, variables={**turn.variables, "ORIGIN_SECRET": "what the edge knows"})

    assert await beside_the_edge.invoked() == "200 0"
    assert await turn.said() == ["Hello again."]


async def test_a_turn_that_was_handed_over_waits_for_a_store_that_is_away_for_a_moment(turn: HandedOver):
    away = faults(turn.world).add("bad_gateway", times=5)

    assert await turn.invoked() == "200 0"

    assert away.struck == 5
    assert await turn.said() == ["Hello again."]


async def test_an_invocation_that_cannot_take_its_turn_over_fails(turn: HandedOver):
    """So that Lambda's metric of errors shows it; and the log tells why, and of which session."""
    faults(turn.world).add("bad_gateway")

    *written, told = await output_of(turn.world, turn.event, turn.variables)

    assert told == "raised StoreUnavailable"
    lines = [json.loads(line) for line in written]
    [crash] = [line for line in lines if line.get("message") == "unexpected error"]
    assert (crash["error"], crash["session"]) == ("StoreUnavailable", turn.sid)
    assert crash["at"]
    [counted] = [line for line in lines if "StoreUnavailable" in line]
    assert (counted["StoreUnavailable"], counted["Route"]) == (1, "handed_over")


async def test_an_invocation_that_has_to_give_its_turn_up_fails(turn: HandedOver):
    away = faults(turn.world).add("bad_gateway", containing=f'"XRANGE","s:{turn.sid}:e"')

    assert await turn.invoked() == "raised StoreUnavailable"

    assert away.struck > 0
    faults(turn.world).clear()
    assert await turn.status() == "interrupted"


async def invoked(world: World, event: object, variables: dict[str, str]) -> str:
    """Status and length of what the function answers."""
    return (await output_of(world, event, variables))[-1]


async def output_of(world: World, event: object, variables: dict[str, str]) -> list[str]:
    """The lines of the function's log, and what `invoked` tells as the last."""
    known = {"ANTHROPIC_API_KEY": "a-key", **variables}
    process = await function_process(world, INVOCATION, event, known)
    async with asyncio.timeout(120):
        output, _ = await process.communicate()
    return output.decode().splitlines()


def _text(record: Record) -> str:
    return str(record["content"][0]["text"]) if record["kind"] == "step" else ""
