"""The prompt cache: each request begins with the one before, and says so where the cache looks for it."""

import json
from itertools import pairwise
from typing import Any

import pytest
from turn_world import APP, VENDOR, Halt, ScriptedModel, World, asks, halts, requests_of, says

from aicode.file_store.store import Commit, Put
from chat.agent.model.interface import Request
from chat.agent.prompt.request import SYSTEM_PROMPT, model_request
from dev.claude.cache import PromptCache

Blocks = list[tuple[str, str]]


def blocks(sent: Request) -> Blocks:
    """Everything of a request that the cache compares, in its order, without the breakpoints."""
    body: dict[str, Any] = json.loads(json.dumps(sent))
    found = [("tool", tool) for tool in body["tools"]]
    found += [("system", block) for block in body["system"]]
    found += [(message["role"], block) for message in body["messages"] for block in message["content"]]
    return [(role, json.dumps({k: v for k, v in b.items() if k != "cache_control"})) for role, b in found]


def assert_each_begins_with_the_one_before(requests: list[Request]) -> None:
    for before, after in pairwise(requests):
        assert blocks(after)[: len(blocks(before))] == blocks(before)
        assert {**after, "messages": None} == {**before, "messages": None}


def assert_nothing_is_paid_twice(requests: list[Request]) -> None:
    """Each request reads all that the one before sent from the cache, by the cache's published rules."""
    cache = PromptCache()
    used = [cache.use(json.loads(json.dumps(sent))) for sent in requests]
    for before, after in pairwise(used):
        assert after.cache_read_input_tokens >= before.total > 0


def breakpoints(sent: Request) -> list[str]:
    """Where the breakpoints are: `system`, or the place of a message counted from the end, and its block."""
    body: dict[str, Any] = json.loads(json.dumps(sent))
    found = ["system" for block in body["system"] if "cache_control" in block]
    for at, message in enumerate(body["messages"]):
        for n, block in enumerate(message["content"]):
            if "cache_control" in block:
                last = n == len(message["content"]) - 1
                found.append(f"{message['role']} {at - len(body['messages'])} {'end' if last else n}")
    return found


def read(path: str) -> tuple[str, dict[str, Any]]:
    return "read_file", {"path": path}


def create(path: str) -> tuple[str, dict[str, Any]]:
    return "create_file", {"path": path, "content": f"// {path}\n"}


async def save(world: World, path: str, content: str) -> None:
    """The vendor saves a file in the editor."""
    change = Put(path, content, base_version=0)
    await world.store.commit(VENDOR, APP, Commit(changes=[change], author="vendor", message="Save", key=path))


async def test_every_request_of_a_session_begins_with_the_one_before(world: World):
    sid, sent = await requests_of(
        world,
        None,
        asks(create("a.ts"), create("b.ts"), text="I make two."),
        asks(read("a.ts")),
        says("Done."),
    )
    _, more = await requests_of(
        world, sid, says("A long ans", stop_reason="max_tokens"), says("wer."), says("Never asked.")
    )
    sent += more
    await save(world, "AGENTS.md", "Use tabs.")
    _, more = await requests_of(world, sid, asks(*(read("a.ts") for _ in range(16))), says("Read."))
    sent += more
    halt = Halt()
    model = ScriptedModel(halts(halt, after="Half of"))
    running = await world.start(model=model, sid=sid)
    await halt.reached()
    await world.sessions.cancel(VENDOR, sid)
    await running.events()
    sent += model.requests
    _, more = await requests_of(world, sid, asks(read("missing.ts")), says("There is none."))
    sent += more

    assert len(sent) == 10
    assert_each_begins_with_the_one_before(sent)
    assert_nothing_is_paid_twice(sent)


async def test_a_step_with_sixteen_parallel_calls_still_reads_what_came_before(world: World):
    await save(world, "a.ts", "x\n" * 400)
    calls = [read("a.ts") for _ in range(16)]
    _, sent = await requests_of(world, None, asks(*calls), asks(*calls), says("Done."))

    assert_nothing_is_paid_twice(sent)


async def test_the_breakpoints_stand_behind_the_prompt_and_behind_the_last_three_requests(world: World):
    _, sent = await requests_of(
        world, None, asks(read("a")), asks(read("b")), asks(read("c"), read("d")), says("Done.")
    )

    assert breakpoints(sent[0]) == ["system", "user -1 end"]
    assert breakpoints(sent[3]) == ["system", "user -5 end", "user -3 end", "user -1 end"]
    assert all("cache_control" not in body for body in sent)


def test_marking_a_request_leaves_the_history_as_it_is():
    messages: list[dict[str, object]] = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]

    sent = model_request("claude-sonnet-5-5", [], messages)

    assert messages == [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    assert sent["messages"] != messages


@pytest.mark.parametrize(
    ("ttl", "control"), [("5m", {"type": "ephemeral"}), ("1h", {"type": "ephemeral", "ttl": "1h"})]
)
def test_every_breakpoint_has_the_lifetime_that_is_set(ttl: str, control: dict[str, str]):
    messages: list[dict[str, object]] = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]

    sent = model_request("claude-sonnet-5-5", [], messages, ttl)

    assert sent["system"] == [{"type": "text", "text": SYSTEM_PROMPT, "cache_control": control}]
    assert sent["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": control}]}
    ]


async def test_two_sessions_share_tools_and_prompt(world: World):
    _, [one] = await requests_of(world, None, says("Hi."))
    _, [other] = await requests_of(world, None, says("Hi."))

    names = [tool["name"] for tool in json.loads(json.dumps(one["tools"]))]
    assert names == sorted(names)
    assert (one["tools"], one["system"]) == (other["tools"], other["system"])
