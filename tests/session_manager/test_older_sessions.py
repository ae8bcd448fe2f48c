"""A session that older code has written, or that was damaged, still loads and takes the next message."""

import json

from store_world import LEASE_MS, Store

from aicode.history import vendor_view
from chat.agent.prompt.conversation import seen_versions, to_api
from chat.agent.turn.progress import progress_of

CALL: dict[str, object] = {"type": "tool_use", "id": "toolu_1", "name": "list_files", "input": {}}
ENTRIES = [
    '{"kind":"user","id":"m1","text":"Hi","at":1}',
    '{"kind":"hologram","at":2}',
    '{"kind":"step","step":1,"content":[{"type":"text","te',
    json.dumps(
        {"kind": "step", "step": 1, "content": [CALL], "stopReason": "tool_use", "model": "old", "at": 3}
        | {
            "usage": {
                "inputTokens": 1,
                "outputTokens": 1,
                "cacheReadTokens": 0,
                "cacheWriteTokens": 0,
                "costUsd": 0,
            }
        }
    ),
    '"no object"',
    # Before file versions were kept with the results.
    json.dumps(
        {"kind": "results", "step": 1, "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}
        | {"tools": [], "changes": [], "at": 4}
    ),
    '{"kind":"end","event":"message_complete","data":{"turnId":1},"at":5}',
]


async def an_old_session(store: Store) -> str:
    """A session as the first version of this code would have left it."""
    sid = await store.turn()
    history = f"s:{sid}:h"
    await store.client.command("DEL", history)
    for number, entry in enumerate(ENTRIES, start=1):
        await store.client.command("XADD", history, f"1-{number}", "m", entry)
    newer = ["torn", "since", "last_seq", "pending", "input", "output", "cache_read", "cache_write", "cost"]
    await store.client.command("HDEL", f"s:{sid}:m", *newer)
    return sid


async def test_an_older_session_is_read_without_what_nobody_understands(store: Store) -> None:
    view = await store.sessions.read("alice", await an_old_session(store))

    kinds = [entry["record"]["kind"] for entry in view.entries]
    assert [kind for kind in kinds if kind != "opaque"] == ["user", "step", "results", "end"]
    assert view.state.metadata["usage"]["inputTokens"] == 0
    assert [message["role"] for message in vendor_view.messages(view.entries)][:2] == ["user", "assistant"]


async def test_an_older_session_takes_the_next_message(store: Store) -> None:
    begun = await store.begin(sid=await an_old_session(store))

    assert begun.writer.turn == 2
    assert seen_versions(begun.history) == {}
    assert progress_of(begun.history, 2).step == 0
    roles = [message["role"] for message in to_api(begun.history)]
    assert roles == ["user", "assistant", "user"]
    assert await store.end(begun)


async def test_a_turn_that_died_under_the_version_before_is_known_by_its_last_durable_event(
    store: Store,
) -> None:
    begun = await store.begin()
    meta = f"s:{begun.writer.sid}:m"
    await store.client.command("HDEL", meta, "last_durable_seq")
    await store.client.command("HSET", meta, "torn", "4")
    assert (await store.sessions.state("alice", begun.writer.sid)).last_durable_seq == 4
    store.now += LEASE_MS

    assert await store.sessions.claim("alice", begun.writer.sid) is not None

    assert (await store.sessions.state("alice", begun.writer.sid)).last_durable_seq == 4
    await store.client.command("HSET", meta, "state", "idle")
    await store.begin(sid=begun.writer.sid)
    assert (await store.sessions.state("alice", begun.writer.sid)).last_durable_seq is None


async def test_half_a_character_in_any_record_can_be_sent_after_it_was_loaded(store: Store) -> None:
    sid = await an_old_session(store)
    half: dict[str, object] = {"type": "text", "text": "half \ud83d, whole \U0001f600"}
    asked = {**CALL, "id": "toolu_2", "input": {"pat\udc00h": ["\udc00"]}}
    record = {"kind": "step", "step": 1, "content": [half, asked], "stopReason": "end_turn", "model": "old"}
    await store.client.command("XADD", f"s:{sid}:h", "1-8", "m", json.dumps({**record, "at": 6}))

    begun = await store.begin(sid=sid)

    sent = json.dumps(to_api(begun.history), ensure_ascii=False).encode()
    assert "half \ufffd, whole \U0001f600" in sent.decode()
    assert await store.end(begun)
