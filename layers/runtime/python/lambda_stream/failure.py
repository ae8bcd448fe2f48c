"""An exception as two stories: the type for who called, the type and the place for the log.

An exception's message may quote what a user wrote, a file or a secret. So neither story tells it,
with one exception: while the process starts, no request has been read, and the log gets it.
"""

import base64
import json
import sys
import time
import traceback
from collections.abc import Iterator
from typing import NamedTuple


class Failure(NamedTuple):
    """What the Runtime API is told: an error type that is safe in a header, and a JSON body."""

    type: str
    body: bytes

    @property
    def trailers(self) -> dict[str, str]:
        """How a response that has begun says that it failed."""
        return {
            "Lambda-Runtime-Function-Error-Type": self.type,
            "Lambda-Runtime-Function-Error-Body": base64.b64encode(self.body).decode(),
        }


def record(
    error: BaseException, *, request_id: str = "", error_type: str = "", tell: bool = False
) -> Failure:
    """Writes `error` to the log as one line of JSON, and gives what may be told to the caller.

    `error_type` replaces the name of the exception's class; `tell` puts its message in the log.
    """
    name = error_type or _class_name(error)
    log(
        "The function failed" + (f": {error}" if tell else ""),
        errorType=name,
        requestId=request_id,
        stackTrace=[line for each in _chain(error) for line in _frames(each)],
    )
    public = {"errorType": name, "errorMessage": "The function failed.", "requestId": request_id}
    return Failure(name, json.dumps(public).encode())


def log(message: str, **fields: object) -> None:
    """One line of JSON at level ERROR, where Lambda collects the log."""
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"level": "ERROR", "timestamp": timestamp, "message": message, **fields}
    sys.stdout.write(json.dumps(line) + "\n")


def _class_name(error: BaseException) -> str:
    name = type(error).__name__
    return name if name.isascii() and name.isidentifier() else "Exception"


def _chain(error: BaseException) -> list[BaseException]:
    """The exception, those inside it where it is a group, and what each was raised from."""
    chain = [error]
    for each in chain:
        inner: tuple[BaseException, ...] = getattr(each, "exceptions", ())
        earlier = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        chain += [e for e in (*inner, earlier) if e is not None and e not in chain]
    return chain


def _frames(error: BaseException) -> Iterator[str]:
    yield f"{_class_name(error)}:"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
