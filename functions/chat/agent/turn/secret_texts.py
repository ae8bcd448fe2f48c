"""The texts of the app's secret-looking files: as they are, as Claude read them, and what they had before.

Claude may have written such a text into another file, in any session, before its own was changed or deleted.
Of binary files Claude never gets the bytes as text, so they are left out; what the vendor attached is not.
"""

from collections.abc import Iterator

from aicode.errors import NotFound, StoreUnavailable, ToolError
from aicode.file_store.secret_paths import looks_secret
from aicode.file_store.store import FileStore
from chat.agent.tools import Workspace
from chat.agent.tools.leak import Secret
from chat.agent.turn.context import TurnContext

MOST_BYTES = 2_000_000
CHECKPOINTS = 200
TOO_MUCH = (
    "Not searched: the app has more files that look like secrets than can be compared with a query. Go on "
    "without searching the web."
)
UNKNOWN = "Not searched: the app's files could not be looked at just now. Go on without it, or try once more."


class SecretTexts:
    """Reads what must not leave the app, as often as something is to be sent."""

    def __init__(self, turn: TurnContext, workspace: Workspace, store: FileStore) -> None:
        self._turn = turn
        self._workspace = workspace
        self._store = store
        self._app = turn.writer.vendor, turn.writer.app
        self._seen: dict[tuple[str, int], str] = {}
        self._former: dict[str, Secret] = {}
        self._known_until = 0

    async def all(self) -> list[Secret]:
        """The texts to compare with. Raises ToolError if they are too much, or cannot be read."""
        files = await self._workspace.paths()
        paths = [path for path, file in files.items() if looks_secret(path) and not file.media_type]
        if sum(files[path].size for path in paths) > MOST_BYTES:
            raise ToolError(TOO_MUCH)
        paths += filter(looks_secret, self._workspace.attachments.text_paths())
        current = (await self._workspace.texts(paths)).items()
        try:
            await self._read_seen()
            await self._read_former()
        except StoreUnavailable:
            raise ToolError(UNKNOWN) from None
        seen = [(path, text) for (path, _), text in self._seen.items() if text]
        known = {text: Secret(path, text) for path, text in [*seen, *current]}
        found = list({**self._former, **known}.values())
        if sum(len(secret.text) for secret in found) > MOST_BYTES:
            raise ToolError(TOO_MUCH)
        return found

    async def _read_seen(self) -> None:
        """Reads the versions that Claude read or wrote in this session."""
        for path, version in self._seen_versions():
            if (path, version) not in self._seen:
                try:
                    file = await self._store.read_file(*self._app, path, version)
                except NotFound:
                    continue
                self._seen[path, version] = file.get("content", "")

    def _seen_versions(self) -> Iterator[tuple[str, int]]:
        for entry in self._turn.entries:
            record = entry["record"]
            if record["kind"] == "results" or record["kind"] == "summary":
                seen = record.get("seen", {}).items()
                yield from ((path, version) for path, version in seen if looks_secret(path))

    async def _read_former(self) -> None:
        """Reads what the latest checkpoints took out of such files, or renamed to another name."""
        made = await self._store.checkpoints(*self._app, after=self._known_until, limit=CHECKPOINTS)
        for checkpoint in made:
            names = {change.get("previousPath", change["path"]) for change in checkpoint["changes"]}
            if any(looks_secret(name) for name in names):
                await self._read_removed(checkpoint["baseRevision"], checkpoint["revision"])
            self._known_until = max(self._known_until, checkpoint["revision"])

    async def _read_removed(self, before: int, after: int) -> None:
        async for difference in await self._store.diff(*self._app, before, after):
            if looks_secret(difference["path"]):
                lines = difference.get("diff", "").split("\n")[2:]
                removed = "\n".join(line[1:] for line in lines if line.startswith("-"))
                self._former[removed] = Secret(difference["path"], removed)
