"""Many turns through one function process: nothing of a turn stays behind in it."""

from dataclasses import dataclass
from pathlib import Path

from dev.claude import Reply, Text, Thinking, ToolUse
from tests.end_to_end.stack import Stack, assert_well_formed, replies, serve, session_of

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


def chat_pid(stack: Stack) -> int:
    """The one process that serves the chat function."""
    pids = [process.pid for process in stack.server.processes("chat")]
    assert len(pids) == 1, "turns one after another are one process's work"
    return pids[0]


async def test_twenty_turns_leave_nothing_open(tmp_path: Path):
    turn = replies(
        Reply(
            Thinking("Hm."),
            Text("Looking."),
            ToolUse("list_files"),
            ToolUse("read_file", {"path": "nowhere.txt"}),
            ToolUse("create_file", {"path": "a.txt", "content": "x\n", "overwrite": True}),
        ),
        Reply(Text("Done.")),
    )
    async with serve(tmp_path, turn, RATE_LIMIT_PER_MINUTE="1000") as stack:
        session = None
        for _ in range(WARM_UP):
            events = await stack.turn("Hi", session)
            session = session_of(events)
        pid = chat_pid(stack)
        before = held(pid)
        for _ in range(TURNS):
            events = await stack.turn("And again", session)
            assert_well_formed(events)
            assert events[-1].type == "message_complete"
        after = held(chat_pid(stack))

        assert chat_pid(stack) == pid
    grown = {kind: count - before.open.get(kind, 0) for kind, count in after.open.items()}
    assert [kind for kind in ("socket", "pipe", "anon_inode") if grown.get(kind, 0) > 0] == []
    # Database connections and threads are pooled, as many as calls were ever made at once: no more each turn.
    assert [kind for kind, more in grown.items() if more >= TURNS / 2] == []
    assert after.threads - before.threads < TURNS / 2
