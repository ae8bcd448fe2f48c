from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from dev.http import Exchange, HTTPServer


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[HTTPServer]]]:
    """Starts a server with a handler and whatever else it takes; the end of the test stops it."""
    async with AsyncExitStack() as stack:

        async def start(handler: Callable[[Exchange], Awaitable[None]], **options: Any) -> HTTPServer:
            server = HTTPServer(handler, **options)
            await stack.enter_async_context(server.listening())
            return server

        yield start
