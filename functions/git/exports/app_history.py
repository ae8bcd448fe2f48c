"""All that is exported of an app: its history as commits, and what each content is."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from aicode.api_types import App
from aicode.errors import NotFound
from aicode.file_store.store import FileStore, History, HistoryFile
from git.exports.pack import PackWriter
from git.history.blobs import AppContents, Blob, sizes_of
from git.history.line import Line, draw


async def app_of(store: FileStore, vendor: str, app_id: str) -> App:
    """The vendor's app; raises NotFound."""
    for app in await store.list_apps(vendor):
        if app["appId"] == app_id:
            return app
    raise NotFound("There is no such app.")


def latest_files(history: History) -> list[HistoryFile]:
    """The files as the history leaves them, sorted by path."""
    files = {file.path: file for file in history.files}
    files |= {file.path: file for step in history.steps for file in step.files}
    return sorted((file for file in files.values() if file.sha), key=lambda file: file.path)


@dataclass(frozen=True, slots=True)
class Exported:
    """A history, ready to be packed."""

    contents: AppContents
    history: History
    blobs: Mapping[str, Blob]
    line: Line

    @staticmethod
    async def of(contents: AppContents, app: App, history: History) -> "Exported":
        """The whole history: what the vendor downloads is theirs, so nothing is held back."""
        blobs = await contents.describe(history)
        line = draw(history, blobs, vendor=contents.vendor, created_at=app["createdAt"])
        return Exported(contents, history, blobs, line)

    def writer(self) -> PackWriter:
        """Writes the pack of all its objects."""
        return PackWriter(len(self.line.objects) + len(self.line.contents))

    async def pack(self, writer: PackWriter) -> AsyncIterator[bytes]:
        """The pack, object by object."""
        yield writer.begin()
        for packed in self.line.objects.values():
            yield writer.add(packed)
        async for packed in self.contents.packed(sizes_of(self.history, self.line.contents, self.blobs)):
            yield writer.add(packed)
        yield writer.end()
