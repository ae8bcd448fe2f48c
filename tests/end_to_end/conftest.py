"""The products that the tests of the API contract share."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.end_to_end.contract_world import Vendor, World, a_world
from tests.end_to_end.limited_world import a_limited_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """A running product with the defaults of every variable."""
    async with a_world(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def vendor(world: World) -> Vendor:
    """A vendor with an empty app, who has sent nothing yet."""
    return await world.vendor()


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(world: World) -> Vendor:
    """Another vendor."""
    return await world.vendor()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tight(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """A product whose every limit is small."""
    async with a_limited_world(tmp_path_factory.mktemp("tight")) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def limited(tight: World) -> Vendor:
    """A vendor of the product whose every limit is small."""
    return await tight.vendor()
