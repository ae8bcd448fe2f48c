"""The whole product as a test drives it: real function processes, a scripted model, real Valkey."""

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from dev import claude, composition, upstash
from dev.claude.server import ClaudeServer
from dev.function_url import FunctionURLServer
from dev.stand_ins import local_settings
from dev.token import make_token
from tests.end_to_end import emulated_aws
from tests.end_to_end.documented_client import documented_client
from tests.waiting import PATIENCE, until

BASE = "/api/vendor/ai-chat-v2"
APPS = "/api/vendor/apps"
TERMINAL = ("message_complete", "turn_cancelled", "error")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream as a browser gets it."""

    id: str
    type: str
    data: Json
    timestamp: int

    @property
    def turn(self) -> int:
        return int(self.id.partition("-")[0])

    @property
    def seq(self) -> int:
        return int(self.id.partition("-")[2])


@dataclass(slots=True)
class Stream:
    """An open stream: status, headers, and its events as they come."""

    response: httpx.Response
    events: AsyncIterator[Event]
    seen: list[Event] = field(default_factory=list[Event])

    async def until(self, wanted: str | Callable[[Event], bool]) -> Event:
        """Reads on to the next event of a type, or that fits."""
        async for event in self.events:
            self.seen.append(event)
            if event.type == wanted if isinstance(wanted, str) else wanted(event):
                return event
        raise AssertionError(f"the stream ended without {wanted}: {[event.type for event in self.seen]}")

    async def rest(self) -> list[Event]:
        """All events of the stream, to its end."""
        async for event in self.events:
            self.seen.append(event)
        return self.seen


class Stack:
    """A running product with one signed-in vendor, `alice`, and her app. Its chat is mounted at `base`.

    The queue gives its messages back once `woken` is set.
    """

    functions_die = False

    def __init__(
        self, model: ClaudeServer, redis: upstash.Upstash, server: FunctionURLServer, url: str, base: str
    ) -> None:
        self.model = model
        self.redis = redis
        self.server = server
        self.url = url
        self.base = base
        self.app = ""
        self.woken = asyncio.Event()
        self.client = documented_client(url, bearer("alice"), base=base, functions_die=self.functions_die)

    @asynccontextmanager
    async def stream(
        self, method: Literal["GET", "POST"], path: str, **options: Any
    ) -> AsyncGenerator[Stream]:
        """Opens a stream and leaves it open until the block ends."""
        async with self.client.stream(method, path, **options) as response:
            yield Stream(response, _events(response))

    def post(self, message: str, session: str | None = None, **members: Any) -> Any:
        """Sends a message; use it as `async with stack.post(...) as stream`."""
        body = {"message": message, "appId": self.app, **members}
        if session is not None:
            body["sessionId"] = session
        return self.stream("POST", self.base, json=body)

    async def turn(self, message: str, session: str | None = None, **members: Any) -> list[Event]:
        """Sends a message and gives all of its events."""
        async with asyncio.timeout(PATIENCE), self.post(message, session, **members) as stream:
            assert stream.response.status_code == 200, (await stream.response.aread()).decode()
            return await stream.rest()

    def resume(self, session: str, after: str | None = None, **query: str) -> Any:
        """Opens the stream of a session again."""
        headers = {"Last-Event-ID": after} if after is not None else {}
        return self.stream("GET", f"{self.base}/{session}/stream", headers=headers, params=query)

    async def missed(self, session: str, after: str | None = None) -> list[Event]:
        """What a finished turn has behind an event; nothing for 204."""
        async with asyncio.timeout(PATIENCE), self.resume(session, after) as stream:
            return await stream.rest() if stream.response.status_code == 200 else []

    async def until_logged(self, session: str, text: str) -> None:
        """Waits until the store has a running turn's events up to this text."""

        def is_there(_event: Event) -> bool:
            return text in texts(stream.seen)

        async with asyncio.timeout(PATIENCE), self.resume(session) as stream:
            await stream.until(is_there)

    async def session(self, session: str, **query: Any) -> Json:
        """A session as GET gives it."""
        answer = await self.client.get(self.base, params={"sessionId": session, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()["session"]

    async def file(self, path: str) -> str | None:
        """A file's content, None where there is none."""
        answer = await self.client.get(f"{APPS}/{self.app}/file", params={"path": path})
        return answer.json()["file"]["content"] if answer.status_code == 200 else None

    async def save(self, path: str, content: str, base_version: int = 0) -> Json:
        """The editor saves a file."""
        body = {"path": path, "content": content, "baseVersion": base_version}
        answer = await self.client.put(f"{APPS}/{self.app}/file", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["file"]

    async def upload(self, data: bytes, media_type: str, name: str = "a file") -> str:
        """The browser sends a file for a message; returns the upload's id."""
        about = {
            "name": name,
            "type": media_type,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        answer = await self.client.post(f"{APPS}/{self.app}/uploads", json=about)
        assert answer.status_code == 201, answer.text
        upload = answer.json()["upload"]
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as browser:
            sent = await browser.post(upload["url"], data=upload["fields"], files={"file": (name, data)})
        assert sent.status_code == 204, sent.text
        return upload["uploadId"]

    async def until_status(self, session: str, *wanted: str) -> Json:
        """Waits until the session has one of these states."""

        async def read() -> Json | None:
            found = await self.session(session)
            return found if found["status"] in wanted else None

        return await until(read)

    def chat_pids(self) -> list[int]:
        """The chat function's processes that are busy with a request."""
        return [process.pid for process in self.server.processes("chat") if process.busy]


def bearer(vendor: str) -> dict[str, str]:
    """The header of a signed-in vendor."""
    return {"Authorization": f"Bearer {make_token(local_settings({}), vendor)}"}


def session_of(events: list[Event]) -> str:
    """The session that a turn's stream belongs to."""
    return events[0].data["sessionId"]


def texts(events: list[Event]) -> str:
    """The text that a page shows after these events: a reset step's is thrown away."""
    final, step = "", ""
    for event in events:
        if event.type == "connection_established":
            final = step = ""
        elif event.type == "text_delta":
            step += event.data["text"]
        elif event.type == "step_reset":
            step = ""
        elif event.type == "step_complete":
            final, step = final + step, ""
    return final + step


def events_of(frames: bytes) -> list[Event]:
    """The events of some frames, without the comments between them."""
    found: list[Event] = []
    for frame in frames.decode().split("\n\n")[:-1]:
        event_id, _, line = frame.partition("\n")
        if not frame.startswith(":") and line:
            body = json.loads(line.removeprefix("data: "))
            found.append(Event(event_id.removeprefix("id: "), body["type"], body["data"], body["timestamp"]))
    return found


def assert_well_formed(events: list[Event]) -> None:
    """What holds for the events of any finished turn, whatever happened in it."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert {event.turn for event in events} == {events[0].turn}
    assert events[0].type == "connection_established"
    assert [event.type for event in events if event.type in TERMINAL] == [events[-1].type]
    open_calls: set[str] = set()
    for event in events:
        if event.type == "tool_use_start":
            open_calls.add(event.data["toolId"])
        elif event.type == "step_reset":
            open_calls.clear()
        elif event.type == "tool_use_progress" and event.data["status"] != "running":
            open_calls.discard(event.data["toolId"])
    assert not open_calls, "calls that were begun and never settled"


@asynccontextmanager
async def serve(
    data_dir: Path,
    script: claude.Script | None,
    log: Callable[[str, str], None] | None = None,
    /,
    *,
    faults: upstash.Faults | None = None,
    pace: float = 0,
    **variables: str,
) -> AsyncGenerator[Stack]:
    """A product of its own for one test; `log` is given each line of a function."""
    woken = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await woken.wait()

    async with AsyncExitStack() as running:
        model = await running.enter_async_context(claude.serve(script=script, pace=pace))
        redis = await running.enter_async_context(
            upstash.serve(data_dir=None, token="test-token", faults=faults)
        )
        known = {
            "ANTHROPIC_BASE_URL": model.url,
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
            "TITLE_MODEL": "none",  # its request beside a first turn's would be in every test's way
            **running.enter_context(emulated_aws.variables()),
            **variables,
        }
        local = await running.enter_async_context(
            composition.serve(known, port=0, data_dir=data_dir, log=log, sleep=sleep)
        )
        stack = Stack(model, redis, local.server, local.url, variables.get("BASE_PATH", BASE))
        stack.woken = woken
        running.push_async_callback(stack.client.aclose)
        answer = await stack.client.post(APPS, json={"name": "An app"})
        assert answer.status_code == 201, answer.text
        stack.app = answer.json()["app"]["appId"]
        yield stack


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    frame: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        elif frame:
            body = json.loads(frame["data"])
            yield Event(frame["id"], body["type"], body["data"], body["timestamp"])
            frame = {}


def replies(*steps: claude.Reply) -> claude.Script:
    """A script that gives these replies over and over."""
    cycle = itertools.cycle(steps)
    return claude.Script(lambda _request, _n: next(cycle))
