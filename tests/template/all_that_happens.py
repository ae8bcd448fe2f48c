"""A product in which all happens that its functions count and tell of."""

import asyncio
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from dev import aws, stand_ins
from dev.claude import Gate, Reply, Script, Text, ToolUse
from dev.template import ROOT
from dev.upstash import Faults
from tests.end_to_end import emulated_aws
from tests.end_to_end.contract_world import Plays, Vendor, World
from tests.end_to_end.stack import APPS, Event, serve, session_of
from tests.faults.invoke_api import InvokeApi, an_invoke_api
from tests.waiting import PATIENCE, until


async def lines_of_a_product(folder: Path) -> list[str]:
    """The lines of JSON that its functions write."""
    written: list[str] = []
    async with AsyncExitStack() as running:
        api = await running.enter_async_context(an_invoke_api())
        plays, faults = Plays(), Faults()
        stack = await running.enter_async_context(
            serve(
                folder,
                Script(plays),
                lambda _, line: written.append(line),
                faults=faults,
                AWS_ENDPOINT_URL_LAMBDA=api.url,
                FUNCTION_TIMEOUT_SECONDS="12",
                TURN_LEASE_SECONDS="300",
            )
        )
        api.behind = stack.server.invoke_url
        world = World(stack, plays, faults)
        async with asyncio.timeout(10 * PATIENCE):
            await _all_that_happens(world)
            await _hand_overs(world, api)
            await until(lambda: not stack.chat_pids())
        await world.close()
    written += await asyncio.to_thread(_a_sweep)
    return [line for line in written if line.startswith("{")]


async def _all_that_happens(world: World) -> None:
    vendor = await world.vendor()
    file = {"path": "src/main.ts", "content": "export const one = 1;\n"}
    steps = Reply(status=529), Reply(ToolUse("create_file", file)), Reply(Text("Done."))
    session = await _to_its_end(vendor, await vendor.turn(vendor.says(*steps)))
    await vendor.missed(session, "1-1")
    assert (await vendor.client.get(f"{APPS}/{vendor.app}/check")).status_code == 200
    assert (await vendor.client.get(f"{APPS}/{vendor.app}/export.bundle")).status_code == 200
    async with vendor.post(vendor.says(Reply(Text("Half"), Gate("never"))), session) as stream:
        await stream.until("text_delta")
        async with vendor.resume(session, "2-1") as reader:
            await vendor.client.post(f"{vendor.base}/{session}/cancel")
            await reader.rest()
        await stream.rest()
    world.faults.add("bad_gateway")
    body = {"message": "Hi", "appId": vendor.app}
    refused = [
        await vendor.client.post(vendor.base, json=body),
        await vendor.client.get(vendor.base, params={"sessionId": session}),
        await vendor.client.delete(f"{APPS}/{vendor.app}"),
    ]
    world.faults.clear()
    world.faults.add("out_of_memory")
    refused.append(await vendor.client.get(vendor.base, params={"sessionId": session}))
    world.faults.clear()
    assert {answer.status_code for answer in refused} == {503}
    await vendor.redis_command("HSET", f"s:{session}:m", "created", "nonsense")
    # No document tells of a failure of ours, so the client that knows it would refuse the answer.
    async with httpx.AsyncClient(base_url=vendor.url, headers=vendor.client.headers) as client:
        assert (await client.get(vendor.base, params={"sessionId": session})).status_code == 500


async def _hand_overs(world: World, api: InvokeApi) -> None:
    """One that Lambda takes, and one that it refuses; the refused turn is taken up by its vendor."""
    taken, refused = await world.vendor(), await world.vendor()
    api.fates[refused.name] = "refused"
    await asyncio.gather(_long_turn(taken), _long_turn(refused))


async def _long_turn(vendor: Vendor) -> None:
    steps = [Reply(Text("Step. "), ToolUse("list_files"), delay=1.2) for _ in range(8)]
    async with vendor.post(vendor.says(*steps, Reply(Text("The end.")))) as stream:
        events = await stream.rest()
    assert events[-1].type == "turn_handover"
    await _to_its_end(vendor, events)


async def _to_its_end(vendor: Vendor, events: list[Event]) -> str:
    """Reads on until the turn has ended; its session."""
    session = session_of(events)
    while (await vendor.session(session))["status"] != "idle":
        async with vendor.resume(session, events[-1].id, **{"continue": "1"}) as stream:
            events = await stream.rest() or events
    return session


def _a_sweep() -> list[str]:
    """What the scheduled function writes."""
    program = (
        "from types import SimpleNamespace as Given\nfrom sweep.app import handler\n"
        "handler({}, Given(aws_request_id='1', get_remaining_time_in_millis=lambda: 900_000))"
    )
    with emulated_aws.serve() as known:
        emulator = stand_ins.emulator(known)
        assert emulator is not None
        asyncio.run(aws.make(emulator, aws.session(known)))
        keys = {
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": aws.region(known),
        }
        folders = os.pathsep.join(str(ROOT / folder) for folder in ("layers/core", "functions"))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": folders, **known, **keys}
        outcome = subprocess.run(  # noqa: S603 - the program above
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
    return outcome.stdout.splitlines()
