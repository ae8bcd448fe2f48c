"""What git has to know of an app's contents: read a few megabytes at a time, and none of them kept."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass

from aicode.file_store.portions import portions
from aicode.file_store.store import FileStore, History
from aicode.secret_keys import known_keys
from git.history.objects import FILE, SCRIPT, Entry, Packed, object_id

# Below this a file that looks like a key is a key; a longer one is a picture or an archive by chance.
_LOOKED_AT = 1_000_000


@dataclass(frozen=True, slots=True)
class Blob:
    """A content as git knows it; `holds_key` if it has what looks like a key of a known service."""

    entry: Entry
    holds_key: bool
    longest_line: int


@dataclass(frozen=True, slots=True)
class AppContents:
    """The contents of one vendor's app."""

    store: FileStore
    vendor: str
    app_id: str

    async def describe(self, history: History) -> dict[str, Blob]:
        """All contents of a history, by their SHA-256."""
        sizes = {file.sha: file.size for file in history.files if file.sha}
        sizes |= {file.sha: file.size for step in history.steps for file in step.files if file.sha}
        return {sha: _blob(data) async for sha, data in self.read(sizes)}

    async def read(self, sizes: Mapping[str, int]) -> AsyncIterator[tuple[str, bytes]]:
        """Contents by SHA-256, in the order given."""
        for portion in portions(sizes, lambda sha: sizes[sha]):
            found = await self.store.read_contents(self.vendor, self.app_id, portion)
            for sha in portion:
                yield sha, found[sha]

    async def packed(self, sizes: Mapping[str, int]) -> AsyncIterator[Packed]:
        """Contents as a pack holds them."""
        async for _, data in self.read(sizes):
            yield Packed.of("blob", data)


def _blob(data: bytes) -> Blob:
    # Not by its bits in the app, which has none: what begins like a script is one.
    mode = SCRIPT if data.startswith(b"#!") else FILE
    holds_key = bool(known_keys(data[:_LOOKED_AT].decode("latin-1")))
    longest = max(map(len, data.split(b"\n"))) if len(data) < _LOOKED_AT else len(data)
    return Blob(Entry(mode, object_id("blob", data)), holds_key, longest)


def sizes_of(history: History, ids: Iterable[str], blobs: Mapping[str, Blob]) -> dict[str, int]:
    """The sizes of the contents with these ids of git, by SHA-256 and in the history's order."""
    wanted = set(ids)
    files = [*history.files, *(file for step in history.steps for file in step.files)]
    sizes: dict[str, int] = {}
    for file in files:
        if file.sha and blobs[file.sha].entry.id in wanted:
            wanted.discard(blobs[file.sha].entry.id)
            sizes[file.sha] = file.size
    return sizes
