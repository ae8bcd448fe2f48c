"""The real SDK as a client of a running model server."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest
from anthropic import AsyncAnthropic
from claude_client import Connect

from dev import claude


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def connect(stack: AsyncExitStack) -> Connect:
    def new_client(server: claude.ClaudeServer) -> AsyncAnthropic:
        client = AsyncAnthropic(api_key="any", base_url=server.url, max_retries=0, timeout=30)
        stack.push_async_callback(client.close)
        return client

    return new_client
