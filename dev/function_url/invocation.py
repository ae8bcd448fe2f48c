"""One call of a function, and what can become of it."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Protocol

THROTTLED = "ConcurrentInvocationLimitExceeded"


def trace_root(request_id: str) -> str:
    """The AWS X-Ray trace that begins with a request."""
    digits = request_id.replace("-", "")
    return f"Root=1-{digits[:8]}-{digits[8:]}"


@dataclass(frozen=True, slots=True)
class FunctionError:
    """Why an invocation has no result; `body` is the function's own JSON, where it sent one."""

    type: str
    message: str
    body: bytes | None = None

    def document(self) -> bytes:
        """The error as the Invoke API shows it."""
        if self.body:
            return self.body
        return json.dumps({"errorType": self.type, "errorMessage": self.message}).encode()


class Reply(Protocol):
    """Where the result of an invocation goes; ends with one call of `complete`, `end` or `fail`.

    None of these raises or waits when nobody listens any more: a function is never stopped by
    a client that left.
    """

    def complete(self, payload: bytes) -> None:
        """The whole result of a buffered function."""
        ...

    def begin(self, content_type: str) -> None:
        """A streamed result begins."""
        ...

    def write(self, data: bytes) -> None:
        """A piece of a streamed result."""
        ...

    async def drain(self) -> None:
        """Returns when the next piece may be written."""
        ...

    def end(self) -> None:
        """The streamed result is complete."""
        ...

    def fail(self, error: FunctionError) -> None:
        """There is no result, or not the rest of it."""
        ...


@dataclass(slots=True)
class Invocation:
    """An event on its way to a function process; `payload` is its JSON."""

    payload: bytes
    reply: Reply
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    finished: bool = False

    @property
    def trace_id(self) -> str:
        """The AWS X-Ray trace of the invocation, which is not sampled."""
        return f"{trace_root(self.request_id)};Sampled=0"

    def complete(self, payload: bytes) -> None:
        """Ends the invocation with the whole result of a buffered function."""
        if not self.finished:
            self.finished = True
            self.reply.complete(payload)

    def end(self) -> None:
        """Ends the invocation after the last piece of its streamed result."""
        if not self.finished:
            self.finished = True
            self.reply.end()

    def fail(self, error: FunctionError) -> None:
        """Ends the invocation without a result, unless it has already ended."""
        if not self.finished:
            self.finished = True
            self.reply.fail(error)
