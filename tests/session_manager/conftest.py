"""Every test of the session store begins with an empty one."""

from collections.abc import AsyncGenerator

import pytest
from store_world import Store, a_store


@pytest.fixture
async def store() -> AsyncGenerator[Store]:
    async with a_store() as store:
        yield store
