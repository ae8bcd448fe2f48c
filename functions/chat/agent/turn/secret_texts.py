"""The texts of the app's secret-looking files: as they are, and as Claude may know them from this session."""

from collections.abc import Iterator

from aicode.errors import ToolError
from aicode.file_store.secret_paths import looks_secret
from chat.agent.tools import Workspace
from chat.agent.tools.leak import Secret
from chat.agent.turn.context import TurnContext

MOST_BYTES = 2_000_000
TOO_MUCH = (
    "Not searched: the app has more files that look like secrets than can be compared with a query. Go on "
    "without searching the web."
)


class SecretTexts:
    """Reads what must not leave the app, when it is needed for the first time."""

    def __init__(self, turn: TurnContext, workspace: Workspace) -> None:
        self._turn = turn
        self._workspace = workspace
        self._earlier: dict[tuple[str, int], str] = {}

    async def all(self) -> list[Secret]:
        """The texts to compare with. Raises ToolError if they are too much, or cannot be read."""
        sizes = await self._workspace.paths()
        paths = [path for path in sizes if looks_secret(path)]
        if sum(sizes[path] for path in paths) > MOST_BYTES:
            raise ToolError(TOO_MUCH)
        found = [Secret(*item) for item in (await self._workspace.texts(paths)).items()]
        found += [Secret(*item) for item in self._workspace.replaced_secrets]
        for path, version in dict.fromkeys(self._known_versions()):
            if (path, version) not in self._earlier:
                self._earlier[path, version] = await self._workspace.earlier(path, version)
        found += [Secret(path, text) for (path, _), text in self._earlier.items()]
        distinct = list({secret.text: secret for secret in reversed(found)}.values())
        if sum(len(secret.text) for secret in distinct) > MOST_BYTES:
            raise ToolError(TOO_MUCH)
        return distinct

    def _known_versions(self) -> Iterator[tuple[str, int]]:
        """Path and version of each secret text that Claude read in this session, or that it replaced, renamed
        or deleted: what it is told of such a file it can write into another."""
        for entry in self._turn.entries:
            record = entry["record"]
            if record["kind"] == "results" or record["kind"] == "summary":
                yield from (
                    (path, known) for path, known in record.get("seen", {}).items() if looks_secret(path)
                )
            if record["kind"] != "results":
                continue
            for change in record["changes"]:
                if looks_secret(change["path"]) and change["version"] > 1:
                    yield change["path"], change["version"] - 1
                if looks_secret(change.get("previousPath", "")):
                    yield change["path"], change["version"]
