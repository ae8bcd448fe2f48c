"""The events of a turn's stream, one TypedDict for the `data` of each.

They are TypedDicts because a function builds very many of them and need not validate its own. The OpenAPI
document and the page's types are made from them, docstrings included.
"""

from typing import Literal, NotRequired, TypedDict

from aicode.api_types import AnsweredRequest, FileChange, Problem, Question, Source, ToolStatus, Usage

NoticeKind = Literal["compacted", "model_fallback", "budget_low", "other"]
ErrorCode = Literal[
    "model_overloaded",
    "model_error",
    "model_refused",
    "step_limit",
    "budget_exceeded",
    "store_unavailable",
    "interrupted",
    "internal",
]


class ConnectionEstablished(TypedDict):
    """Always the first event of a turn."""

    sessionId: str
    appId: str
    turnId: int
    messageId: str
    model: str


class TextDelta(TypedDict):
    """More of the answer's text."""

    text: str


class Sources(TypedDict):
    """The pages of the web that the text right before this cites."""

    sources: list[Source]


class ThinkingDelta(TypedDict):
    """More of the model's summarised thinking."""

    text: str


class ToolUseStart(TypedDict):
    """The model has begun to ask for a tool."""

    toolId: str
    toolName: str


class ToolProgress(TypedDict):
    """What is known of a call so far; `summary` and `durationMs` once it has ended."""

    input: NotRequired[dict[str, object]]
    summary: NotRequired[str]
    error: NotRequired[str]
    durationMs: NotRequired[int]


class ToolUseProgress(TypedDict):
    """A tool runs, or has ended."""

    toolId: str
    toolName: str
    status: ToolStatus
    data: ToolProgress


class ToolUseInput(TypedDict):
    """What Claude writes into a file by `create_file` or `edit_file`, about ten times a second.

    The `delta`s of a call add up to the file's text, or to the texts that an edit puts in place of others,
    with a line break between each two. `path` comes once, as soon as Claude has written it. A call has these
    events between its start and its first progress while the turn's events are kept; a replay from the
    history has none.
    """

    toolId: str
    path: NotRequired[str]
    delta: str


class ToolResult(TypedDict):
    """How one call of a batch ended."""

    toolId: str
    toolName: str
    status: ToolStatus
    isError: bool
    summary: str
    durationMs: int


class ToolUseComplete(TypedDict):
    """Once per batch, in the order the model asked."""

    toolResults: list[ToolResult]


class StepComplete(TypedDict):
    """What came since the last one is final: it is in the history, with the results of its tools."""

    step: int


class StepReset(TypedDict):
    """Throw away all that came since the last `step_complete`, or the start of the turn."""

    reason: str


class TurnHandover(TypedDict):
    """The stream ends here, the turn goes on in a fresh invocation: reconnect with the last id."""

    reason: str


class ToolApprovalRequest(TypedDict):
    """A call waits for the vendor's word; `summary` says what exactly will happen."""

    approvalId: str
    toolId: str
    toolName: str
    summary: str
    input: dict[str, object]


class QuestionEvent(TypedDict):
    """Claude asks the vendor; the answers go to the same route as an approval."""

    approvalId: str
    questions: list[Question]


class PreviewRequest(TypedDict):
    """Claude asks to see the app's preview, of the page that said with the message that one is open."""

    approvalId: str
    toolId: str


class TurnWaiting(TypedDict):
    """The stream ends here; the turn goes on by itself when all of `approvals` are answered."""

    turnId: int
    approvals: list[str]


class CheckFinished(TypedDict):
    """The app was type-checked and bundled as it was at `revision`; `ok` if it has no error."""

    revision: int
    ok: bool
    errors: list[Problem]
    durationMs: int


class Notice(TypedDict):
    """Something the vendor should know; the turn goes on."""

    kind: NoticeKind
    text: str


class SessionTitle(TypedDict):
    """The session has a title now."""

    title: str


class MessageComplete(TypedDict):
    """Terminal: the turn ended as it should."""

    turnId: int
    stopReason: str
    usage: Usage
    fileChanges: list[FileChange]


class TurnCancelled(TypedDict):
    """Terminal: the turn was stopped."""

    turnId: int
    usage: Usage


class Error(TypedDict):
    """Terminal: the turn failed. `requestId` leads to what the log says of it."""

    message: str
    code: ErrorCode
    retryable: bool
    retryAfterMs: NotRequired[int]
    requestId: NotRequired[str]


EVENTS: dict[str, type] = {
    "connection_established": ConnectionEstablished,
    "text_delta": TextDelta,
    "sources": Sources,
    "thinking_delta": ThinkingDelta,
    "tool_use_start": ToolUseStart,
    "tool_use_progress": ToolUseProgress,
    "tool_use_input": ToolUseInput,
    "file_change": FileChange,
    "tool_use_complete": ToolUseComplete,
    "step_complete": StepComplete,
    "step_reset": StepReset,
    "turn_handover": TurnHandover,
    "tool_approval_request": ToolApprovalRequest,
    "question": QuestionEvent,
    "preview_request": PreviewRequest,
    "turn_waiting": TurnWaiting,
    "request_answered": AnsweredRequest,
    "check_finished": CheckFinished,
    "notice": Notice,
    "session_title": SessionTitle,
    "message_complete": MessageComplete,
    "turn_cancelled": TurnCancelled,
    "error": Error,
}
