"""What a streamed word costs: CPU of the door to Claude, from bytes to frames, against the SDK's own stream.

Both read the same answers from the same server, which runs in another process, in turn and in one run; only
the reader's CPU counts. "Full blast" sends an answer as fast as it can be read, "one a read" lets every delta
come alone, as it does from a model. The door makes frames for the browser of what it reads, the SDK's loop
does nothing with it. "Bytes" is the SDK's transport alone, which both stand on. All run on uvloop, as the
streaming runtime does; `bench/delta_cost.py asyncio` runs them on asyncio's own loop. Ratios count:
microseconds of a shared machine mean little.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import IO, Any, cast

import anthropic
import uvloop

from aicode.api_types import Usage
from aicode.history import ApiBlock
from aicode.session_manager.turn_writer import TurnWriter
from aicode.settings import Settings
from chat.agent.model.claude import Claude
from chat.agent.model.interface import Purpose, Request, ToolCall
from chat.agent.turn.writing import Writing
from chat.client_buffer import ClientBuffer
from chat.event_log import EventLog

RUNS = 5
DELTAS = {"blast": 6000, "single": 1500}
GOALS = {"blast": 0.1, "single": 0.75}
NAMES = {"blast": "full blast", "single": "one delta a read"}
WORDS = "a few words of it "
GAP_SECONDS = 0.0005
CHUNK_BYTES = 16_384


# -- the answers --------------------------------------------------------------------------------------


def answer(kind: str, deltas: int) -> list[bytes]:
    """A streamed answer of one block, event by event; `kind` is text or tool."""
    start: dict[str, Any] = {"type": "text", "text": ""}
    delta: dict[str, Any] = {"type": "text_delta", "text": WORDS}
    parts = [delta] * deltas
    if kind == "tool":
        start = {"type": "tool_use", "id": "toolu_1", "name": "create_file", "input": {}}
        texts = ['{"path": "a.txt", "content": "', *[WORDS] * (deltas - 2), '"}']
        parts = [{"type": "input_json_delta", "partial_json": text} for text in texts]
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    stop = {"stop_reason": "tool_use" if kind == "tool" else "end_turn", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": start},
        *({"type": "content_block_delta", "index": 0, "delta": part} for part in parts),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": {"output_tokens": deltas}},
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


async def serve() -> None:
    """Answers `POST /{blast|single}/{text|tool}/v1/messages` until its input ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                await reader.readexactly(int(head.lower().partition("content-length:")[2].split("\r\n")[0]))
                _, pace, kind, *_ = head.split("/")
                await reply(writer, pace, answer(kind, DELTAS[pace]))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # open connections are of no more use


async def reply(writer: asyncio.StreamWriter, pace: str, events: list[bytes]) -> None:
    """Sends one answer."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    whole = b"".join(events)
    blast = [whole[at : at + CHUNK_BYTES] for at in range(0, len(whole), CHUNK_BYTES)]
    for chunk in events if pace == "single" else blast:
        writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await writer.drain()
        if pace == "single":
            await asyncio.sleep(GAP_SECONDS)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


# -- the readers --------------------------------------------------------------------------------------


def now_ms() -> int:
    return int(time.time() * 1000)


class Page:
    """What the orchestrator does with each piece of an answer: remembers it, and makes it a frame."""

    purpose: Purpose = "answer"

    def __init__(self) -> None:
        self.live = ClientBuffer()
        writer = cast("TurnWriter", type("Writer", (), {"turn": 1})())
        self.log = EventLog(writer, self.live, now_ms)
        self.shown: list[str] = []
        self.writings: dict[str, Writing] = {}

    def begins(self) -> None:
        pass

    def text(self, text: str) -> None:
        self.shown.append(text)
        self.log.emit_delta("text_delta", text)

    def thinking(self, text: str) -> None:
        self.log.emit_delta("thinking_delta", text)

    def tool_start(self, call_id: str, name: str) -> None:
        self.log.emit("tool_use_start", {"toolId": call_id, "toolName": name})
        self.writings[call_id] = Writing(call_id, ("content",), self.log.emit, now_ms)

    def tool_input(self, call_id: str, piece: str) -> None:
        self.writings[call_id].hear(piece)

    def tool_ready(self, call: ToolCall) -> None:
        self.writings[call.id].finish()

    def server_call(self, call: ToolCall) -> None:
        raise AssertionError(call)

    def server_result(self, result: ApiBlock) -> None:
        raise AssertionError(result)

    def cited(self, citations: object) -> None:
        raise AssertionError(citations)

    def delayed(self, text: str) -> None:
        raise AssertionError(text)

    def spent(self, model: str, usage: Usage) -> None:
        raise AssertionError(model, usage)

    def reset(self, reason: str) -> None:
        raise AssertionError(reason)


REQUEST: Request = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hi"}],
}


async def through_the_door(url: str) -> Callable[[], Awaitable[None]]:
    """The product's way: Claude's door, the event log, the browser's frames."""
    env = {"AICODE_LOCAL": "1", "ANTHROPIC_BASE_URL": url, "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
    door = Claude(Settings.from_env(env))
    await door.prepare()

    async def read() -> None:
        page = Page()

        async def browser() -> None:
            async for _ in page.live.chunks():
                pass

        reading = asyncio.create_task(browser())
        await door.ask(REQUEST, page)
        page.live.close()
        await reading

    return read


async def through_the_sdk(url: str) -> Callable[[], Awaitable[None]]:
    """The SDK's way: `messages.stream()`."""
    client = anthropic.AsyncAnthropic(api_key="key", base_url=url, max_retries=0)
    request: Any = REQUEST

    async def read() -> None:
        async with client.messages.stream(**request) as stream:
            async for _ in stream:
                pass

    return read


async def through_the_transport(url: str) -> Callable[[], Awaitable[None]]:
    """What both stand on: the SDK's transport, its bytes thrown away."""
    client = anthropic.AsyncAnthropic(api_key="key", base_url=url, max_retries=0)
    request: Any = REQUEST

    async def read() -> None:
        async with client.messages.with_streaming_response.create(**request, stream=True) as response:
            async for _ in response.iter_bytes():
                pass

    return read


async def cpu_of(read: Callable[[], Awaitable[None]]) -> float:
    """CPU seconds of this process for one answer."""
    began = time.process_time()
    await read()
    return time.process_time() - began


async def measure(port: int) -> None:
    """Prints microseconds a delta, and the ratio of the door to the SDK."""
    print(f"{'':28}{'door':>10}{'SDK':>10}{'bytes':>10}{'ratio':>8}{'goal':>7}")
    for pace, deltas in DELTAS.items():
        for kind in ("text", "tool"):
            url = f"http://127.0.0.1:{port}/{pace}/{kind}"
            readers = [await make(url) for make in (through_the_door, through_the_sdk, through_the_transport)]
            for reader in readers:
                await reader()
            runs = [[await cpu_of(reader) for reader in readers] for _ in range(RUNS)]
            ours, theirs, floor = (statistics.median(side) / deltas * 1e6 for side in zip(*runs, strict=True))
            ratio, goal = ours / theirs, GOALS[pace]
            name = f"{NAMES[pace]}, {kind}"
            print(f"{name:28}{ours:>7.1f} µs{theirs:>7.1f} µs{floor:>7.1f} µs{ratio:>8.3f}{goal:>7}")


def main() -> None:
    """Runs the server beside the measurement."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - this file
        stdin, stdout = cast("IO[str]", server.stdin), cast("IO[str]", server.stdout)
        try:
            loop = asyncio.new_event_loop if sys.argv[1:] == ["asyncio"] else uvloop.new_event_loop
            with asyncio.Runner(loop_factory=loop) as runner:
                runner.run(measure(int(stdout.readline())))
        finally:
            stdin.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
