"""What an Upstash REST answer means: a result, a refused command, or a store that cannot be used."""

from typing import Any, cast

from aicode.errors import AICodeError, StoreUnavailable

Argument = str | int | float
Reply = Any  # what a command answers is as wide as JSON

ATTEMPTS = 2
_UNUSABLE = (
    *("OOM", "READONLY", "NOAUTH", "WRONGPASS", "ERR max"),
    *("LOADING", "BUSY ", "MISCONF", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"),
)


class CommandError(AICodeError):
    """One command was refused by Redis; the others of its pipeline were carried out."""


def is_answer(status: int) -> bool:
    """Whether the database itself answered; anything else comes from something in between."""
    return status in (200, 400)


def result(answer: object, *, loud: bool) -> Reply | CommandError:
    """One command's result; a refusal is raised where `loud`, else returned. Raises StoreUnavailable."""
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
