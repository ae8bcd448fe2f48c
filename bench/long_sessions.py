"""What a long history costs: bytes and time of a new turn's `begin`, and the time of its first page.

A session store on an embedded Valkey, over its REST API, with the turns of tests/session/long_session.py; a
summary comes as often as it does by default. Beside it the same without summaries. The first page is what a
client is shown first: the latest 200 messages.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence

from aicode.history.records import Entry, encode
from aicode.redis.client import RedisClient
from aicode.session_manager.manager import NewTurn, OwnedTurn, SessionManager
from aicode.session_manager.turn_writer import Batch
from aicode.settings import Settings
from chat.agent.compaction.conversation_size import CHARS_PER_TOKEN, length
from chat.agent.prompt.conversation import to_api
from chat.agent.prompt.sent_history import stored_view
from dev import upstash
from session.history import read_session
from tests.session.long_session import MESSAGE, summary, turn_records

STOPS = (10, 20, 100, 500, 1000, 2000)
RUNS = 15
PAGE = 200
TOKEN = "bench"  # noqa: S105 - guards a loopback port of this run
VENDOR, APP = "alice", "app"


class Session:
    """A session that grows."""

    def __init__(self, sessions: SessionManager, limit: int) -> None:
        self._sessions = sessions
        self._limit = limit
        self._loaded: list[Entry] = []
        self.sid: str | None = None
        self.turns = 0

    async def turn(self) -> tuple[float, int]:
        """Plays one turn; seconds and bytes of its begin."""
        new = NewTurn(
            vendor=VENDOR,
            app=APP,
            session_id=self.sid,
            message_id=f"m{id(self)}{self.turns}",
            text=MESSAGE,
            model="m",
            title="t",
        )
        began = time.perf_counter()
        begun = await self._sessions.begin(new, owner_known=True)
        seconds = time.perf_counter() - began
        assert isinstance(begun, OwnedTurn)  # noqa: S101
        self.sid, self.turns = begun.writer.sid, begun.writer.turn
        history = list(begun.history)
        if length(stored_view(history)) > self._limit * CHARS_PER_TOKEN:
            await self._sum_up(begun)
        batch = Batch(frames=b"id: 1-1\n\n", last_seq=1, records=turn_records(self.turns))
        await begun.writer.end(self._sessions.now_ms(), batch, "idle")
        to_api(history)
        return seconds, sum(len(encode(entry["record"]).encode()) for entry in history)

    async def _sum_up(self, begun: OwnedTurn) -> None:
        batch = Batch(records=[summary(self.turns)], since=(self.turns, 1))
        await begun.writer.checkpoint(self._sessions.now_ms(), batch)

    async def page(self) -> float:
        """Seconds of the first page."""
        began = time.perf_counter()
        await read_session(self._sessions, VENDOR, str(self.sid), limit=PAGE, before=None)
        return time.perf_counter() - began


async def measure(limit: int, stops: Sequence[int]) -> list[tuple[int, float, int, float]]:
    """Turns, median milliseconds and bytes of begin, median milliseconds of the first page, at each stop."""
    rows: list[tuple[int, float, int, float]] = []
    async with upstash.serve(data_dir=None, token=TOKEN) as redis:
        variables = {
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": TOKEN,
            "RATE_LIMIT_PER_MINUTE": "1000000",
        }
        client = RedisClient(redis.url, TOKEN)
        session = Session(SessionManager(client, Settings.from_env(variables)), limit)
        for stop in stops:
            latest: list[tuple[float, int]] = []
            while session.turns < stop:
                latest = [*latest[1 - RUNS :], await session.turn()]
            pages = [await session.page() for _ in range(RUNS)]
            seconds = statistics.median(seconds for seconds, _ in latest)
            rows.append((stop, seconds * 1000, latest[-1][1], statistics.median(pages) * 1000))
        await client.close()
    return rows


def main() -> None:
    """Prints a table."""
    ways = (("summaries as by default", 150_000, STOPS), ("no summaries", sys.maxsize, STOPS[:3]))
    for name, limit, stops in ways:
        print(f"{name}, median of {RUNS}")
        print("   turn   begin ms   begin KB   first page ms")
        for turn, begin, size, page in asyncio.run(measure(limit, stops)):
            print(f"  {turn:5} {begin:10.1f} {size / 1000:10.0f} {page:15.1f}")


if __name__ == "__main__":
    main()
