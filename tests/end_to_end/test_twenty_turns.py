"""Many turns through one function process: nothing of a turn stays behind in it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.claude import Reply, Text, Thinking, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import assert_well_formed, session_of
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

WARM_UP, TURNS = 3, 20


@dataclass(frozen=True, slots=True)
class Held:
    """What a process has open, by kind or path, and how many threads it runs."""

    open: dict[str, int]
    threads: int


def held(pid: int) -> Held:
    """What the process holds now."""
    kinds: dict[str, int] = {}
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            kind = str(link.readlink()).partition(":")[0]
        except FileNotFoundError:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
    return Held(kinds, len(list(Path(f"/proc/{pid}/task").iterdir())))


def held_by_all(vendor: Vendor) -> dict[int, Held]:
    """What each process of the chat function holds now."""
    return {process.pid: held(process.pid) for process in vendor.server.processes("chat")}


async def test_twenty_turns_leave_nothing_open(vendor: Vendor):
    step = Reply(
        Thinking("Hm."),
        Text("Looking."),
        ToolUse("list_files"),
        ToolUse("read_file", {"path": "nowhere.txt"}),
        ToolUse("create_file", {"path": "a.txt", "content": "x\n", "overwrite": True}),
    )
    session = None
    for _ in range(WARM_UP):
        events = await vendor.turn(vendor.says(step, Reply(Text("Done."))), session)
        session = session_of(events)
    await until(lambda: vendor.chat_pids() == [])
    before = held_by_all(vendor)
    for _ in range(TURNS):
        events = await vendor.turn(vendor.says(step, Reply(Text("Done."))), session)
        assert_well_formed(events)
        assert events[-1].type == "message_complete"
        # Until it is idle, the next turn would get another process.
        await until(lambda: vendor.chat_pids() == [])
    after = held_by_all(vendor)

    assert after.keys() == before.keys(), "turns one after another are one process's work"
    for pid, now in after.items():
        grown = {kind: count - before[pid].open.get(kind, 0) for kind, count in now.open.items()}
        assert [kind for kind in ("socket", "pipe", "anon_inode") if grown.get(kind, 0) > 0] == []
        # Database connections and threads are pooled, as many as calls were ever made at once: no more
        # each turn.
        assert [kind for kind, more in grown.items() if more >= TURNS / 2] == []
        assert now.threads - before[pid].threads < TURNS / 2
