"""A session of thousands of turns: what it takes in the store, and what its first page costs."""

from dataclasses import dataclass
from typing import cast

from long_session import MESSAGE, is_summed_up, summary, turn_records
from session_world import World

from aicode.redis.client import RedisClient, Reply
from aicode.redis.keys import SessionKeys
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.turn_writer import Batch
from session.history import read_session

LONG, SHORT = 2_000, 20
MEGABYTE = 1_000_000


class MeasuredRedis(RedisClient):
    """Counts the bytes of its answers."""

    received = 0

    async def command(self, *parts: str | float) -> Reply:
        reply = await super().command(*parts)
        self.received += bytes_of(reply)
        return reply


async def grown(world: World, turns: int) -> str:
    """A session of so many turns, written as a turn's owner writes."""
    sid = None
    for turn in range(1, turns + 1):
        message_id = f"message-{turns}-{turn}"
        begun = await world.begin(MESSAGE, sid=sid, message_id=message_id)
        sid = begun.writer.sid
        if is_summed_up(turn):
            await begun.writer.checkpoint(world.clock, Batch(records=[summary(turn)], since=(turn, 1)))
        await world.end(begun, turn_records(turn))
        world.clock += 60_000
    return str(sid)


async def stored_bytes(world: World, sid: str) -> int:
    """Bytes of all that the session's keys hold."""
    session = SessionKeys(sid)
    hashes = [["HGETALL", key] for key in (session.meta, session.files, session.contents)]
    found = bytes_of(await world.client.pipeline(hashes))
    for stream in (session.history, session.events):
        start = "-"
        while entries := await world.client.command("XRANGE", stream, start, "+", "COUNT", 1_000):
            found += bytes_of(entries)
            start = f"({entries[-1][0]}"
    return found


def bytes_of(reply: Reply) -> int:
    """Bytes of the texts in an answer."""
    if isinstance(reply, list):
        return sum(map(bytes_of, cast("list[Reply]", reply)))
    return len(reply.encode()) if isinstance(reply, str) else 0


@dataclass(frozen=True)
class FirstPage:
    """The latest messages of a session, and the commands and bytes that they took."""

    messages: int
    commands: int
    received: int


async def first_page(world: World, sid: str) -> FirstPage:
    """The page that a client is shown first."""
    client = MeasuredRedis(world.redis.url, "t")
    sessions = SessionManager(client, world.settings, now_ms=lambda: world.clock)
    world.redis.reset_counters()
    session = await read_session(sessions, "alice", sid, limit=200, before=None)
    await client.close()
    return FirstPage(len(session["messages"]), world.redis.commands_billed, client.received)


async def test_a_session_of_two_thousand_turns_stays_small_and_its_first_page_as_cheap_as_any(
    world: World,
) -> None:
    short, long = await grown(world, SHORT), await grown(world, LONG)

    of_short, of_long = await first_page(world, short), await first_page(world, long)

    assert await stored_bytes(world, long) < 22 * MEGABYTE
    assert of_short.messages == of_long.messages == 200
    assert of_long.commands <= of_short.commands
    assert of_long.received <= of_short.received * 1.01, "the numbers of its turns have more digits"
