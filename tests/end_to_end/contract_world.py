"""One running product that many tests share: each with a vendor, an app and model replies of its own."""

import itertools
import json
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt

from aicode.http import API_HEADERS
from aicode.settings import DEVELOPMENT_JWT_SECRET
from dev.claude import Reply, Script, Text
from dev.claude.received import Received
from dev.upstash import Faults
from tests.end_to_end.stack import APPS, Event, Json, Stack, bearer, serve
from tests.waiting import PATIENCE

_PLAY = re.compile(r"\[play (\d+)\]")
_numbers = itertools.count(1)


class Plays:
    """What the model answers: to a message that holds `[play 7]` the seventh list of replies, else a word."""

    def __init__(self) -> None:
        self._replies: dict[str, list[Reply]] = {}
        self._asked: dict[str, list[Received]] = {}

    def message(self, *replies: Reply, words: str = "Please go on.") -> str:
        """A message that the model answers with these replies; the last is given again and again."""
        number = str(next(_numbers))
        self._replies[number] = list(replies)
        return f"{words} [play {number}]"

    def asked(self, message: str) -> list[Received]:
        """The requests that the model got for the message."""
        found = _PLAY.search(message)
        return self._asked.get(found[1], []) if found else []

    def __call__(self, request: Received, _n: int) -> Reply:
        """The reply to a request."""
        number = _latest_play(request.messages)
        if number is None:
            return Reply(Text("Fine."))
        self._asked.setdefault(number, []).append(request)
        left = self._replies[number]
        return left.pop(0) if len(left) > 1 else left[0]


def _latest_play(messages: list[Json]) -> str | None:
    """The number that the vendor's last message holds; what goes with it about the app is passed over."""
    for message in reversed(messages):
        for block in reversed(message["content"] if message["role"] == "user" else []):
            if block["type"] == "text" and not block["text"].startswith("<app_"):
                found = _PLAY.search(block["text"])
                return found[1] if found else None
    return None


class Vendor(Stack):
    """A signed-in vendor with an app in a stack that others use too."""

    def __init__(self, shared: Stack, plays: Plays, name: str) -> None:
        super().__init__(shared.model, shared.redis, shared.server, shared.url, shared.base)
        self.name = name
        self.woken = shared.woken
        self.plays = plays
        self.client.headers.update(bearer(name))

    async def new_app(self) -> str:
        """One more app of this vendor."""
        answer = await self.client.post(APPS, json={"name": "An app"})
        assert answer.status_code == 201, answer.text
        return answer.json()["app"]["appId"]

    def says(self, *replies: Reply, words: str = "Please go on.") -> str:
        """A message of these words that the model answers with these replies."""
        return self.plays.message(*replies, words=words)

    async def paged(self, session: str, limit: int) -> list[Json]:
        """A session's messages, read from the end in pages of so many."""
        found: list[Json] = []
        before: dict[str, str] = {}
        while True:
            page = await self.session(session, limit=limit, **before)
            assert len(page["messages"]) <= limit
            found = page["messages"] + found
            if not page["hasMore"]:
                return found
            assert len(page["messages"]) == limit
            before = {"before": page["messages"][0]["id"]}

    async def redis_command(self, *parts: str | int) -> Any:
        """One command to the session store, as the operator's console sends it."""
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            headers = {"Authorization": f"Bearer {self.redis.token}"}
            answer = await client.post(self.redis.url, json=list(parts), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    async def end_lease(self, session: str, in_seconds: float = 0) -> None:
        """What half a minute does to a turn whose owner is dead or stopped: its lease is over."""
        until = int((time.time() + in_seconds) * 1000)
        await self.redis_command("HSET", f"s:{session}:m", "lease", until)

    async def pass_time(self, session: str, seconds: float) -> None:
        """What so many seconds do to a turn that waits: they are over for all that it asks for."""
        meta = f"s:{session}:m"
        waiting = json.loads(await self.redis_command("HGET", meta, "waiting"))
        for request in waiting:
            request["deadline"] -= round(seconds * 1000)
        await self.redis_command("HSET", meta, "waiting", json.dumps(waiting))

    async def forget_events(self, session: str) -> None:
        """What ten minutes do: the session's event log is gone."""
        assert await self.redis_command("DEL", f"s:{session}:e") == 1


class World:
    """The stack, and vendors for its tests."""

    vendor_type = Vendor

    def __init__(self, stack: Stack, plays: Plays, faults: Faults) -> None:
        self.stack = stack
        self.plays = plays
        self.faults = faults
        self._vendors: list[Vendor] = []

    async def vendor(self) -> Vendor:
        """A new vendor with an empty app."""
        name = f"vendor-{next(_numbers)}"
        vendor = self.vendor_type(self.stack, self.plays, name)
        self._vendors.append(vendor)
        vendor.app = await vendor.new_app()
        return vendor

    async def close(self) -> None:
        """Ends the vendors' connections."""
        for vendor in self._vendors:
            await vendor.client.aclose()


@asynccontextmanager
async def a_world(data_dir: Path, **variables: str) -> AsyncGenerator[World]:
    """A product that these variables configure, until left."""
    plays, faults = Plays(), Faults()
    async with serve(data_dir, Script(plays), faults=faults, pace=0, **variables) as stack:
        world = World(stack, plays, faults)
        try:
            yield world
        finally:
            await world.close()


def token(claims: Mapping[str, object] | None = None, *, without: str = "", **options: Any) -> str:
    """A token of the local stack whose claims are changed by these, or lack one."""
    now = int(time.time())
    full: dict[str, object] = {"sub": "alice", "aud": "aicode", "iat": now, "exp": now + 600}
    full |= claims or {}
    full.pop(without, None)
    options = {"key": DEVELOPMENT_JWT_SECRET, "algorithm": "HS256"} | options
    return jwt.encode(full, **options)


def assert_error(answer: httpx.Response, status: int, code: str) -> Json:
    """Holds an error to its shape and gives its `error` object."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert isinstance(body["error"]["requestId"], str)
    assert body["error"]["requestId"]
    assert_guarded(answer)
    assert "Traceback" not in answer.text
    assert "/functions/" not in answer.text
    return body["error"]


def assert_guarded(answer: httpx.Response) -> None:
    """Holds any API answer to the headers that all have."""
    told = {name: answer.headers.get(name) for name in API_HEADERS}
    assert told == API_HEADERS, (answer.request.method, answer.url)


def kinds(events: list[Event]) -> list[str]:
    """The events' types, a run of the same delta as one."""
    found: list[str] = []
    for event in events:
        if not (found and found[-1] == event.type and event.type.endswith("_delta")):
            found.append(event.type)
    return found
