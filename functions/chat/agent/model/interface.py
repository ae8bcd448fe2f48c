"""What a turn knows of a model: an answer is streamed to a listener, or an attempt fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from aicode.api_types import Usage
from aicode.errors import AICodeError
from aicode.history import ApiBlock, no_usage
from chat.agent.model.refused_blocks import RefusedBlock

Request = dict[str, object]
# The API takes nothing but an object back as a call's input. Under this name in one goes back what the model
# wrote where that is no JSON object, so that it sees what it wrote.
INVALID_JSON = "INVALID_JSON"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that the model asked for; `arguments` is None if its input is not a JSON object."""

    id: str
    name: str
    arguments: dict[str, object] | None


@dataclass(slots=True, kw_only=True)
class Answer:
    """A complete answer: its `message_stop` has come. `content` goes back to the API as it came.

    `request_id` is the API's own, for the log.
    """

    content: list[ApiBlock]
    stop_reason: str
    model: str
    usage: Usage = field(default_factory=no_usage)
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    request_id: str | None = None


Purpose = Literal["answer", "title", "summary"]


class AnswerListener(Protocol):
    """Listens to an answer while the model writes it."""

    @property
    def purpose(self) -> Purpose:
        """What it is asked for."""
        ...

    def begins(self) -> None:
        """Called when the first content of an attempt at it has come, of whatever kind."""
        ...

    def text(self, text: str) -> None:
        """Called with more text."""
        ...

    def thinking(self, text: str) -> None:
        """Called with more summarised thinking."""
        ...

    def tool_start(self, call_id: str, name: str) -> None:
        """Called when the model has begun to ask for a tool."""
        ...

    def tool_input(self, call_id: str, piece: str) -> None:
        """Called with more of a call's input, which is JSON that is cut anywhere."""
        ...

    def tool_ready(self, call: ToolCall) -> None:
        """Called when a tool call is complete, while the answer may go on."""
        ...

    def server_call(self, call: ToolCall) -> None:
        """Called when the call of a tool that the API runs itself is complete: it runs now."""
        ...

    def server_result(self, result: ApiBlock) -> None:
        """Called with the result of a tool that the API ran."""
        ...

    def cited(self, citations: object) -> None:
        """Called behind a text with what it cites."""
        ...

    def delayed(self, text: str) -> None:
        """Called with a line for the vendor once failures have delayed the answer for some seconds."""
        ...

    def spent(self, model: str, usage: Usage) -> None:
        """Called with what an attempt at an answer of the model used that broke off, if the model told that.

        An attempt that the model refused has used nothing.
        """
        ...

    def reset(self, reason: str) -> None:
        """Called when the answer begins anew: nothing of it so far counts."""
        ...


class NullListener:
    """Listens to an answer of which only the result and the price matter."""

    def __init__(self, purpose: Purpose, spend: Callable[[Purpose, str, Usage], None]) -> None:
        self.purpose: Purpose = purpose
        self._spend = spend

    def spent(self, model: str, usage: Usage) -> None:
        """Passes the usage on."""
        self._spend(self.purpose, model, usage)

    def begins(self) -> None:
        """Nobody waits for it."""

    def text(self, text: str) -> None:
        """Nothing to show."""

    def thinking(self, text: str) -> None:
        """Nothing to show."""

    def tool_start(self, call_id: str, name: str) -> None:
        """No tools were offered."""

    def tool_input(self, call_id: str, piece: str) -> None:
        """No tools were offered."""

    def tool_ready(self, call: ToolCall) -> None:
        """No tools were offered."""

    def server_call(self, call: ToolCall) -> None:
        """No tools were offered."""

    def server_result(self, result: ApiBlock) -> None:
        """No tools were offered."""

    def cited(self, citations: object) -> None:
        """Nothing to show."""

    def delayed(self, text: str) -> None:
        """Nobody is told."""

    def reset(self, reason: str) -> None:
        """Nothing was shown."""


class Model(Protocol):
    """Something that answers a Messages API request."""

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt at an answer. Raises ModelFailure if it does not become complete."""
        ...


class FilesApi(Protocol):
    """Something that keeps files for requests, which name them instead of holding their bytes."""

    async def upload(self, data: bytes, media_type: str, seconds: int) -> str | None:
        """The id by which requests can name this file for so many seconds; None if it was not taken."""
        ...


FailureKind = Literal[
    "overloaded",
    "failed",
    "refused_request",
    "refused_thinking",
    "refused_block",
    "too_long",
]


class ModelFailure(AICodeError):
    """An attempt that failed; `retry_after` is in seconds, None if the API named no time.

    `refused` is there for the kind `refused_block`. `may_be_tool` is true for a refused request of which the
    API gives no reason that is known: it may be a tool that the request offers.
    """

    def __init__(  # noqa: PLR0913 - what an error answer tells
        self,
        kind: FailureKind,
        reason: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        request_id: str | None = None,
        refused: RefusedBlock | None = None,
        may_be_tool: bool = False,
    ) -> None:
        super().__init__(reason)
        self.kind: FailureKind = kind
        self.reason = reason
        self.retryable = retryable
        self.retry_after = retry_after
        self.request_id = request_id
        self.refused = refused
        self.may_be_tool = may_be_tool
