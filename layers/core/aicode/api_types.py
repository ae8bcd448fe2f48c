"""The objects in the answers of the REST routes, as TypedDicts.

Their docstrings are part of the OpenAPI document.
"""

from typing import Literal, NotRequired, TypedDict

FileAction = Literal["created", "edited", "deleted", "renamed"]
ToolStatus = Literal["running", "completed", "failed", "timed_out", "cancelled"]
TurnStatus = Literal["complete", "cancelled", "error", "interrupted", "running", "waiting"]
SessionStatus = Literal["idle", "running", "waiting", "cancelled", "interrupted", "error"]
Consent = Literal["allow", "ask", "deny"]
PolicyName = Literal["publish", "push"]


class Usage(TypedDict):
    """Tokens of a turn and what they cost in US dollars."""

    inputTokens: int
    outputTokens: int
    cacheReadTokens: int
    cacheWriteTokens: int
    costUsd: float


class App(TypedDict):
    """A set of files a vendor owns."""

    appId: str
    name: str
    createdAt: int
    updatedAt: int


class FileInfo(TypedDict):
    """A file without its content; `size` in bytes, of text in UTF-8.

    `binary` and `mediaType` are there for what is no text; `width` and `height`, in pixels, for a picture.
    """

    path: str
    version: int
    size: int
    updatedAt: int
    binary: NotRequired[Literal[True]]
    mediaType: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]


class File(FileInfo):
    """A file with its content; a binary file has none here."""

    content: NotRequired[str]


class CheckpointChange(TypedDict):
    """What a checkpoint did to one path; the lines of a binary file are not counted."""

    path: str
    action: FileAction
    previousPath: NotRequired[str]
    additions: int
    deletions: int
    binary: NotRequired[Literal[True]]


class Checkpoint(TypedDict):
    """All that one turn, or one save, changed."""

    revision: int
    baseRevision: int
    turnId: NotRequired[int]
    sessionId: NotRequired[str]
    author: Literal["ai", "vendor"]
    message: str
    createdAt: int
    changes: list[CheckpointChange]


class FileDiff(TypedDict):
    """One file between two revisions: a unified diff, or of a binary file its sizes (0 = no file).

    `mediaType`, and of a picture `width` and `height` in pixels, are those of the binary file at the end, or
    of the one that was deleted.
    """

    path: str
    action: FileAction
    diff: NotRequired[str]
    binary: NotRequired[Literal[True]]
    sizeBefore: NotRequired[int]
    sizeAfter: NotRequired[int]
    mediaType: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]


class FileChange(TypedDict):
    """A file of the app is different now."""

    path: str
    action: FileAction
    version: int
    previousPath: NotRequired[str]
    additions: int
    deletions: int
    toolId: str


class Attachment(TypedDict):
    """What a message refers to: a picture, a document or a text that was uploaded.

    `width` and `height` are a picture's, in pixels; `pages` is a document's.
    """

    uploadId: str
    name: str
    mediaType: str
    size: int
    sha256: str
    width: NotRequired[int]
    height: NotRequired[int]
    pages: NotRequired[int]


class AttachmentBlock(Attachment):
    """An attachment of the vendor's message."""

    type: Literal["attachment"]


class NewUpload(TypedDict):
    """Where a browser sends the bytes of an upload: a form with these fields, then the file, by POST."""

    uploadId: str
    url: str
    fields: dict[str, str]
    expiresAt: int


class Upload(TypedDict):
    """An upload: `waiting` for its bytes, `ready` for a message, or `refused` for a `reason`."""

    uploadId: str
    name: str
    type: str
    size: int
    sha256: str
    status: Literal["waiting", "ready", "refused"]
    reason: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    pages: NotRequired[int]


class Source(TypedDict):
    """A page of the web that Claude used."""

    url: str
    title: str


class TextBlock(TypedDict):
    """Text of the vendor or of Claude; `sources` are the pages that it cites."""

    type: Literal["text"]
    text: str
    sources: NotRequired[list[Source]]


class ThinkingBlock(TypedDict):
    """Claude's summarised thinking."""

    type: Literal["thinking"]
    text: str


class ToolUseBlock(TypedDict):
    """A call Claude asked for."""

    type: Literal["tool_use"]
    toolId: str
    toolName: str
    input: dict[str, object]


class ToolResultBlock(TypedDict):
    """What the call gave; `summary` is a line about it for the vendor, `durationMs` how long it ran."""

    type: Literal["tool_result"]
    toolId: str
    status: ToolStatus
    isError: bool
    content: str
    summary: str
    durationMs: int


class AnsweredRequest(TypedDict):
    """What was answered to a call that waited, by the vendor, or by the page that shows the preview.

    As an event it comes when the turn goes on, and may come once more. `summary` says what was asked; of a
    question the call's input has all of it. `answers` are the labels
    chosen, one list a question, `reason` is the vendor's own text, `picture` the upload that Claude saw.
    """

    approvalId: str
    toolId: str
    toolName: str
    summary: str
    approved: bool
    reason: NotRequired[str]
    answers: NotRequired[list[list[str]]]
    picture: NotRequired[str]


class AnsweredRequestBlock(AnsweredRequest):
    """The same, where it was answered."""

    type: Literal["request_answered"]


class NoticeBlock(TypedDict):
    """What the product tells the vendor."""

    type: Literal["notice"]
    text: str


class FoundProblem(TypedDict):
    """What the compiler or the bundler says of a place in a file; line and column from 1, 0 = the whole."""

    path: str
    line: int
    column: int
    code: str
    message: str


class Problem(FoundProblem):
    """A problem of an app; `known` is true if the turn that was checked did not make it."""

    known: bool


class CheckBlock(TypedDict):
    """What type checker and bundler found in the app's `revision`; `ok` if it has no error."""

    type: Literal["check"]
    revision: int
    ok: bool
    errors: list[Problem]
    durationMs: int


ContentBlock = (
    TextBlock
    | AttachmentBlock
    | ThinkingBlock
    | ToolUseBlock
    | ToolResultBlock
    | AnsweredRequestBlock
    | CheckBlock
    | NoticeBlock
)


class Choice(TypedDict):
    """One answer that Claude offers to a question."""

    label: str
    description: NotRequired[str]


class Question(TypedDict):
    """A question of Claude to the vendor; with `multiple` several of the options may be chosen."""

    question: str
    options: list[Choice]
    multiple: NotRequired[bool]


class PendingApproval(TypedDict):
    """What a waiting turn waits for: the vendor's word on a call, or their answer to its questions.

    `summary` says what exactly will happen.
    """

    approvalId: str
    toolId: str
    toolName: str
    summary: str
    input: dict[str, object]
    createdAt: int


class Policy(TypedDict):
    """What Claude may do outside the app's files by itself, after asking, or never."""

    publish: Consent
    push: Consent


class Site(TypedDict):
    """A published app: the version that its address shows; `indexed` if search engines may list it."""

    url: str
    version: int
    revision: int
    publishedAt: int
    indexed: bool


class SiteVersion(TypedDict):
    """A version of a published app; `live` if the address shows it."""

    version: int
    revision: int
    publishedAt: int
    live: bool


class Remote(TypedDict):
    """The git repository that the app is pushed to; its token is never told."""

    url: str
    branch: str
    pushedRevision: NotRequired[int]
    pushedAt: NotRequired[int]


class Turn(TypedDict):
    """How a turn went: on the last of its messages, and so of the whole turn, whatever a page shows of it.

    `status` is `complete` if the turn ended as it should, `cancelled` if it was stopped, `error` if it
    failed, `interrupted` if its function died, `waiting` for the vendor, else `running`. `fileChanges` has
    each change, in order, as the stream tells them. While a turn runs or waits there is no `endedAt`, and
    `usage` and `fileChanges` are those of its finished steps. `undone` is true as long as a restore of the
    app's files has taken back all that the turn changed.
    """

    status: TurnStatus
    usage: Usage
    fileChanges: list[FileChange]
    startedAt: int
    endedAt: NotRequired[int]
    undone: bool


class Message(TypedDict):
    """One message of a session's history.

    `branches` are the vendor's messages that have been sent at this place, itself included, where there are
    several: the 50 newest, in the order in which they were sent. `turn` is on the last message of each turn.
    """

    id: str
    turnId: int
    role: Literal["user", "assistant"]
    content: list[ContentBlock]
    createdAt: int
    branches: NotRequired[list[str]]
    turn: NotRequired[Turn]


class FileModification(TypedDict):
    """The latest thing this session did to a path."""

    path: str
    action: FileAction
    version: int
    turnId: int
    toolId: str
    timestamp: int


class PendingTool(TypedDict):
    """A call that has been asked for and not answered yet."""

    toolId: str
    toolName: str
    status: str
    startedAt: int


class SessionMetadata(TypedDict):
    """Facts about a session; `usage` over all its turns."""

    model: str
    createdAt: int
    updatedAt: int
    expiresAt: int
    turns: int
    usage: Usage


class Session(TypedDict):
    """A conversation about one app, as a client reads it."""

    sessionId: str
    appId: str
    title: str
    status: SessionStatus
    messages: list[Message]
    fileModifications: list[FileModification]
    pendingTools: list[PendingTool]
    pendingApprovals: list[PendingApproval]
    metadata: SessionMetadata
    hasMore: bool


class SessionSummary(TypedDict):
    """A line of the session list."""

    sessionId: str
    title: str
    status: SessionStatus
    createdAt: int
    updatedAt: int


class Budget(TypedDict):
    """The vendor's tokens of this UTC day, with those reserved for calls under way.

    What came from the cache counts a tenth. `limitTokens` is null where there is no limit.
    """

    usedTokens: int
    limitTokens: int | None
    resetsAt: int
