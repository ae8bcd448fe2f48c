"""A model that answers by chance: text, thinking, calls, cuts, failures, long silences."""

import asyncio
import itertools
import json
import random
from collections.abc import Sequence
from typing import Any

from pydantic import Field
from sim_store import Network, Process
from sim_waits import CALLS

from aicode.api_types import Usage
from aicode.history.records import ApiBlock
from aicode.history.usage import no_usage
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request, ToolCall
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput
from dev.claude import validate
from dev.claude.api_error import ApiError
from dev.claude.cache import PromptCache
from dev.claude.signature import sign

MODEL = "claude-sonnet-5-5"


class Meter:
    """What the model was asked for by all processes, by its own count, as the vendor's day weighs it."""

    def __init__(self) -> None:
        self._cache = PromptCache()
        self.weight = 0

    def asked(self, body: dict[str, Any]) -> Usage:
        """Counts a request; gives what its answer will tell, to which `wrote` adds."""
        given = self._cache.use(body)
        self.weight += given.weight
        usage = no_usage()
        usage["inputTokens"] = given.input_tokens
        usage["cacheWriteTokens"] = given.cache_creation_input_tokens
        usage["cacheReadTokens"] = given.cache_read_input_tokens
        return usage

    def wrote(self, usage: Usage) -> None:
        """Counts a token of an answer."""
        usage["outputTokens"] += 1
        self.weight += 1


class SimulatedModel:
    """One process's way to the model. `refused` holds why a request was not valid."""

    def __init__(
        self,
        chance: random.Random,
        process: Process,
        network: Network,
        ids: "itertools.count[int]",
        meter: Meter,
    ) -> None:
        self._chance = chance
        self._process = process
        self._network = network
        self._ids = ids
        self._meter = meter
        self.refused: list[str] = []

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt."""
        try:
            body = validate.read_body(json.dumps({**request, "stream": True}).encode())
        except ApiError as error:
            self.refused.append(error.message)
            raise ModelFailure("refused_request", error.message, retryable=False) from error
        calm = not self._network.unreliable
        chance = random.Random("calm") if calm else self._chance  # noqa: S311 - repeatable
        fate = 1.0 if calm else chance.random()
        await self._process.door()
        if 0.1 < fate < 0.12:
            listener.spent(MODEL, no_usage())
            raise ModelFailure("overloaded", "529", retryable=True)
        usage = self._meter.asked(body)
        await self._wait(chance.choice([0.0, 0.3, 1.0, 2.0 if fate > 0.05 else 50.0]))
        if fate < 0.01:
            raise ModelFailure("failed", "stalled", retryable=True)
        try:
            return await self._answer(chance, listener, usage, fate=fate, calm=calm)
        except BaseException:
            listener.spent(MODEL, usage)
            raise

    async def _answer(
        self, chance: random.Random, listener: AnswerListener, usage: Usage, *, fate: float, calm: bool
    ) -> Answer:
        content = await self._words(chance, listener, usage)
        if fate < 0.1:
            kind = "overloaded" if chance.random() < 0.5 else "failed"
            wait = chance.choice([None, 1.0])
            raise ModelFailure(kind, "stalled", retryable=fate > 0.02, retry_after=wait)
        stop = "max_tokens" if fate < 0.14 else "refusal" if fate < 0.15 else "end_turn"
        calls: list[ToolCall] = []
        if not calm and stop == "end_turn" and chance.random() < 0.6:
            stop = "tool_use"
            calls += [await self._call(chance, listener, usage) for _ in range(chance.randint(1, 3))]
            content += [_block(call) for call in calls]
        await self._wait(0.01)
        return Answer(content=content, stop_reason=stop, model=MODEL, usage=usage, calls=calls)

    async def _words(self, chance: random.Random, listener: AnswerListener, usage: Usage) -> list[ApiBlock]:
        content: list[ApiBlock] = []
        if chance.random() < 0.3:
            listener.thinking("Hm. ")
            content.append({"type": "thinking", "thinking": "Hm. ", "signature": sign(MODEL, "Hm. ")})
        text = ""
        for _ in range(chance.randint(1, 30)):
            word = f"w{next(self._ids)} "
            text += word
            listener.text(word)
            self._meter.wrote(usage)
            await self._wait(chance.choice([0.0, 0.01, 0.05, 0.3]))
        return [*content, {"type": "text", "text": text}]

    async def _call(self, chance: random.Random, listener: AnswerListener, usage: Usage) -> ToolCall:
        number = next(self._ids)
        name, arguments = chance.choice(_calls(number))
        call = ToolCall(f"toolu_{number}", name, arguments)
        listener.tool_start(call.id, name)
        written = json.dumps(arguments)
        for start in range(0, len(written), 20):
            listener.tool_input(call.id, written[start : start + 20])
            self._meter.wrote(usage)
            await self._wait(0.02)
        listener.tool_ready(call)
        return call

    async def _wait(self, seconds: float) -> None:
        await self._process.door()
        await asyncio.sleep(seconds)
        await self._process.door()


def _block(call: ToolCall) -> ApiBlock:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}


def _calls(number: int) -> Sequence[tuple[str, dict[str, object]]]:
    edit: dict[str, object] = {"path": "shared.txt", "edits": [{"old": "line", "new": f"line\n{number}"}]}
    return [
        ("create_file", {"path": f"f{number}.txt", "content": "text\n"}),
        ("create_file", {"path": f"f{number}.ts", "content": "text\n"}),
        ("create_file", {"path": f"f{number}.ts", "content": f"BROKEN {number}\n"}),
        ("check_app", {}),
        ("create_file", {"path": "shared.txt", "content": "line\n", "overwrite": True}),
        ("edit_file", edit),
        ("delete_file", {"path": "shared.txt"}),
        ("list_files", {}),
        ("read_file", {"path": "shared.txt"}),
        ("wait", {"seconds": 3}),
        ("wait", {"seconds": 40}),
        ("wait", {"seconds": 0, "crash": True}),
        *CALLS,
    ]


class Wait(ToolInput):
    """How long, and whether it ends badly."""

    seconds: int = Field(description="How long.")
    crash: bool = False


def wait_tool(process: Process) -> Tool[Any]:
    """A tool that takes its time, or crashes."""

    async def run(wait: Wait, _call: str) -> ToolOutput:
        await process.door()
        await asyncio.sleep(wait.seconds)
        if wait.crash:
            raise RuntimeError("the tool is broken")
        return ToolOutput(content="Waited.", summary="Waited")

    return Tool(name="wait", description="Waits.", input_type=Wait, run=run, effect="read")
