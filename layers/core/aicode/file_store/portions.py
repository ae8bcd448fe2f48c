"""Divides many files into portions of a few megabytes, so that few are in memory at once. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

BYTES = 2_000_000

T = TypeVar("T")


def portions(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in order, in portions of at most BYTES; a larger item is a portion of its own."""
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
