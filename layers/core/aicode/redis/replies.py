"""Interprets an answer of Upstash's REST API: a result, a refused command, or an unusable store."""

from typing import Any, cast

from aicode.errors import AICodeError, StoreUnavailable

Argument = str | int | float
Reply = Any  # any JSON value

ATTEMPTS = 2
_UNUSABLE = (
    *("OOM", "READONLY", "NOAUTH", "WRONGPASS", "ERR max"),
    *("LOADING", "BUSY ", "MISCONF", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"),
)


class CommandError(AICodeError):
    """Redis refused one command; the others of its pipeline were carried out."""


def is_answer(status: int) -> bool:
    """True if the database itself answered, and not something between it and this process."""
    return status in (200, 400)


def result(answer: object, *, loud: bool) -> Reply | CommandError:
    """One command's result. A CommandError is raised if `loud`, else returned. Raises StoreUnavailable."""
    members = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    if "result" in members:
        return members["result"]
    error = CommandError(str(members.get("error", "no result")))
    if not members or str(error).startswith(_UNUSABLE):
        raise StoreUnavailable("The session store refuses the command.", retry_after=5) from error
    if loud:
        raise error
    return error


def unavailable() -> StoreUnavailable:
    """The error for a database that does not answer."""
    return StoreUnavailable("The session store does not answer.", retry_after=2)
