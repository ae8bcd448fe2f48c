"""Many files, a few megabytes at a time: what a large answer has in memory. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

BYTES = 2_000_000

T = TypeVar("T")


def portions(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in order, at most BYTES at a time unless one alone has more."""
    portion: list[T] = []
    taken = 0
    for item in items:
        more = size(item)
        if portion and taken + more > BYTES:
            yield portion
            portion, taken = [], 0
        portion.append(item)
        taken += more
    if portion:
        yield portion
