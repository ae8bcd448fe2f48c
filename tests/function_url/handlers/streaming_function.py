"""A streaming function that does what the query string asks for."""

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

_calls = 0


@dataclass(frozen=True)
class Answer:
    body: AsyncIterator[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Sequence[str] = ()


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _json(value: object, status: int = 200) -> Answer:
    return Answer(_pieces(json.dumps(value).encode()), status, {"Content-Type": "application/json"})


async def _wait_for(path: str) -> None:
    while not Path(path).exists():  # noqa: ASYNC110, ASYNC240 - the test says by a file when to go on
        await asyncio.sleep(0.01)


async def _gated(query: Mapping[str, str]) -> AsyncIterator[bytes]:
    """One piece, then another when the file `gate` exists; leaves the file `done` behind."""
    yield b"first"
    await _wait_for(query["gate"])
    yield b"second"
    if "done" in query:
        Path(query["done"]).write_text("done")  # noqa: ASYNC240 - a test's marker


async def _failing() -> AsyncIterator[bytes]:
    yield b"first"
    raise RuntimeError("secret detail")


async def _flood(query: Mapping[str, str]) -> AsyncIterator[bytes]:
    for _ in range(int(query["count"])):
        yield b"x" * 65536
    Path(query["done"]).write_text("done")  # noqa: ASYNC240 - a test's marker


def _remember(event: Mapping[str, object]) -> Answer:
    """What a raw payload, as it comes from the Invoke API, asks for."""
    if "fail" in event:
        raise ValueError("the event asked for it")
    if "write" in event:
        Path(cast("str", event["write"])).write_text(json.dumps({**event, "by": os.getpid()}))
    return _json({"raw": event})


def _invoke_myself(query: Mapping[str, str]) -> Answer:
    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    request = urllib.request.Request(  # noqa: S310 - the address is our own
        f"{os.environ['AWS_ENDPOINT_URL_LAMBDA']}/2015-03-31/functions/{name}/invocations",
        data=json.dumps({"write": query["write"]}).encode(),
        headers={"X-Amz-Invocation-Type": "Event"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return _json({"status": answer.status, "pid": os.getpid()})


async def _wait(query: Mapping[str, str]) -> Answer:
    Path(query["started"]).touch()  # noqa: ASYNC240 - a test's marker
    await _wait_for(query["gate"])
    return _json({"pid": os.getpid()})


def _raise(query: Mapping[str, str]) -> Answer:
    raise RuntimeError("secret detail")


def _print(query: Mapping[str, str]) -> Answer:
    """Prints a line and half of one, starts a process that keeps the output open, and dies."""
    print("a line\nhalf", end="", flush=True)  # noqa: T201 - output is what is tested
    child = subprocess.Popen(["sleep", "1000"])  # noqa: S607 - wherever it is
    Path(query["child"]).write_text(str(child.pid))
    os._exit(0)


_CHOICES: dict[str, Callable[[Mapping[str, str]], Answer]] = {
    "gated": lambda query: Answer(_gated(query), headers={"Content-Type": "text/plain"}),
    "raise": _raise,
    "fail": lambda query: Answer(_failing()),
    "flood": lambda query: Answer(_flood(query)),
    "exit": lambda query: os._exit(3),
    "no content": lambda query: Answer(_pieces(), 204),
    "cookies": lambda query: Answer(
        _pieces(b"ok"),
        201,
        {"X-Answer": "yes", "Connection": "close", "Content-Length": "3"},
        ["a=1; Path=/", "b=2"],
    ),
    "split header": lambda query: Answer(_pieces(b"ok"), headers={"X-Answer": "a\r\nX-Evil: b"}),
    "print": _print,
    "environment": lambda query: _json(dict(os.environ)),
    "invoke myself": _invoke_myself,
}


async def handler(event: dict[str, object], context: object) -> Answer:
    global _calls  # noqa: PLW0603 - that a warm process remembers is what is tested
    _calls += 1
    if "requestContext" not in event:
        return _remember(event)
    query = cast("dict[str, str]", event.get("queryStringParameters", {}))
    if query.get("do") == "wait":
        return await _wait(query)
    if choice := _CHOICES.get(query.get("do", "")):
        return choice(query)
    remaining = getattr(context, "get_remaining_time_in_millis", lambda: None)()
    return _json({"event": event, "calls": _calls, "pid": os.getpid(), "remaining": remaining})
