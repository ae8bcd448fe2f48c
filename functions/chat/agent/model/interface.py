"""What the conversation knows of a model: one answer, streamed to a listener, or a failure with a verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from aicode.api_types import Usage
from aicode.errors import AICodeError
from aicode.history.records import ApiBlock
from aicode.history.usage import no_usage

Request = dict[str, object]
# The API takes nothing but an object back as a call's input. Under this name in one goes back what the model
# wrote where that is no JSON object, so that it sees what it wrote.
INVALID_JSON = "INVALID_JSON"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model asked for it; `arguments` None where its JSON does not parse."""

    id: str
    name: str
    arguments: dict[str, object] | None


@dataclass(slots=True, kw_only=True)
class Answer:
    """A complete answer: `message_stop` was seen. `content` is what goes back to the API, as it came.

    `request_id` is the API's own, for the log.
    """

    content: list[ApiBlock]
    stop_reason: str
    model: str
    usage: Usage = field(default_factory=no_usage)
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    refusal: str = ""
    request_id: str | None = None


class AnswerListener(Protocol):
    """Hears an answer while the model writes it."""

    def text(self, text: str) -> None:
        """More text."""
        ...

    def thinking(self, text: str) -> None:
        """More summarised thinking."""
        ...

    def tool_start(self, call_id: str, name: str) -> None:
        """The model has begun to ask for a tool."""
        ...

    def tool_ready(self, call: ToolCall) -> None:
        """A call is complete, though the answer may go on."""
        ...

    def spent(self, usage: Usage) -> None:
        """Tokens of an answer that did not come to its end, and their price."""
        ...

    def reset(self, reason: str) -> None:
        """Nothing heard so far counts: the answer begins anew."""
        ...


class NullListener:
    """Hears an answer of which only the end and the price count."""

    def __init__(self, spend: Callable[[Usage], None]) -> None:
        self._spend = spend

    def spent(self, usage: Usage) -> None:
        """Passes it on."""
        self._spend(usage)

    def text(self, text: str) -> None:
        """Nothing to show."""

    def thinking(self, text: str) -> None:
        """Nothing to show."""

    def tool_start(self, call_id: str, name: str) -> None:
        """No tools were offered."""

    def tool_ready(self, call: ToolCall) -> None:
        """No tools were offered."""

    def reset(self, reason: str) -> None:
        """Nothing was shown."""


class Model(Protocol):
    """Something that answers a Messages API request."""

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt. Raises ModelFailure where it does not come to a complete answer."""
        ...


FailureKind = Literal["overloaded", "failed", "refused_request", "refused_thinking", "too_long"]


class ModelFailure(AICodeError):
    """An attempt that came to nothing. `retry_after` is in seconds, where the API named a time."""

    def __init__(
        self,
        kind: FailureKind,
        reason: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.kind: FailureKind = kind
        self.reason = reason
        self.retryable = retryable
        self.retry_after = retry_after
        self.request_id = request_id
