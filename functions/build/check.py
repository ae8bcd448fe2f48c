"""An app's problems at a revision: types and bundle, found side by side."""

import asyncio

from aicode.api_types import FoundProblem, Problem
from aicode.errors import NotFound
from aicode.file_store.store import FileStore
from build.entries import find_entries
from build.esbuild.bundler import bundle
from build.problems import BUILD, marked, merged
from build.resolve import read_aliases
from build.source import Source, find_revision, read_files
from build.typescript.checker import check_types
from build.workspace import Tools, workspace

_REMEMBERED = 32
_MOST_PROBLEMS = 1_000


class Checks:
    """Checks of apps, which remember what they found of the latest revisions: a revision never changes."""

    def __init__(self, store: FileStore, tools: Tools) -> None:
        self._store = store
        self._tools = tools
        self._found: dict[tuple[str, str, int], list[FoundProblem]] = {}

    async def check(
        self, vendor: str, app_id: str, revision: int | None, base: int | None
    ) -> tuple[int, list[Problem]]:
        """The revision that was checked and its errors. Raises NotFound and StoreUnavailable.

        Only where there are errors is `base` checked too; those that are there as well are known.
        """
        number, found = await self._problems(vendor, app_id, revision)
        known: list[FoundProblem] = []
        if found and base is not None and base != number:
            try:
                _, known = await self._problems(vendor, app_id, base)
            except NotFound:
                known = []  # it is no longer kept: all errors count as new
        return number, marked(found, known)

    async def _problems(self, vendor: str, app_id: str, number: int | None) -> tuple[int, list[FoundProblem]]:
        # Asked for every time: it says whose the app is.
        revision = await find_revision(self._store, vendor, app_id, number)
        place = (vendor, app_id, revision.number)
        found = self._found.pop(place, None)
        if found is None:
            source = await read_files(self._store, vendor, app_id, revision)
            found = await find_problems(source, self._tools)
        # Whether something was stopped at a limit depends on the moment too, and a flood takes much memory.
        if len(found) <= _MOST_PROBLEMS and not any(problem["code"] == BUILD for problem in found):
            self._found[place] = found
        if len(self._found) > _REMEMBERED:
            del self._found[next(iter(self._found))]
        return revision.number, found


async def find_problems(source: Source, tools: Tools) -> list[FoundProblem]:
    """What type checker and bundler say of the app; nothing of one that has no page and no script yet."""
    aliases = read_aliases(source)
    entries = find_entries(source)
    with workspace(tools) as space:
        async with asyncio.TaskGroup() as both:
            types = both.create_task(check_types(space, source, entries.paths, aliases))
            bundled = both.create_task(bundle(space, source, entries, aliases))
    return merged(types.result(), bundled.result().problems)
