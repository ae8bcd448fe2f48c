"""One build function for all tests of a file: each makes apps of its own."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.build.build_world import BuildWorld, serve


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[BuildWorld]:
    async with serve(tmp_path_factory.mktemp("build")) as world:
        yield world
