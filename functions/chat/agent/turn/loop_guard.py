"""Notices a turn that goes round in circles: the same call fails, or the API pauses, again and again."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from aicode.history import PAUSED, Entry

SAME_FAILURES = 3
PAUSES = 10
FAILED = (
    "Claude made the same call three times and it failed each time, so this turn was stopped. "
    "What was done so far is kept. Say how to go on, or ask for it in another way."
)
PAUSED_TOO_OFTEN = (
    "Claude paused ten times in a row while it read pages, so this turn was stopped. What was done so far is "
    "kept. Send a message to go on."
)


def why_stuck(entries: Sequence[Entry], turn: int) -> str:
    """What the vendor is told if this turn should end because it gets nowhere; empty if it should go on."""
    if _same_call_fails(entries, turn):
        return FAILED
    return PAUSED_TOO_OFTEN if _pauses(entries, turn) >= PAUSES else ""


def _pauses(entries: Sequence[Entry], turn: int) -> int:
    """How many answers of the turn have paused since the last one that did not."""
    records = (entry["record"] for entry in reversed(entries) if entry["turn"] == turn)
    steps = (record["stopReason"] for record in records if record["kind"] == "step")
    return sum(1 for _ in takewhile(lambda reason: reason == PAUSED, steps))


def _same_call_fails(entries: Sequence[Entry], turn: int) -> bool:
    """True if a call of this turn has failed three times with the same input and no file changed in between.

    Reading in between does not count as progress: most often models fail, read the file and make the same
    call again. A pure function over the records, so that an owner who takes the turn over counts the same.
    """
    failed: Counter[str] = Counter()
    asked: dict[object, str] = {}
    for entry in entries:
        record = entry["record"]
        if entry["turn"] != turn:
            continue
        if record["kind"] == "step":
            calls = (block for block in record["content"] if block.get("type") == "tool_use")
            asked = {call["id"]: _words(call["name"], call.get("input")) for call in calls}
        elif record["kind"] == "results":
            if record["changes"]:
                failed.clear()
            failures = (block["tool_use_id"] for block in record["content"] if block.get("is_error"))
            # The same call twice in one batch is one try.
            failed.update({asked[call] for call in failures if call in asked})
    return any(count >= SAME_FAILURES for count in failed.values())


def _words(name: object, arguments: object) -> str:
    return json.dumps([name, arguments], sort_keys=True)
