"""The product that these tests share.

`make crashes` runs every case (CRASHES=all). With the other tests a test marked `sample(n)` has its first n
cases only: each kill costs a new process, and the rest would be half of `make test`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from crash_world import ALL, FaultWorld, a_fault_world


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sample(n): how many of its cases run without CRASHES=all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keeps what the marks leave, unless every case is to run; the others count as deselected."""
    seen = Counter[str]()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        mark = item.get_closest_marker("sample")
        test = item.nodeid.partition("[")[0]
        seen[test] += 1
        runs = ALL or mark is None or seen[test] <= mark.args[0]
        (kept if runs else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest_asyncio.fixture(loop_scope="session")
async def world(product: FaultWorld) -> AsyncGenerator[FaultWorld]:
    """The running product, with nothing that another test has left in it."""
    yield product
    await product.left_clean()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A product whose web search never answers, and whose lease an owner keeps that gets little time."""
    folder = tmp_path_factory.mktemp("faults")
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    search = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with a_fault_world(
        folder, TURN_LEASE_SECONDS="10", EXA_API_KEY="a-key", EXA_BASE_URL=search
    ) as world:
        world.folder = folder
        yield world
    silent.close()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
