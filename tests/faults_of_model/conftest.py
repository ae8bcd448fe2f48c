"""Virtual time for tests that wait a lot."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from skipped_time import VirtualTimeLoop

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs something in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        yield runner.run
