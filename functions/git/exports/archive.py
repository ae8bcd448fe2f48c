"""The archive of an app's files, with a `.git` folder: a repository in which nothing is changed."""

import io
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from aicode.api_types import App
from aicode.file_store.store import History
from git.exports.app_history import Exported, latest_files
from git.exports.pack import index_file
from git.history.blobs import AppContents
from git.history.names import git_path
from git.history.objects import FILE

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# The years that a zip archive can tell: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
# Not every program that unpacks gives scripts their bit, and git would call that a change.
_CONFIG = b"[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = false\n"


async def archive(contents: AppContents, app: App, history: History) -> AsyncIterator[bytes]:
    """The files first, as they are when the download begins, each sent as soon as it is there."""
    sink, files = _Sink(), latest_files(history)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        sizes = {file.sha: file.size for file in files if file.sha}
        places: dict[str, list[tuple[str, int]]] = {}
        for file in files:
            places.setdefault(file.sha or "", []).append((git_path(file.path), file.updated_at))
        async for sha, data in contents.read(sizes):
            for path, updated_at in places[sha]:
                mode = 0o100755 if data.startswith(b"#!") else FILE
                made.writestr(_entry(path, updated_at, mode), data)
            yield sink.take()
        exported = await Exported.of(contents, app, history)
        async for piece in _repository(made, sink, exported, app["updatedAt"]):
            yield piece
    yield sink.take()


async def _repository(
    made: zipfile.ZipFile, sink: "_Sink", exported: Exported, at: int
) -> AsyncIterator[bytes]:
    line, writer = exported.line, exported.writer()
    name = f".git/objects/pack/pack-{line.tip}"
    entry = _entry(f"{name}.pack", at)
    entry.compress_type = zipfile.ZIP_STORED
    with made.open(entry, "w", force_zip64=True) as pack:
        async for piece in exported.pack(writer):
            pack.write(piece)
            yield sink.take()
    for path, data in {
        f"{name}.idx": writer.index(),
        ".git/HEAD": b"ref: refs/heads/main\n",
        ".git/config": _CONFIG,
        ".git/refs/heads/main": f"{line.tip}\n".encode(),
        ".git/index": _index(exported),
    }.items():
        made.writestr(_entry(path, at), data)
    yield sink.take()


def _index(exported: Exported) -> bytes:
    sizes: Mapping[str, int] = {git_path(file.path): file.size for file in latest_files(exported.history)}
    return index_file({path: (entry, sizes[path]) for path, entry in exported.line.files.items()})


def _entry(path: str, at: int, mode: int = FILE) -> zipfile.ZipInfo:
    moment = time.gmtime(at / 1000)
    year = min(max(moment.tm_year, _FIRST_YEAR), _LAST_YEAR)
    entry = zipfile.ZipInfo(path, (year, *moment[1:6]))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    return entry


class _Sink(io.RawIOBase):
    """Where the archive is written to; it cannot seek, so entries carry their sizes behind them."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: "ReadableBuffer", /) -> int:
        """Keeps what the archive writes."""
        before = len(self._written)
        self._written += data
        return len(self._written) - before

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
