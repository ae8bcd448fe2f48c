"""Which endpoint a request is for, by a function's one table of methods and paths."""

from collections.abc import Mapping
from typing import TypeVar

from aicode.errors import MethodNotAllowed, NotFound
from aicode.ids import is_id

E = TypeVar("E")


def find(
    routes: Mapping[tuple[str, str], E | None], method: str, path: str, *, base: str
) -> tuple[E, Mapping[str, str]]:
    """The endpoint for a request, and the parameters in its path by name.

    A table's key is a method and what follows the base path, such as `/{session_id}/cancel`. A parameter is
    an id; what cannot be one makes another path. None stands where another function answers. Raises NotFound,
    and MethodNotAllowed where the path is known.
    """
    taken: dict[str, tuple[E | None, Mapping[str, str]]] = {}
    if path.startswith(base):
        below = path.removeprefix(base)
        for (each, pattern), endpoint in routes.items():
            parameters = _parameters(pattern, below)
            if parameters is not None:
                taken[each] = endpoint, parameters
    if taken and method not in taken:
        raise MethodNotAllowed(taken)
    endpoint, parameters = taken.get(method, (None, {}))
    if endpoint is None:
        raise NotFound("There is nothing at this path.")
    return endpoint, parameters


def _parameters(pattern: str, path: str) -> dict[str, str] | None:
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parameters: dict[str, str] = {}
    for name, segment in zip(wanted, given, strict=True):
        if name.startswith("{"):
            parameters[name[1:-1]] = segment
        elif name != segment:
            return None
    return parameters if all(map(is_id, parameters.values())) else None
