"""Publishing: an app at a revision built as a version of its site, and put onto the shelf."""

import asyncio

from aicode.api_types import Problem
from aicode.file_store.store import FileStore
from aicode.sites.shelf import Owner, Shelf
from build.problems import marked
from build.site.site import make_site
from build.source import read_source
from build.workspace import Tools


async def publish(  # noqa: PLR0913 - what with, which app, and where to
    store: FileStore,
    tools: Tools,
    shelf: Shelf,
    owner: Owner,
    *,
    revision: int,
    site: str,
    version: int,
    base: str,
) -> list[Problem]:
    """The errors; nothing is written unless there are none. Raises NotFound and StoreUnavailable."""
    source = await read_source(store, owner.vendor, owner.app_id, revision, assets=True)
    made = await make_site(source, tools, base)
    if not made.problems:
        await asyncio.to_thread(shelf.write, site, version, owner, made.files)
    return marked(made.problems, [])
