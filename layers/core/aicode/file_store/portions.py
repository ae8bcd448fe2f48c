"""Many files, a few at a time: what a large answer has in memory. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

# A DynamoDB request gives a hundred items, and a comparison needs two for each file.
FILES = 50
BYTES = 2_000_000

T = TypeVar("T")


def portions(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in order, at most FILES and, unless one alone has more, BYTES at a time."""
    portion: list[T] = []
    taken = 0
    for item in items:
        more = size(item)
        if portion and (len(portion) == FILES or taken + more > BYTES):
            yield portion
            portion, taken = [], 0
        portion.append(item)
        taken += more
    if portion:
        yield portion
