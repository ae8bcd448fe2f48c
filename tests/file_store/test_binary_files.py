"""What every file store promises of binary files."""

import random
from collections.abc import Sequence

import pytest

from aicode.api_types import FileDiff, FileInfo
from aicode.errors import InvalidRequest, NotFound, VersionConflict
from aicode.file_store.store import (
    RULES_PATH,
    Change,
    Commit,
    Committed,
    FileStore,
    Move,
    Put,
    Remove,
    TurnRef,
)
from tests.file_store.binaries import EVERY_BYTE, LOGO, png

VENDOR = "alice"
TURN = TurnRef("s", 1, 1)
UNKNOWN = "application/octet-stream"
LARGE = random.Random(1).randbytes(1_000_000)  # noqa: S311 - the same bytes in every run


@pytest.fixture
async def app(store: FileStore) -> str:
    return (await store.create_app(VENDOR, "Todo"))["appId"]


async def save(store: FileStore, app: str, *changes: Change) -> Committed:
    return await store.commit(VENDOR, app, Commit(changes=changes, author="vendor", message="Save"))


async def by_ai(store: FileStore, app: str, *changes: Change, key: str | None = None) -> Committed:
    commit = Commit(changes=changes, author="ai", message="Use the logo", turn=TURN, key=key)
    return await store.commit(VENDOR, app, commit)


async def raw(store: FileStore, app: str, path: str, version: int | None = None) -> bytes:
    return (await store.read_raw(VENDOR, app, path, version)).data


async def state(store: FileStore, app: str) -> dict[str, bytes]:
    listing = await store.list_files(VENDOR, app)
    files = await store.read_raw_files(VENDOR, app, [file["path"] for file in listing.files])
    assert [file.info for file in files] == list(listing.files)
    return {file.info["path"]: file.data for file in files}


async def differences(store: FileStore, app: str, start: int, end: int) -> list[FileDiff]:
    return [diff async for diff in await store.diff(VENDOR, app, start, end)]


def kinds(files: Sequence[FileInfo]) -> dict[str, str | None]:
    return {file["path"]: file.get("mediaType") for file in files}


@pytest.mark.parametrize(
    "data", [LOGO, EVERY_BYTE, b"\0", LARGE, b"\0" * 999_999, b"\xef\xbb\xbf\r\n\xff"], ids=len
)
async def test_bytes_come_back_as_they_were(store: FileStore, app: str, data: bytes):
    await save(store, app, Put("a", data, 0))

    assert await raw(store, app, "a") == await raw(store, app, "a", 1) == data
    assert await state(store, app) == {"a": data}


async def test_a_binary_file_is_told_by_what_it_is_and_a_text_by_its_content(store: FileStore, app: str):
    await save(store, app, Put("logo.png", LOGO, 0), Put("data", EVERY_BYTE, 0), Put("é", "é", 0))
    listed = (await store.list_files(VENDOR, app)).files
    read = await store.read_files(VENDOR, app, ["data", "logo.png", "é"])
    data, logo, text = read

    assert [await store.read_file(VENDOR, app, file["path"]) for file in listed] == read
    assert (data.get("binary"), data.get("mediaType"), data["size"]) == (True, UNKNOWN, 256)
    assert (logo.get("binary"), logo.get("mediaType"), logo["size"]) == (True, "image/png", len(LOGO))
    assert (logo.get("width"), logo.get("height")) == (3, 2)
    assert all("content" not in file for file in (data, logo))
    assert all("width" not in file for file in (data, text))
    assert text.get("content") == "é"
    assert "binary" not in text
    assert list(listed) == [data, logo, {name: text[name] for name in text if name != "content"}]
    assert await raw(store, app, "é") == "é".encode()


async def test_several_files_are_read_with_their_bytes_in_one_call(store: FileStore, app: str):
    await save(store, app, Put("caf\u00e9", LOGO, 0), Put("b", "2", 0), Put("c", EVERY_BYTE, 0))

    files = await store.read_raw_files(VENDOR, app, ["c", "cafe\u0301", "none"])
    assert [(file.info["path"], file.data) for file in files] == [("c", EVERY_BYTE), ("caf\u00e9", LOGO)]
    with pytest.raises(NotFound):
        await store.read_raw(VENDOR, app, "none")


async def test_a_text_becomes_a_picture_and_a_text_again(store: FileStore, app: str):
    await save(store, app, Put("a", "1\n2\n", 0))
    to_picture = (await save(store, app, Put("a", LOGO, 1))).changes[0]
    to_another = (await save(store, app, Put("a", png(4, 4), 2))).changes[0]
    to_text = (await save(store, app, Put("a", "1\n2\n3\n", 3))).changes[0]
    await save(store, app, Remove("a", 4))

    told = [(c.action, c.size, c.additions, c.deletions) for c in (to_picture, to_another, to_text)]
    sizes = len(LOGO), len(png(4, 4))
    assert told == [("edited", sizes[0], 0, 2), ("edited", sizes[1], 0, 0), ("edited", 6, 3, 0)]
    assert [c.media and c.media.type for c in (to_picture, to_another, to_text)] == ["image/png"] * 2 + [None]
    versions = [await store.read_file(VENDOR, app, "a", version) for version in (1, 2, 3, 4)]
    assert [file.get("content") for file in versions] == ["1\n2\n", None, None, "1\n2\n3\n"]
    assert [file.get("width") for file in versions] == [None, 3, 4, None]
    assert await raw(store, app, "a", 2) == LOGO
    with pytest.raises(NotFound):
        await store.read_raw(VENDOR, app, "a", 5)


async def test_saving_the_bytes_that_are_there_changes_nothing(store: FileStore, app: str):
    await save(store, app, Put("a", LOGO, 0))

    assert (await save(store, app, Put("a", LOGO, 1))).revision == 1
    assert (await save(store, app, Put("a", LOGO, 1, media_type="image/png"))).revision == 1


async def test_the_same_bytes_can_be_a_text_and_a_binary_file(store: FileStore, app: str):
    as_data = Put("a", b"1\n", 0, media_type="application/x-data")
    await save(store, app, as_data, Put("b", "1\n", 0), Put("c", b"1\n", 0))

    kind = "application/x-data"
    assert kinds((await store.list_files(VENDOR, app)).files) == {"a": kind, "b": None, "c": None}
    await save(store, app, Put("a", "1\n", 1), Put("b", b"1\n", 1, media_type=kind))
    assert kinds((await store.list_files(VENDOR, app)).files) == {"a": None, "b": kind, "c": None}
    assert kinds(await store.read_files(VENDOR, app, ["a", "b"])) == {"a": None, "b": kind}
    assert [diff.get("sizeAfter") for diff in await differences(store, app, 1, 2)] == [2, 2]


async def test_a_renamed_picture_is_the_same_picture(store: FileStore, app: str):
    await save(store, app, Put("a.png", LOGO, 0))
    change = (await save(store, app, Move("a.png", "b.txt", 1))).changes[0]

    assert (change.action, change.media and change.media.width) == ("renamed", 3)
    assert await state(store, app) == {"b.txt": LOGO}
    assert (await store.read_file(VENDOR, app, "b.txt")).get("mediaType") == "image/png"


async def test_a_conflict_tells_of_a_binary_file_without_its_bytes(store: FileStore, app: str):
    await save(store, app, Put("a", LOGO, 0))
    with pytest.raises(VersionConflict) as caught:
        await save(store, app, Put("a", "mine", 0))

    assert caught.value.details["file"] == await store.read_file(VENDOR, app, "a")


async def test_a_commit_with_bytes_is_done_once(store: FileStore, app: str):
    first = await by_ai(store, app, Put("a", LOGO, 0), Put("b", EVERY_BYTE, 0), key="k")

    assert await by_ai(store, app, Put("a", LOGO, 0), Put("b", EVERY_BYTE, 0), key="k") == first
    assert await store.stored(VENDOR, app, "k") == first
    assert (await store.list_files(VENDOR, app)).revision == 1


async def test_rules_are_a_text(store: FileStore, app: str):
    await save(store, app, Put(RULES_PATH, "Use tabs.", 0), Put("a", LOGO, 0))
    for changes in (
        [Put(RULES_PATH, LOGO, 1)],
        [Remove(RULES_PATH, 1), Put(RULES_PATH, LOGO, 0)],
        [Remove(RULES_PATH, 1), Move("a", RULES_PATH, 1)],
    ):
        for commit in (save, by_ai):
            with pytest.raises(InvalidRequest) as caught:
                await commit(store, app, *changes)
            assert caught.value.details == {"path": RULES_PATH}

    assert await store.read_rules(VENDOR, app) == "Use tabs."
    assert (await save(store, app, Put(RULES_PATH, b"Use spaces.", 1))).revision == 2
    assert await store.read_rules(VENDOR, app) == "Use spaces."


# Checkpoints, diff, restore


async def test_a_checkpoint_tells_of_binary_files_though_they_have_no_lines(store: FileStore, app: str):
    await save(
        store,
        app,
        *(Put(path, LOGO, 0) for path in ("edited", "gone", "moved", "to text", "to nothing")),
        Put("to data", "1\n2\n", 0),
    )
    await by_ai(store, app, Put("edited", png(4, 4), 1), Put("new", LOGO, 0), Put("came and went", LOGO, 0))
    await by_ai(
        store,
        app,
        *(
            Put("edited", png(5, 5), 2),
            Remove("gone", 1),
            Move("moved", "here", 1),
            Remove("came and went", 1),
        ),
        *(Put("to text", "1\n", 1), Put("to nothing", "", 1), Put("to data", EVERY_BYTE, 1)),
    )
    newest, _ = await store.checkpoints(VENDOR, app)

    told = [
        (c["path"], c["action"], c["additions"], c["deletions"], c.get("binary")) for c in newest["changes"]
    ]
    assert told == [
        ("edited", "edited", 0, 0, True),
        ("gone", "deleted", 0, 0, True),
        ("here", "renamed", 0, 0, True),
        ("new", "created", 0, 0, True),
        ("to data", "edited", 0, 2, True),
        ("to nothing", "edited", 0, 0, None),
        ("to text", "edited", 1, 0, None),
    ]
    paths = [change["path"] for change in newest["changes"]]
    before = await differences(store, app, 0, 1)
    await store.restore(VENDOR, app, newest["baseRevision"], paths=paths)
    assert await differences(store, app, 0, 4) == before


async def test_a_diff_of_a_binary_file_tells_its_sizes_and_what_it_is(store: FileStore, app: str):
    larger = png(30, 30)
    await save(store, app, Put("a", LOGO, 0), Put("b", LOGO, 0), Put("c", "12345", 0), Put("d", "1\n", 0))
    await save(store, app, Put("a", larger, 1), Remove("b", 1), Put("c", LOGO, 1), Put("d", "2\n", 1))
    await save(store, app, Put("e", EVERY_BYTE, 0), Put("c", "", 2))

    def binary(path: str, action: str, before: int, after: int, **media: object) -> object:
        sizes = {"sizeBefore": before, "sizeAfter": after}
        return {"path": path, "action": action, "binary": True, **sizes, **media}

    logo = {"mediaType": "image/png", "width": 3, "height": 2}
    first = await differences(store, app, 1, 2)
    assert first == [
        binary("a", "edited", len(LOGO), len(larger), mediaType="image/png", width=30, height=30),
        binary("b", "deleted", len(LOGO), 0, **logo),
        binary("c", "edited", 5, len(LOGO), **logo),
        {"path": "d", "action": "edited", "diff": "--- a/d\n+++ b/d\n@@ -1 +1 @@\n-1\n+2\n"},
    ]
    unknown = {"mediaType": "application/octet-stream"}
    second = [binary("c", "edited", len(LOGO), 0), binary("e", "created", 0, 256, **unknown)]
    assert await differences(store, app, 2, 3) == second
    assert "diff" in (await differences(store, app, 1, 3))[2]  # a text on both sides


async def test_any_state_of_binary_files_can_be_brought_back(store: FileStore, app: str):
    await save(store, app, Put("a", LOGO, 0), Put("b", "text", 0), Put("c", LARGE, 0))
    before = await state(store, app)
    await save(store, app, Put("a", "text", 1), Put("b", LOGO, 1), Move("c", "d", 1))
    after = await state(store, app)
    result = await store.restore(VENDOR, app, 1)

    assert await state(store, app) == before
    assert {(c.path, c.media is not None) for c in result.changes} == {
        ("a", True),
        ("b", False),
        ("c", True),
        ("d", True),
    }
    await store.restore(VENDOR, app, 2)
    assert await state(store, app) == after
    await store.collect_garbage()
    assert await raw(store, app, "c", 1) == LARGE
