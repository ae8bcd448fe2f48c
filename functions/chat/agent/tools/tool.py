"""A tool as one value: its definition for Claude, the shape of its input, and what it does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from aicode.api_types import PolicyName
from aicode.build.builder import Checked
from aicode.errors import ToolError
from aicode.history import Answer, ApiBlock, WaitKind
from chat.agent.tools.output import fit
from chat.agent.tools.partial_input import Place


class ToolInput(BaseModel):
    """The input of a tool; undeclared fields are refused, and values are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


Effect = Literal["read", "staged", "external"]
"""What a call does: `read` changes nothing, and may start while the model is still writing. `staged` changes
files, in the model's order, and lands with the batch's commit. `external` changes something elsewhere: it
starts after the commit and is recorded as begun before it starts, because it cannot be looked up whether it
was done."""

EFFECTS: tuple[Effect, ...] = get_args(Effect)

InputT = TypeVar("InputT", bound=ToolInput)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutput:
    """What a tool gives: `content` is text for Claude, `attachments` are further blocks, such as pictures.

    `summary` is for the vendor: one line, or more if it lists something. `checked` is what a check of the app
    has found; the page and the history are told it too.
    """

    content: str
    summary: str
    attachments: Sequence[ApiBlock] = ()
    is_error: bool = False
    checked: Checked | None = None


Answered = Callable[[InputT, Answer], Awaitable[ToolOutput]]
"""Makes the output of a call of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Generic[InputT]):
    """What a call waits for before it runs, or instead.

    `summary` says what exactly will happen, in a line for the vendor; it raises ToolError for a call that
    nobody need be asked about. An "approval" waits where the app's `policy` of that name says "ask", and the
    tool runs once it is approved, with the input that `settled` made of Claude's: what the vendor was asked
    about is what happens, whatever changes meanwhile. The others always wait, and never run: `answered` makes
    their output of the answer. If that has not come `within_seconds`, the answer is a no.
    """

    kind: WaitKind
    summary: Callable[[InputT], Awaitable[str]]
    policy: PolicyName | None = None
    settled: Callable[[InputT], Awaitable[InputT]] | None = None
    answered: Answered[InputT] | None = None
    within_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[InputT]):
    """Something Claude can ask for.

    `run` gets the parsed input and the call's id; what it raises as ToolError goes to Claude. An `external`
    effect that `is_idempotent` takes the call's id as its idempotency key: the same call again has no further
    effect. A tool with a `wait` runs only once that is over. `timeout_seconds` can only lower the product's
    limit for a call. If the output has to be cut, `read_on`, called with the part that is shown, tells Claude
    how to ask for the rest. `text_at` is where the text for a file stands in the input, if the page shows it
    while Claude writes it.
    """

    name: str
    description: str
    input_type: type[InputT]
    run: Callable[[InputT, str], Awaitable[ToolOutput]]
    effect: Effect
    is_idempotent: bool = False
    wait: Wait[InputT] | None = None
    timeout_seconds: float = 15.0
    text_at: Place | None = None
    read_on: Callable[[str], str] = lambda _shown: "Ask for less at once: fewer calls, or narrower ones."

    def definition(self) -> dict[str, object]:
        """The tool as the Messages API wants it."""
        schema = _schema(self.input_type)
        return {"name": self.name, "description": self.description, "input_schema": schema}

    async def call(self, arguments: object, call_id: str) -> ToolOutput:
        """Runs the tool; its texts are made fit for Claude, and have at most 64,000 bytes.

        Raises ToolError if the input does not fit the schema, or if the tool raises it.
        """
        return await _fit(lambda: self.run(self._parsed(arguments), call_id))

    async def asks(self, wait: Wait[InputT], arguments: object) -> tuple[dict[str, object], str]:
        """What a call that waits asks for: its input, and a line for the vendor; `wait` is the tool's.

        Raises ToolError if the input does not fit the schema, or if nobody need be asked about the call.
        """
        given = self._parsed(arguments)
        if wait.settled is not None:
            given = await wait.settled(given)
        return given.model_dump(mode="json", by_alias=True, exclude_none=True), fit(await wait.summary(given))

    async def answered(self, make: Answered[InputT], arguments: object, answer: Answer) -> ToolOutput:
        """What the tool's `make` gives for a call that waited and never runs; raises as `call`."""
        return await _fit(lambda: make(self._parsed(arguments), answer))

    def _parsed(self, arguments: object) -> InputT:
        try:
            return self.input_type.model_validate(arguments)
        except ValidationError as error:
            raise ToolError(_explain(error)) from None


async def _fit(work: Callable[[], Awaitable[ToolOutput]]) -> ToolOutput:
    try:
        output = await work()
    except ToolError as error:
        raise ToolError(fit(str(error))) from None
    return replace(output, content=fit(output.content), summary=fit(output.summary))


@cache
def _schema(input_type: type[ToolInput]) -> dict[str, object]:
    """The JSON schema, made once a process: every request sends it, and making it takes a millisecond."""
    return input_type.model_json_schema()


def _explain(error: ValidationError) -> str:
    """What is wrong with an input, without repeating its values."""
    problems = [
        f"{'.'.join(str(part) for part in item['loc']) or 'input'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return "The input does not fit the tool's schema: " + "; ".join(problems[:5])
