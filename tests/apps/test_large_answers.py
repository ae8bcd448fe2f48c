"""Answers larger than a function's memory should ever hold."""

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator

from editor_client import BASE, Client, Context, token

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put
from apps.app import pipeline
from tests.file_store.texts import noise

MEGABYTE = noise(1, 1_000_000)


async def make_large(store: SqliteFileStore, app: str) -> None:
    """The largest app there can be: 50 files of a million bytes that hardly compress."""
    changes = [Put(f"{n}.txt", MEGABYTE, 0) for n in range(50)]
    await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))


async def body_of(client: Client, path: str, query: str = "") -> AsyncIterator[bytes]:
    event: dict[str, object] = {
        "version": "2.0",
        "rawPath": BASE + path,
        "rawQueryString": query,
        "headers": {"authorization": f"Bearer {token(client.vendor)}"},
        "requestContext": {"http": {"method": "GET", "path": BASE + path}, "requestId": "request-1"},
        "isBase64Encoded": False,
    }
    response = await pipeline(client.dependencies).answer(event, Context())
    assert response.status == 200
    return response.body


async def test_an_export_of_fifty_megabytes_is_never_in_memory_as_a_whole(
    alice: Client, store: SqliteFileStore
):
    app = await alice.new_app("Large")
    await make_large(store, app)
    tracemalloc.start()
    try:
        sizes = [len(chunk) async for chunk in await body_of(alice, f"/{app}/export.zip")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sum(sizes) > 25_000_000
    assert max(sizes) < 1_000_000
    assert peak < 12_000_000


async def test_an_export_is_the_app_as_it_was_when_the_download_began(alice: Client, store: SqliteFileStore):
    app = await alice.new_app("Large")
    await make_large(store, app)
    archive = io.BytesIO()
    async for chunk in await body_of(alice, f"/{app}/export.zip"):
        if not archive.tell():
            changes = [Put("1.txt", "changed", 1), Put("0.txt", "changed", 1)]
            await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))
        archive.write(chunk)

    with zipfile.ZipFile(archive) as files:
        assert len(files.namelist()) == 50
        assert {files.read(name) for name in files.namelist()} == {MEGABYTE.encode()}


async def test_a_diff_of_fifty_megabytes_is_never_in_memory_as_a_whole(alice: Client, store: SqliteFileStore):
    app = await alice.new_app("Large")
    await make_large(store, app)
    tracemalloc.start()
    try:
        sizes = [len(chunk) async for chunk in await body_of(alice, f"/{app}/diff", "from=0&to=1")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sum(sizes) > 50_000_000
    assert max(sizes) < 1_100_000
    assert peak < 15_000_000
