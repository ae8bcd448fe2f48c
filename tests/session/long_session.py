"""The records of a conversation that goes on for thousands of turns, in sizes as they are met.

A turn has three to nine steps: files are read, two of them are changed, and Claude says what it did. Turn `t`
is as long as turn `t + 12`.
"""

from aicode.api_types import FileChange, Usage
from aicode.events import ToolResult
from aicode.history.records import ApiBlock, Record, StepRecord

STEPS = (3, 5, 8, 4, 9, 6)
SUMMARY_EVERY = 4
PATHS = [f"src/components/Part{number}.tsx" for number in range(12)]
MESSAGE = "Make the list of invoices a little better: sort it by date, and show the sum below. " * 3
_LINE = "  const total = invoices.reduce((sum, invoice) => sum + invoice.amount, 0)  // of all\n"
_USAGE: Usage = {
    "inputTokens": 12,
    "outputTokens": 345,
    "cacheReadTokens": 45_678,
    "cacheWriteTokens": 1_234,
    "costUsd": 0.012345,
}


def is_summed_up(turn: int) -> bool:
    """True if a turn begins with a summary of all before it."""
    return turn % SUMMARY_EVERY == 1 and turn > 1


def turn_records(turn: int) -> list[Record]:
    """What a turn adds behind its message: steps with their results, and its end."""
    steps = STEPS[turn % len(STEPS)]
    records: list[Record] = []
    if turn % 3 == 0:
        records.append({"kind": "context", "text": "\n".join(PATHS * 5), "at": _at(turn)})
    for number in range(1, steps):
        records += _step_with_results(turn, number)
    said: ApiBlock = {"type": "text", "text": "The list is sorted now, and its sum stands below it. " * 20}
    changes = [_change(turn, number) for number in (2, 4) if number < steps]
    data: dict[str, object] = {"turnId": turn, "usage": _USAGE, "fileChanges": changes}
    end: Record = {"kind": "end", "event": "message_complete", "data": data, "at": _at(turn)}
    return [*records, _step(turn, steps, said), end]


def summary(turn: int) -> Record:
    """A summary of all turns before this one."""
    return {
        "kind": "summary",
        "text": "The vendor builds a list of invoices. " * 150,
        "before": (turn, 1),
        "seen": dict.fromkeys(PATHS, turn),
        "usage": _USAGE,
        "model": "claude-haiku-5-5",
        "at": _at(turn),
    }


def _step_with_results(turn: int, number: int) -> list[Record]:
    path, edits = _change(turn, number)["path"], number in (2, 4)
    arguments: dict[str, object] = {"path": path}
    told = f"{path}, lines 1-{12 * number} of {12 * number}"
    if edits:
        arguments["edits"] = [{"old": _LINE * 4 * number, "new": _LINE * 7 * number}]
        told = f"Edited {path} (+{7 * number} -{4 * number})"
    call, name = _call(turn, number), "edit_file" if edits else "read_file"
    asked: ApiBlock = {"type": "tool_use", "id": call, "name": name, "input": arguments}
    content = _LINE * (5 if edits else 12 * number)
    tool: ToolResult = {
        "toolId": call,
        "toolName": name,
        "status": "completed",
        "isError": False,
        "summary": told,
        "durationMs": 12,
    }
    return [
        _step(turn, number, {"type": "text", "text": "Let me look at how the list is made now."}, asked),
        {
            "kind": "results",
            "step": number,
            "content": [{"type": "tool_result", "tool_use_id": call, "content": content}],
            "tools": [tool],
            "changes": [_change(turn, number)] if edits else [],
            "seen": {path: turn},
            "at": _at(turn),
        },
    ]


def _change(turn: int, number: int) -> FileChange:
    return {
        "path": PATHS[(turn + number) % len(PATHS)],
        "action": "edited",
        "version": turn,
        "additions": 7 * number,
        "deletions": 4 * number,
        "toolId": _call(turn, number),
    }


def _step(turn: int, number: int, *content: ApiBlock) -> StepRecord:
    thought = "The sum belongs below the list, so the component needs the invoices before it is drawn. " * 2
    thinking: ApiBlock = {"type": "thinking", "thinking": thought, "signature": "c2lnbmF0dXJl" * 60}
    return {
        "kind": "step",
        "step": number,
        "content": [thinking, *content],
        "stopReason": "tool_use" if len(content) > 1 else "end_turn",
        "model": "claude-sonnet-5-5",
        "usage": _USAGE,
        "at": _at(turn),
    }


def _call(turn: int, number: int) -> str:
    return f"toolu_01{turn:010}{number:012}"


def _at(turn: int) -> int:
    return 1_800_000_000_000 + turn * 60_000
