"""Connects an app to a repository, pushes it there, and makes apps of repositories.

`git.remote` and what stands on it are imported when they are needed: a download needs neither dulwich nor
cryptography, which take longer to import than most histories to pack.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from aicode.errors import InvalidRequest, RemoteFailed
from git.dependencies import Dependencies
from git.exports.app_history import app_of
from git.history.blobs import AppContents

if TYPE_CHECKING:
    from git.import_branch import Imported
    from git.remote.connection import Connection

NOT_CONNECTED = "The app is not connected to a git repository. Connect one first."


async def connected(needed: Dependencies, vendor: str, app_id: str) -> "Connection | None":
    """The app's repository, None where it has none. Raises NotFound for the app."""
    from git.remote.connection import Connections  # noqa: PLC0415

    connection = await Connections(needed.store).read(vendor, app_id)
    return connection if connection and connection.sealed_token else None


async def connect(  # noqa: PLR0913 - whose app, and where to
    needed: Dependencies, vendor: str, app_id: str, *, url: str, token: str, branch: str | None
) -> "tuple[Connection, str | None]":
    """Stores the repository and its token, and what its host minds of them, None if it lets the token push.

    Without a branch it is the one that a clone of the repository shows, or `main`. Raises InvalidRequest,
    NotFound for the app.
    """
    from git.remote import address, connection  # noqa: PLC0415

    connections = connection.Connections(needed.store)
    place = address.parse(url, local=needed.settings.local)
    chosen = connection.branch_name(branch) if branch is not None else None
    known = await connections.read(vendor, app_id)
    host, problem = needed.host(place, token), None
    try:
        await asyncio.to_thread(host.writable_branches)
        if chosen is None:
            default = (await asyncio.to_thread(host.branches)).default
            chosen = connection.branch_name(default) if default else None
    except RemoteFailed as error:
        problem = error.message
    chosen = chosen or connection.MAIN
    sealed = await needed.tokens().seal(vendor, app_id, token)
    made = connection.Connection(url=place.text, branch=chosen, sealed_token=sealed)
    if known and (known.url, known.branch) == (made.url, made.branch):
        made = replace(known, sealed_token=sealed)
    await connections.write(vendor, app_id, made)
    return made, problem


async def disconnect(needed: Dependencies, vendor: str, app_id: str) -> None:
    """Forgets the token. Where the app was pushed to stays known, so that it can be connected again."""
    from git.remote.connection import Connections  # noqa: PLC0415

    connections = Connections(needed.store)
    connection = await connections.read(vendor, app_id)
    if connection and connection.sealed_token:
        await connections.write(vendor, app_id, replace(connection, sealed_token=None))


async def push(
    needed: Dependencies, vendor: str, app_id: str, *, message: str | None = None
) -> dict[str, object]:
    """What came of pushing the app, as the API tells it. `message` is that of a merge commit, if one is made.

    Raises NotFound, InvalidRequest where no repository is connected, RemoteFailed.
    """
    from git.app_line import AppLine  # noqa: PLC0415
    from git.push import OWN_BRANCH, Pusher  # noqa: PLC0415
    from git.remote import address, links  # noqa: PLC0415
    from git.remote.connection import Connections  # noqa: PLC0415
    from git.remote.tokens import TokenUnreadable  # noqa: PLC0415

    app = await app_of(needed.store, vendor, app_id)
    connection = await connected(needed, vendor, app_id)
    if connection is None or connection.sealed_token is None:
        raise InvalidRequest(NOT_CONNECTED)
    place = address.parse(connection.url, local=needed.settings.local)
    try:
        token = await needed.tokens().open(vendor, app_id, connection.sealed_token)
    except TokenUnreadable:
        raise RemoteFailed(
            "The stored token cannot be read any more. Connect the repository again."
        ) from None
    pusher = Pusher(
        app_line=AppLine(AppContents(needed.store, vendor, app_id), app),
        connection=connection,
        connections=Connections(needed.store),
        host=needed.host(place, token),
        now=needed.now,
        message=message,
    )
    pushed = await pusher.push()
    told: dict[str, object] = {
        "result": pushed.result,
        "branch": pushed.branch,
        "commit": pushed.commit,
        "skipped": pushed.skipped,
    }
    if pushed.branch.startswith(OWN_BRANCH):
        told["link"] = links.compare_link(place, connection.branch, pushed.branch)
    return told


async def import_branch(  # noqa: PLR0913 - whose app it becomes, and of what
    needed: Dependencies,
    vendor: str,
    *,
    url: str,
    token: str | None,
    branch: str | None,
    name: str | None,
) -> "Imported":
    """A new app with the files of a branch; without a name it is called as the repository."""
    from git.import_branch import Importer  # noqa: PLC0415
    from git.remote import address, connection  # noqa: PLC0415

    place = address.parse(url, local=needed.settings.local)
    importer = Importer(
        store=needed.store,
        host=needed.host(place, token),
        vendor=vendor,
        url=place.text,
        branch=connection.branch_name(branch) if branch is not None else None,
    )
    return await importer.run(name or place.path.rpartition("/")[2].removesuffix(".git")[:100] or place.host)
