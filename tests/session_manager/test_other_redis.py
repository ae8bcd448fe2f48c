"""A server that speaks Upstash's REST over Redis or Valkey, which do not know Upstash's own script flag."""

from collections.abc import Sequence

import pytest
from store_world import Store

from aicode.redis.client import CommandError, RedisClient, Reply
from aicode.session_manager.manager import OwnedTurn, SessionManager
from tests.session_store import settings_with

REFUSALS = [
    "ERR Unexpected flag in script shebang: allow-key-locking",  # Redis 7, Valkey
    "ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'",  # Redis 6
]


class OtherRedis(RedisClient):
    """Refuses Upstash's flag with the words of another server."""

    def __init__(self, url: str, refusal: str) -> None:
        super().__init__(url, "t")
        self.refusal = refusal
        self.refused = 0

    async def pipeline(self, commands: Sequence[Sequence[str | float]]) -> list[Reply | CommandError]:
        if "allow-key-locking" in str(commands[0][1]):
            self.refused += 1
            return [CommandError(self.refusal) for _ in commands]
        return await super().pipeline(commands)

    async def command(self, *parts: str | float) -> Reply:
        if "allow-key-locking" in str(parts[1]):
            self.refused += 1
            raise CommandError(self.refusal)
        return await super().command(*parts)


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_server_without_upstashs_script_flag_serves_sessions(store: Store, refusal: str) -> None:
    client = OtherRedis(store.redis.url, refusal)
    sessions = SessionManager(client, settings_with(store.redis), now_ms=lambda: store.now)

    begun = await sessions.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    assert await store.end(begun)

    assert client.refused == 1
    assert (await sessions.state("alice", begun.writer.sid)).status == "idle"
    await client.close()


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_server_without_upstashs_script_flag_takes_several_calls(store: Store, refusal: str) -> None:
    client = OtherRedis(store.redis.url, refusal)
    sids = [await store.turn() for _ in range(2)]
    sessions = SessionManager(client, settings_with(store.redis), now_ms=lambda: store.now)

    await sessions.note_restore("alice", "app", {sid: {1: False} for sid in sids}, to=0, revision=1)

    assert client.refused == 1
    assert [(await store.sessions.read("alice", sid)).files for sid in sids] == [{"/undone/1": "1"}] * 2
    await client.close()


async def test_another_error_of_a_script_is_told(store: Store) -> None:
    with pytest.raises(CommandError):
        await store.client.script("begin", ["too", "few"])
    with pytest.raises(CommandError):
        await store.client.scripts("begin", [(["too", "few"], [])])
