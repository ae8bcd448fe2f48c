"""Contents of an app's files, read a few megabytes at a time, at the versions of one listing."""

from collections.abc import AsyncIterator, Sequence

from aicode.api_types import File, FileInfo
from aicode.file_store.portions import portions
from aicode.file_store.store import FileStore, RawFile

# What a listing carries at most: of one file, and of all of them.
LISTED_FILE_BYTES = 200_000
LISTED_BYTES = 4_000_000


async def read_contents(
    store: FileStore, vendor: str, app_id: str, files: Sequence[FileInfo]
) -> AsyncIterator[RawFile]:
    """The files in their order, each with the bytes that it has at this version."""
    for batch in portions(files, lambda file: file["size"]):
        found = await store.read_raw_files(vendor, app_id, [file["path"] for file in batch])
        read = {(file.info["path"], file.info["version"]): file for file in found}
        for file in batch:
            path, version = file["path"], file["version"]
            if (path, version) not in read:  # changed since it was listed
                read[path, version] = await store.read_raw(vendor, app_id, path, version)
            yield read.pop((path, version))


async def with_contents(
    store: FileStore, vendor: str, app_id: str, files: Sequence[FileInfo]
) -> AsyncIterator[FileInfo]:
    """The files in their order, texts with their contents but for large ones and what exceeds LISTED_BYTES.

    The smallest are taken first, so that as many files as possible have theirs.
    """
    texts = [file for file in files if "binary" not in file]
    chosen: set[str] = set()
    taken = 0
    for file in sorted(texts, key=lambda file: file["size"]):
        taken += file["size"]
        if file["size"] > LISTED_FILE_BYTES or taken > LISTED_BYTES:
            break
        chosen.add(file["path"])
    contents = read_contents(store, vendor, app_id, [file for file in files if file["path"] in chosen])
    for file in files:
        if file["path"] in chosen:
            read = await anext(contents)
            yield File(**read.info, content=read.data.decode())
        else:
            yield file
