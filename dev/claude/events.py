"""A reply as the events of a stream, with the controls between them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from dev.claude import wire
from dev.claude.cache import InputUsage
from dev.claude.script import BLOCKS, Block, Control, Cut, CutKind, FetchedPage, Reply, ToolUse

PING = wire.frame("ping", {})


class Frame(NamedTuple):
    """One event as it goes over the wire."""

    data: bytes
    is_delta: bool = False


def shown_block(item: Block, body: dict[str, Any]) -> wire.WireBlock:
    """The block as a request gets to see it: thinking only where it asks for `display: summarized`."""
    thinking: dict[str, Any] = body.get("thinking") or {}
    shown = thinking.get("display") == "summarized"
    return wire.WireBlock.of(item, model=body["model"], show_thinking=shown)


def steps(reply: Reply, body: dict[str, Any], usage: InputUsage) -> Iterator[Frame | Control]:
    """The events of a reply in order, with the controls between them."""
    start = wire.message(body["model"], wire.new_id("msg"), usage)
    yield Frame(wire.frame("message_start", {"message": start}))
    blocks = [item for item in reply.items if isinstance(item, BLOCKS)]
    if reply.cut and not blocks:
        yield Cut(reply.cut)
    index, output_tokens = 0, 0
    for item in reply.items:
        if not isinstance(item, BLOCKS):
            yield item
            continue
        block = shown_block(item, body)
        last = index == len(blocks) - 1
        yield from _block_steps(index, block, reply.cut if last else None)
        output_tokens += block.output_tokens()
        index += 1
    delta = {
        "stop_reason": reply.stop_reason or stop_reason(reply),
        "stop_sequence": None,
        "stop_details": reply.stop_details,
    }
    total: dict[str, Any] = {**wire.input_usage(usage), "output_tokens": output_tokens or 1}
    fetches = sum(isinstance(item, FetchedPage) for item in reply.items)
    if fetches:
        total["server_tool_use"] = {"web_fetch_requests": fetches, "web_search_requests": 0}
    yield Frame(wire.frame("message_delta", {"delta": delta, "usage": total}))
    yield Frame(wire.frame("message_stop", {}))


def _block_steps(index: int, block: wire.WireBlock, cut: CutKind | None) -> Iterator[Frame | Control]:
    start = {"index": index, "content_block": block.start}
    yield Frame(wire.frame("content_block_start", start))
    if index == 0:
        yield Frame(PING)
    for delta in block.deltas:
        data = {"index": index, "delta": delta}
        yield Frame(wire.frame("content_block_delta", data), is_delta=True)
    if cut:
        yield Cut(cut)
    yield Frame(wire.frame("content_block_stop", {"index": index}))


def stop_reason(reply: Reply) -> str:
    """Why the model stopped, where the reply doesn't say."""
    return "tool_use" if any(isinstance(item, ToolUse) for item in reply.items) else "end_turn"
