"""What a test has the model say and do: replies made of blocks, and faults put between them.

    Script([
        Reply(Thinking("Let me see."), Text("Here it is.", cuts=3), ToolUse("read_file", {"path": "a.ts"})),
        Reply(status=529, retry_after=1),
        Reply(Text("half an ans"), cut="reset"),
        Reply(Text("one"), Gate("go on"), Text("two")),
    ])

or `Script(lambda request, n: Reply(...))`, where `n` counts the replies from 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dev.claude.received import Received

CutKind = Literal["end", "reset", "half_chunk"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text block; `cuts` = in how many deltas it comes (default: a few words each)."""

    text: str
    cuts: int | None = None
    citations: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thinking block, signed. Its text is shown only to a request that asks for `display: summarized`."""

    text: str
    cuts: int | None = None


@dataclass(frozen=True, slots=True)
class RedactedThinking:
    """Thinking that nobody may read."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call. An `input` given as a string goes out as it stands, also where it isn't JSON."""

    name: str
    input: Mapping[str, Any] | str = field(default_factory=dict[str, Any])
    id: str | None = None
    cuts: int | None = None


@dataclass(frozen=True, slots=True)
class ServerToolUse:
    """A call of a tool that the API runs itself. Without a result behind it the reply has to pause."""

    input: Mapping[str, Any]
    id: str
    name: str = "web_fetch"


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What `web_fetch` gave to the call with this id: a page, or an error if there is an `error_code`."""

    call_id: str
    url: str = ""
    title: str = ""
    text: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """A content block, and deltas, of types that no client knows yet."""

    block: Mapping[str, Any] = field(default_factory=lambda: {"type": "hologram"})
    deltas: Sequence[Mapping[str, Any]] = ({"type": "hologram_delta", "voxels": 8},)


@dataclass(frozen=True, slots=True)
class Event:
    """Any server-sent event: a ping, an unknown type."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes in the stream as they are, such as a `data:` line that isn't JSON."""

    data: bytes = b'event: content_block_delta\ndata: {"type": "content_blo\n\n'


@dataclass(frozen=True, slots=True)
class StreamError:
    """An `error` event in mid-stream; the stream ends with it."""

    type: str = "overloaded_error"
    message: str = "Overloaded"


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Waits until the test opens the gate of that name (`server.open(name)`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing more, for ever, or only a ping every so many seconds, until the client hangs up."""

    ping_every: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The body ends here: cleanly ("end"), by a TCP reset, or in the middle of a chunk."""

    kind: CutKind = "end"


Block = Text | Thinking | RedactedThinking | ToolUse | ServerToolUse | FetchedPage | UnknownBlock
BLOCKS = (Text, Thinking, RedactedThinking, ToolUse, ServerToolUse, FetchedPage, UnknownBlock)
Control = Event | Raw | StreamError | Pause | Gate | Stall | Cut


class Reply:
    """One answer: blocks and controls in order, or an error status, or a body of any kind.

    `at` puts a control before the event of that number (0 is message_start; 0 is also before the head of the
    answer). `cut` ends the body after the last delta; `cut_at_event` and `cut_at_byte` say where
    instead (bytes of the body).
    `delay` comes before the first byte, seconds; `pace` is deltas per second, 0 for as fast as it goes, None
    for the server's own.
    """

    def __init__(  # noqa: PLR0913 - what can happen to an answer; all but the blocks by name
        self,
        *items: Block | Control,
        stop_reason: str | None = None,
        stop_details: Mapping[str, Any] | None = None,
        status: int = 200,
        error_type: str | None = None,
        message: str | None = None,
        retry_after: float | str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        at: Mapping[int, Control] | None = None,
        cut: CutKind | None = None,
        cut_at_event: int | None = None,
        cut_at_byte: int | None = None,
        delay: float = 0,
        pace: float | None = None,
    ) -> None:
        self.items = items
        self.stop_reason = stop_reason
        self.stop_details = stop_details
        self.status = status
        self.error_type = error_type
        self.message = message
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["retry-after"] = str(retry_after)
        self.body = body
        self.at = dict(at or {})
        if cut_at_event is not None:
            self.at[cut_at_event] = Cut(cut or "end")
        self.cut_at_byte = cut_at_byte
        self.cut_kind: CutKind = cut or "end"
        elsewhere = cut_at_event is not None or cut_at_byte is not None
        self.cut: CutKind | None = None if elsewhere else cut
        self.delay = delay
        self.pace = pace


class Script:
    """Replies in the order in which requests come, or a function that makes them.

    Requests for a title or a summary (no tools, and words that ask for one) are answered by the demo model
    and take no reply, unless `asides` is False. A request too many is a 400 that says so.
    """

    def __init__(
        self,
        replies: "Sequence[Reply] | Callable[[Received, int], Reply]",
        *,
        asides: bool = True,
    ) -> None:
        self._replies = replies
        self.asides = asides
        self.played = 0

    def next(self, request: "Received") -> Reply:
        """The reply to this request."""
        n = self.played
        self.played += 1
        if callable(self._replies):
            return self._replies(request, n)
        if n < len(self._replies):
            return self._replies[n]
        return Reply(status=400, message=f"The script has only {len(self._replies)} replies.")
