"""Every error raised on purpose; the height at which one is caught says who is told.

AICodeError
├── RequestError          the HTTP answer, before a stream begins
│   ├── InvalidRequest 400 · Unauthenticated 401 · ForbiddenOrigin 403 · NotFound 404 · MethodNotAllowed 405
│   ├── SessionBusy · MessageIdReused · VersionConflict · PathConflict · AlreadyAnswered · BuildFailed 409
│   ├── SessionExpired 410
│   ├── TooLarge 413 · UnsupportedMediaType 415
│   ├── RateLimited · TooManyTurns · TooManyStreams · BudgetExceeded 429
│   └── RemoteFailed 502 · StoreUnavailable 503
├── TurnError             the stream's `error` event
├── ToolError             Claude reads it as an error result and carries on
└── FencedError           this writer's lease is gone: it ends without another word
"""

from collections.abc import Iterable, Mapping


class AICodeError(Exception):
    """The root of everything this product raises on purpose."""


class RequestError(AICodeError):
    """A request that gets an error answer: `status` and `code` of the API contract.

    `details` are further members of the answer's `error` object; `retry_after` is in whole seconds.
    """

    status = 500
    code = "internal"

    def __init__(
        self,
        message: str,
        *,
        retry_after: int | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.details = dict(details or {})


class InvalidRequest(RequestError):
    """The request does not have the shape the route asks for."""

    status = 400
    code = "invalid_request"


class Unauthenticated(RequestError):
    """No token, or one that does not verify."""

    status = 401
    code = "unauthenticated"


class ForbiddenOrigin(RequestError):
    """A cookie with a writing request from an origin that is not allowed, or a request around the edge."""

    status = 403
    code = "forbidden_origin"


class NotFound(RequestError):
    """Absent, or somebody else's: the two look the same from outside."""

    status = 404
    code = "not_found"


class MethodNotAllowed(RequestError):
    """The path exists, not with this method; `allowed` are those that it takes."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__("This path does not take that method.")
        self.allowed = tuple(allowed)


class SessionBusy(RequestError):
    """The session runs another turn; `details` holds its `turnId`."""

    status = 409
    code = "session_busy"


class MessageIdReused(RequestError):
    """The messageId belongs to another message, or to another session."""

    status = 409
    code = "message_id_reused"


class VersionConflict(RequestError):
    """The file is not at the expected version; `details` holds the current `file`, or None."""

    status = 409
    code = "version_conflict"


class PathConflict(RequestError):
    """The path differs from an existing one only in case, or is a folder of another."""

    status = 409
    code = "path_conflict"


class AlreadyAnswered(RequestError):
    """The request of a tool has another answer already, which counts."""

    status = 409
    code = "already_answered"


class BuildFailed(RequestError):
    """The app cannot be built; `details` holds the `errors`."""

    status = 409
    code = "build_failed"


class SessionExpired(RequestError):
    """The session was there and its life is over."""

    status = 410
    code = "session_expired"


class TooLarge(RequestError):
    """A body, a file or an app beyond its limit."""

    status = 413
    code = "too_large"


class UnsupportedMediaType(RequestError):
    """A body that is not application/json."""

    status = 415
    code = "unsupported_media_type"


class RateLimited(RequestError):
    """More messages, reads or writes a minute than the vendor may send."""

    status = 429
    code = "rate_limited"


class TooManyTurns(RequestError):
    """More turns at once than the vendor may run."""

    status = 429
    code = "too_many_turns"


class TooManyStreams(RequestError):
    """More streams than the vendor may read at once, beside those of turns it owns."""

    status = 429
    code = "too_many_streams"


class BudgetExceeded(RequestError):
    """The vendor's tokens of the day are used up."""

    status = 429
    code = "budget_exceeded"


class RemoteFailed(RequestError):
    """A git host refused, or could not be reached; the message is in the host's own words."""

    status = 502
    code = "remote_failed"


class StoreUnavailable(RequestError):
    """A store did not answer, or not in time."""

    status = 503
    code = "store_unavailable"


class TurnError(AICodeError):
    """A turn that ends in the stream's `error` event; `message` is for the vendor's eyes."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after_ms = retry_after_ms


class ToolError(AICodeError):
    """What a tool tells Claude instead of a result, in plain words."""


class FencedError(AICodeError):
    """A newer owner of the turn has taken over, or the session is gone: this writer's write was refused."""


class SessionDeletedError(FencedError):
    """The session was deleted while its turn ran."""
