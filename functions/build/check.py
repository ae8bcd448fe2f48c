"""An app's problems at a revision: types and bundle, found side by side."""

import asyncio

from aicode.api_types import FoundProblem, Problem
from aicode.errors import NotFound
from aicode.file_store.store import FileStore
from build.entries import find_entries
from build.esbuild.bundler import bundle
from build.problems import marked, merged
from build.resolve import read_aliases
from build.source import Source, read_source
from build.typescript.checker import check_types
from build.workspace import Tools, workspace


async def check(  # noqa: PLR0913, PLR0917 - what with, and which app
    store: FileStore, tools: Tools, vendor: str, app_id: str, revision: int | None, base: int | None
) -> tuple[int, list[Problem]]:
    """The revision that was checked and its errors. Raises NotFound and StoreUnavailable.

    Only where there are errors is `base` checked too; those that are there as well are known.
    """
    source = await read_source(store, vendor, app_id, revision)
    found = await find_problems(source, tools)
    known: list[FoundProblem] = []
    if found and base is not None and base != source.revision:
        try:
            known = await find_problems(await read_source(store, vendor, app_id, base), tools)
        except NotFound:
            known = []  # it is no longer kept: all errors count as new
    return source.revision, marked(found, known)


async def find_problems(source: Source, tools: Tools) -> list[FoundProblem]:
    """What type checker and bundler say of the app; nothing of one that has no page and no script yet."""
    aliases = read_aliases(source)
    entries = find_entries(source, aliases)
    with workspace(tools) as space:
        async with asyncio.TaskGroup() as both:
            types = both.create_task(check_types(space, source, entries.paths, aliases))
            bundled = both.create_task(bundle(space, source, entries, aliases))
    return merged(types.result(), bundled.result().problems)
