"""Reports an exception twice: its type to the caller, its type and its place to the log.

An exception's message may quote what a user wrote, a file or a secret, so neither report has it. The
log gets it only for a failure while the process starts, when no request has been read yet.
"""

import base64
import json
import sys
import time
import traceback
from collections.abc import Iterator
from typing import NamedTuple


class Failure(NamedTuple):
    """The report for the Runtime API: an error type that is safe in a header, and a JSON body."""

    type: str
    body: bytes

    @property
    def trailers(self) -> dict[str, str]:
        """The trailers by which a response that has begun says that it failed."""
        return {
            "Lambda-Runtime-Function-Error-Type": self.type,
            "Lambda-Runtime-Function-Error-Body": base64.b64encode(self.body).decode(),
        }


def record(
    error: BaseException, *, request_id: str = "", error_type: str = "", tell: bool = False
) -> Failure:
    """Logs `error` as one line of JSON; returns the report for the Runtime API.

    `error_type` replaces the name of the exception's class. `tell` adds the message to the log line.
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
    """Writes one line of JSON at level ERROR to stdout, from which Lambda collects the log."""
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"level": "ERROR", "timestamp": timestamp, "message": message, **fields}
    sys.stdout.write(json.dumps(line) + "\n")


def _class_name(error: BaseException) -> str:
    name = type(error).__name__
    return name if name.isascii() and name.isidentifier() else "Exception"


def _chain(error: BaseException) -> list[BaseException]:
    """The exception, those inside it if it is a group, and those that each was raised from."""
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
