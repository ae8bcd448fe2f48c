"""The prompt cache as it shows in `usage`."""

from typing import Any

from claude_client import post, request

from dev import claude
from dev.claude import Reply, Script, Text

LONG = "These are the rules of the house. " * 200
MARK = {"type": "ephemeral"}
TOOLS: list[dict[str, Any]] = [{"name": "read_file", "input_schema": {"type": "object"}}]


async def usages(*bodies: dict[str, Any]) -> list[tuple[int, int, int]]:
    """(uncached, written, read) input tokens of each request, sent one after another."""
    async with claude.serve(script=Script(lambda received, n: Reply(Text("ok")))) as server:
        found: list[tuple[int, int, int]] = []
        for body in bodies:
            usage = (await post(server, body)).json()["usage"]
            found.append(
                (
                    usage["input_tokens"],
                    usage["cache_creation_input_tokens"],
                    usage["cache_read_input_tokens"],
                )
            )
        return found


def system(**mark: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": LONG, **mark}]


def conversation(turns: int, **changes: Any) -> dict[str, Any]:
    """A conversation of so many turns with the automatic breakpoint at its end."""
    messages: list[dict[str, Any]] = []
    for n in range(turns):
        messages += [
            {"role": "user", "content": f"Question {n}"},
            {"role": "assistant", "content": f"Answer {n}"},
        ]
    body = request(system=LONG, tools=TOOLS, cache_control=MARK)
    return {**body, "messages": [*messages, {"role": "user", "content": f"Question {turns}"}], **changes}


async def test_a_marked_prefix_is_written_once_and_read_afterwards():
    first, second = await usages(*[request(system=system(cache_control=MARK))] * 2)

    assert first[1] > 1024
    assert first[2] == 0
    assert second == (first[0], 0, first[1])


async def test_without_a_mark_nothing_is_cached():
    first, second = await usages(*[request(system=system())] * 2)

    assert first == second
    assert first[1:] == (0, 0)


async def test_a_prefix_below_1024_tokens_is_not_cached():
    body = request(system=[{"type": "text", "text": "Be brief.", "cache_control": MARK}])

    assert (await usages(body, body))[1][1:] == (0, 0)


async def test_the_automatic_breakpoint_moves_with_the_conversation():
    first, second, third = await usages(*[conversation(turns) for turns in (0, 1, 2)])

    assert first[0] == second[0] == third[0] == 0
    assert second[2] == first[1]
    assert third[2] == second[1] + second[2]
    assert 0 < third[1] < 100


async def test_one_changed_byte_in_front_breaks_the_cache_for_all_behind_it():
    now = conversation(1, system=f"{LONG} It is 10:00.")
    later = conversation(1, system=f"{LONG} It is 10:01.")

    assert (await usages(now, later))[1][2] == 0


async def test_another_tool_order_or_model_shares_nothing():
    two = [*TOOLS, {"name": "list_files", "input_schema": {"type": "object"}}]
    found = await usages(
        conversation(1, tools=two),
        conversation(1, tools=two[::-1]),
        conversation(1, tools=two, model="claude-opus-5-5"),
    )

    assert [usage[2] for usage in found] == [0, 0, 0]


async def test_other_thinking_settings_keep_the_system_prompt_cached_but_not_the_messages():
    body = conversation(1, system=system(cache_control=MARK))
    first, second = await usages(body, {**body, "thinking": {"type": "adaptive"}})

    assert 1024 < second[2] < first[1]


async def test_the_cache_looks_back_20_blocks_and_no_further():
    def grown(blocks: int) -> dict[str, Any]:
        first = {"role": "user", "content": "Hello"}
        more = [{"type": "text", "text": f"Block {n}"} for n in range(blocks)]
        body = request(system=LONG, cache_control=MARK)
        body["messages"] = [first, {"role": "user", "content": more}] if more else [first]
        return body

    near = await usages(grown(0), grown(19))
    far = await usages(grown(0), grown(20))

    assert near[1][2] == near[0][1]
    assert far[1][2] == 0


async def test_a_moved_mark_alone_changes_no_prefix():
    marked: list[Any] = [{"type": "text", "text": "Hello", "cache_control": MARK}]
    plain = request(system=system(cache_control=MARK))
    both = request(marked, system=system(cache_control=MARK))
    _, second = await usages(plain, both)

    assert second[2] > 1024
    assert second[0] == 0
