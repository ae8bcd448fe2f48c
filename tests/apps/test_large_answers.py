"""Answers larger than a function's memory should ever hold."""

import json
import tracemalloc
from collections.abc import AsyncIterator

from editor_client import BASE, Client

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put, Remove
from apps.app import pipeline
from tests.file_store.texts import noise
from tests.function_event import Invocation, function_event, token

MEGABYTE = noise(1, 1_000_000)


async def make_large(store: SqliteFileStore, app: str) -> None:
    """The largest app there can be: 50 files of a million bytes that hardly compress."""
    changes = [Put(f"{n}.txt", MEGABYTE, 0) for n in range(50)]
    await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))


async def body_of(client: Client, path: str, query: str = "") -> AsyncIterator[bytes]:
    headers = {"authorization": f"Bearer {token(client.vendor)}"}
    event = function_event("GET", BASE + path, query=query, headers=headers)
    response = await pipeline(client.dependencies).answer(event, Invocation())
    assert response.status == 200
    return response.body


async def measured(client: Client, path: str, query: str = "") -> tuple[list[int], int]:
    """How large the pieces of the answer are, and how much memory was in use at most."""
    tracemalloc.start()
    try:
        sizes = [len(chunk) async for chunk in await body_of(client, path, query)]
        return sizes, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_a_listing_holds_four_megabytes_of_contents_the_smallest_first(
    alice: Client, store: SqliteFileStore
):
    app = await alice.new_app("Large")
    texts = {f"{n:02}.txt": MEGABYTE[: 200_000 - 1_000 * n] for n in range(40)}
    changes = [Put(path, text, 0) for path, text in texts.items()]
    await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))
    body = b"".join([chunk async for chunk in await body_of(alice, f"/{app}/files", "content=1")])
    sizes, peak = await measured(alice, f"/{app}/files", "content=1")

    files = json.loads(body)["files"]
    assert [file["path"] for file in files] == sorted(texts)
    with_content = {file["path"]: file["content"] for file in files if "content" in file}
    assert with_content == dict(list(texts.items())[-23:])
    assert sum(map(len, with_content.values())) == 3_956_000
    assert max(sizes) < 250_000
    assert peak < 12_000_000


async def test_a_listing_with_contents_is_the_app_as_it_was_when_it_began(
    alice: Client, store: SqliteFileStore
):
    app = await alice.new_app("Todo")
    changes = [Put(path, "before", 0) for path in ("a", "b")]
    await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))
    body = await body_of(alice, f"/{app}/files", "content=1")
    start = await anext(body)
    changes = [Put("a", "after", 1), Remove("b", 1)]
    await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))
    listed = json.loads(start + b"".join([chunk async for chunk in body]))

    assert listed["revision"] == 1
    assert [(file["version"], file["content"]) for file in listed["files"]] == [(1, "before")] * 2


async def test_a_diff_of_fifty_megabytes_is_never_in_memory_as_a_whole(alice: Client, store: SqliteFileStore):
    app = await alice.new_app("Large")
    await make_large(store, app)
    sizes, peak = await measured(alice, f"/{app}/diff", "from=0&to=1")

    assert sum(sizes) > 50_000_000
    assert max(sizes) < 1_100_000
    assert peak < 15_000_000
