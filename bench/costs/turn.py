"""A turn of a minute, and a visit of the page, counted on the local stack."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.costs import counted_aws
from dev import claude, composition, upstash
from dev.claude import Received, Reply, Text, ToolUse
from dev.sign_in import LOCAL_VENDOR
from dev.token import make_token

CHAT, APPS = "/api/vendor/ai-chat-v2", "/api/vendor/apps"
FILES = f"{APPS}/demo-app"
# Three steps, each two seconds of silence and eighteen of text and files, at the pace of a current model.
SILENCE, DELTAS, PACE = 2.0, 540, 30.0
WORDS = "Some of the words of an answer, in plain English, none of them long or new. "
CODE = "".join(f"export const v{n:02} = {{ name: 'a line of the file', used: true }};\n" for n in range(55))
Counts = dict[str, float]


class PlayedModel:
    """The model of the counted turn: two steps that write a file, one that sums up."""

    def __init__(self) -> None:
        self.in_real_time = False

    def reply(self, request: Received, _number: int) -> Reply:
        """The step that the conversation is at."""
        said = [number for number, message in enumerate(request.messages) if _is_said(message)]
        step = sum(message["role"] == "assistant" for message in request.messages[said[-1] :])
        file = {"path": f"src/part{len(said)}-{step}.ts", "content": CODE}
        items = [Text(WORDS * 16, cuts=180), ToolUse("create_file", file, cuts=360)]
        if step == 2:
            items = [Text(WORDS * 64, cuts=540)]
        return Reply(*items, delay=SILENCE, pace=PACE) if self.in_real_time else Reply(*items)


def _is_said(message: Mapping[str, Any]) -> bool:
    content = message["content"]
    return message["role"] == "user" and (
        isinstance(content, str) or any(block["type"] == "text" for block in content)
    )


class Counting:
    """A running stack with everything counted that is billed."""

    def __init__(self, aws: counted_aws.CountedAWS, redis: upstash.Upstash, lines: list[str]) -> None:
        self.http: Counter[str] = Counter()
        self.metrics: set[str] = set()
        self._aws = aws
        self._redis = redis
        self._lines = lines

    def start(self) -> None:
        """From here on."""
        self.http.clear()
        self._aws.counts.clear()
        self._redis.reset_counters()
        self._lines.clear()

    def counts(self) -> Counts:
        """What there was since."""
        for line in self._lines:
            self.metrics |= set(_series(line))
        return {
            **{name: float(number) for name, number in sorted({**self.http, **self._aws.counts}.items())},
            "redis_commands": float(self._redis.commands_billed),
            "log_bytes": float(sum(len(line.encode()) for line in self._lines)),
            "build_requests": float(
                len(checks := [found for line in self._lines if (found := _check(line))])
            ),
            "build_milliseconds": float(sum(checks)),
        }


def _check(line: str) -> int:
    """The milliseconds of the check that a line of the build function's log tells of; else 0."""
    if '"service":"build"' not in line or '"checked"' not in line:
        return 0
    return int(json.loads(line)["duration_ms"])


def _series(line: str) -> list[str]:
    """The metrics that CloudWatch makes of a line of the log: each set of dimensions is one by itself."""
    if '"CloudWatchMetrics"' not in line:
        return []
    found = json.loads(line)
    return [
        json.dumps([directive["Namespace"], metric["Name"], [(name, found[name]) for name in sorted(names)]])
        for directive in found["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    ]


class Page:
    """What the page asks for, as its requests in a browser show."""

    def __init__(self, client: httpx.AsyncClient, counting: Counting) -> None:
        self._client = client
        self._http = counting.http

    async def visit(self) -> None:
        """Opens the page with its app and its last conversation."""
        sessions = (await self._get("session", CHAT, appId="demo-app"))["sessions"]
        await self._get("apps", APPS)
        await self._get("session", f"{CHAT}/budget")
        await self._get("apps", f"{FILES}/files")
        await self._get("apps", f"{FILES}/files", content="1")
        await self._get("session", CHAT, sessionId=sessions[0]["sessionId"])
        await self._get("apps", f"{FILES}/checkpoints")

    async def turn(self, session: str | None) -> tuple[str, list[Any]]:
        """Sends a message, follows its turn, reads what it changed; the session, and the turn's events."""
        body = {"message": WORDS * 2, "appId": "demo-app", **({"sessionId": session} if session else {})}
        began = asyncio.get_running_loop().time()
        text = (await self._asked("chat", "POST", CHAT, json=body)).text
        self._http["chat_milliseconds"] += round((asyncio.get_running_loop().time() - began) * 1000)
        events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
        for event in events:
            if event["type"] == "file_change":
                await self._get("apps", f"{FILES}/file", path=event["data"]["path"])
        await self._get("apps", f"{FILES}/files")
        await self._get("session", f"{CHAT}/budget")
        await self._get("apps", f"{FILES}/checkpoints", limit="1")
        return events[0]["data"]["sessionId"], events

    async def _get(self, function: str, route: str, **query: str) -> Any:
        return (await self._asked(function, "GET", route, params=query)).json()

    async def _asked(self, function: str, method: str, route: str, **options: Any) -> httpx.Response:
        response = await self._client.request(method, route, **options)
        response.raise_for_status()
        self._http[f"{function}_requests"] += 1
        self._http["response_bytes"] += len(response.content) + sum(
            len(name) + len(value) + 4 for name, value in response.headers.raw
        )
        return response


@asynccontextmanager
async def _running(model: PlayedModel) -> AsyncGenerator[tuple[Page, Counting]]:
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, counted_aws.serve() as (aws, known):
        async with (
            upstash.serve(data_dir=None) as redis,
            claude.serve(script=claude.Script(model.reply)) as api,
            composition.serve(
                {
                    **known,
                    "ANTHROPIC_BASE_URL": api.url,
                    "UPSTASH_REDIS_REST_URL": redis.url,
                    "UPSTASH_REDIS_REST_TOKEN": redis.token,
                },
                port=0,
                data_dir=Path(folder),
                log=lambda _function, line: lines.append(line),
            ) as stack,
        ):
            token = make_token(stack.settings, LOCAL_VENDOR)
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            counting = Counting(aws, redis, lines)
            url = stack.url.replace("localhost", "127.0.0.1")
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
                yield Page(client, counting), counting


async def count() -> dict[str, Counts]:
    """A turn in the middle of a conversation, a visit, and how many metrics they make of the log."""
    model = PlayedModel()
    async with _running(model) as (page, counting):
        session, _ = await page.turn(None)
        await page.turn(session)
        model.in_real_time = True
        counting.start()
        _, events = await page.turn(session)
        turn = counting.counts()
        tokens = next(event["data"]["usage"] for event in events if event["type"] == "message_complete")
        counting.start()
        await page.visit()
        visit = counting.counts()
        return {
            "turn": turn,
            "visit": visit,
            "tokens": {name: float(number) for name, number in tokens.items() if name.endswith("Tokens")},
            "month": {"metrics": float(len(counting.metrics))},
        }
