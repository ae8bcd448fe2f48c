"""Turns a blocking method of a store into a coroutine."""

import asyncio
from collections.abc import Callable
from functools import wraps
from types import CoroutineType
from typing import Any, Concatenate, ParamSpec, TypeVar

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")


def in_thread(
    method: Callable[Concatenate[S, P], T],
) -> "Callable[Concatenate[S, P], CoroutineType[Any, Any, T]]":
    """The method as a coroutine that leaves the event loop free while the store works."""

    @wraps(method)
    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(method, self, *args, **kwargs)

    return run
