"""The connection to Claude, TLS and all, is under way before it is needed, and is then used."""

import asyncio
from pathlib import Path

import pytest
from function_process import function_process, message_event
from listening import Ear
from tls_front import tls_front
from turn_world import APP, World

from aicode.settings import Settings
from chat.agent.model.claude import Claude
from chat.agent.model.interface import Request
from dev import claude
from dev.claude import Reply, Script, Text

PATIENCE = 60
REQUEST: Request = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hi"}],
}
# A process that has had a turn before, as far as what it has loaded goes, and then gets a message.
WARM = """
import asyncio, json, os
from types import SimpleNamespace

import anthropic
import chat.agent.composition
import chat.app


async def main():
    context = SimpleNamespace(
        aws_request_id="invocation-1",
        invoked_function_arn="chat",
        get_remaining_time_in_millis=lambda: 900_000,
    )
    await chat.app.handler(json.loads(os.environ["EVENT"]), context)


asyncio.run(main())
"""


async def test_one_handshake_before_the_first_answer_serves_all_that_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    replies = [Reply(Text("Ok")), Reply(Text("Ok"))]
    async with claude.serve(script=Script(replies)) as server, tls_front(tmp_path, server.url) as front:
        monkeypatch.setenv("SSL_CERT_FILE", str(front.certificate))
        variables = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
        door = Claude(Settings.from_env({**variables, "ANTHROPIC_BASE_URL": front.url}))

        await door.warm_up()
        assert (front.handshakes, len(server.requests)) == (1, 0)

        for _ in replies:
            message = await door.ask(REQUEST, Ear())
            assert message.content == [{"type": "text", "text": "Ok"}]
            await door.warm_up()
        await door.close()

    assert (front.handshakes, len(server.requests)) == (1, 2)


async def test_an_answer_that_is_asked_for_meanwhile_waits_for_the_connection_that_is_being_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with (
        claude.serve(script=Script([Reply(Text("Ok"))])) as server,
        tls_front(tmp_path, server.url) as front,
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(front.certificate))
        variables = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
        door = Claude(Settings.from_env({**variables, "ANTHROPIC_BASE_URL": front.url}))
        await door.prepare()

        await asyncio.gather(door.warm_up(), door.ask(REQUEST, Ear()))
        await door.close()

    assert (front.handshakes, len(server.requests)) == (1, 1)


async def test_a_server_that_nobody_vouches_for_is_not_talked_to(tmp_path: Path):
    async with claude.serve(script=Script([])) as server, tls_front(tmp_path, server.url) as front:
        variables = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
        door = Claude(Settings.from_env({**variables, "ANTHROPIC_BASE_URL": front.url}))

        await door.warm_up()
        await door.close()

        assert front.handshakes == 0


async def test_a_warm_process_shakes_hands_with_claude_while_the_session_is_still_being_loaded(
    world: World, tmp_path: Path
):
    assert world.redis.faults is not None
    world.redis.faults.add("hang")  # the session never comes
    event = message_event(world, {"message": "Hi", "appId": APP})
    async with claude.serve(script=Script([])) as server, tls_front(tmp_path, server.url) as front:
        variables = {"ANTHROPIC_BASE_URL": front.url, "SSL_CERT_FILE": str(front.certificate)}
        process = await function_process(world, WARM, event, variables)
        try:
            async with asyncio.timeout(PATIENCE):
                await front.shaken.wait()
            assert process.returncode is None
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    assert (front.handshakes, server.requests) == (1, [])
