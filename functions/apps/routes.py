"""The editor's routes: what each is given, what it asks of the file store, what it answers."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from aicode.api_types import FileInfo
from aicode.errors import NotFound
from aicode.file_store.portions import portions
from aicode.file_store.store import Change, Changed, Commit, Committed, FileStore, Move, Put, Remove
from aicode.http import (
    FILE_BODY_LIMIT,
    Request,
    Response,
    integer_field,
    json_object,
    json_response,
    text_field,
)
from apps.answers import diff_response, zip_response
from apps.inputs import app_name, optional_flag, optional_paths, query_integer, query_text
from apps.sessions import AppSessions

_BELOW_BASE = re.compile(r"/(?P<app_id>[A-Za-z0-9_-]{1,64})(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a verified vendor. `app_id` is empty for the list of apps, and may not be theirs."""

    request: Request
    vendor: str
    app_id: str
    store: FileStore
    sessions: AppSessions


async def list_apps(call: Call) -> Response:
    """The vendor's apps, the latest changed first."""
    return json_response(200, {"success": True, "apps": await call.store.list_apps(call.vendor)})


async def create_app(call: Call) -> Response:
    """A new, empty app."""
    name = app_name(json_object(call.request, allowed=frozenset({"name"})))
    return json_response(201, {"success": True, "app": await call.store.create_app(call.vendor, name)})


async def delete_app(call: Call) -> Response:
    """Removes the app with its files, checkpoints and sessions."""
    if not await call.store.owns(call.vendor, call.app_id):
        raise NotFound("There is no such app.")
    # First the sessions, so that no turn writes into what is being removed; then those begun meanwhile, also
    # where the removal fails: the app may be gone already, and then no second call gets here.
    await call.sessions.delete_app_sessions(call.vendor, call.app_id)
    try:
        await call.store.delete_app(call.vendor, call.app_id)
    finally:
        await call.sessions.delete_app_sessions(call.vendor, call.app_id)
    return json_response(200, {"success": True})


async def list_files(call: Call) -> Response:
    """Revision and files, without contents."""
    listing = await call.store.list_files(call.vendor, call.app_id)
    return json_response(200, {"success": True, "revision": listing.revision, "files": listing.files})


async def read_file(call: Call) -> Response:
    """A file with its content, at an earlier version where one is named."""
    path, version = query_text(call.request, "path"), None
    if "version" in call.request.query:
        version = query_integer(call.request, "version")
    file = await call.store.read_file(call.vendor, call.app_id, path, version)
    return json_response(200, {"success": True, "file": file})


async def save_file(call: Call) -> Response:
    """Writes a file. Saving the content it has already keeps its version and the app's revision."""
    body = json_object(
        call.request, allowed=frozenset({"path", "content", "baseVersion"}), limit=FILE_BODY_LIMIT
    )
    path, base = text_field(body, "path"), integer_field(body, "baseVersion")
    committed = await _commit(call, Put(path, text_field(body, "content"), base), f"Save {path}")
    if committed.changes:
        return _saved(committed, _info(committed.changes[0]))
    file = await call.store.read_file(call.vendor, call.app_id, path, base)
    return _saved(
        committed,
        FileInfo(path=file["path"], version=file["version"], size=file["size"], updatedAt=file["updatedAt"]),
    )


async def rename_file(call: Call) -> Response:
    """Gives a file another path; the version it gets there follows the one it had."""
    body = json_object(call.request, allowed=frozenset({"path", "newPath", "baseVersion"}))
    path, new_path = text_field(body, "path"), text_field(body, "newPath")
    change = Move(path, new_path, integer_field(body, "baseVersion"))
    committed = await _commit(call, change, f"Rename {path} to {new_path}")
    return _saved(committed, _info(committed.changes[0]))


async def delete_file(call: Call) -> Response:
    """Deletes a file; its versions stay readable."""
    path = query_text(call.request, "path")
    committed = await _commit(
        call, Remove(path, query_integer(call.request, "baseVersion")), f"Delete {path}"
    )
    return json_response(200, {"success": True, "revision": committed.revision})


async def list_checkpoints(call: Call) -> Response:
    """What was changed, by turn or by save, newest first."""
    checkpoints = await call.store.checkpoints(call.vendor, call.app_id)
    return json_response(200, {"success": True, "checkpoints": checkpoints})


async def diff(call: Call) -> Response:
    """Unified diffs between two revisions."""
    start, end = query_integer(call.request, "from"), query_integer(call.request, "to")
    return diff_response(await call.store.diff(call.vendor, call.app_id, start, end))


async def restore(call: Call) -> Response:
    """Brings the app, or some of its paths, back to a revision, as a new revision."""
    body = json_object(call.request, allowed=frozenset({"revision", "paths", "force"}))
    committed = await call.store.restore(
        call.vendor,
        call.app_id,
        integer_field(body, "revision"),
        paths=optional_paths(body),
        force=optional_flag(body, "force"),
    )
    changes = [_told(change) for change in committed.changes]
    return json_response(200, {"success": True, "revision": committed.revision, "changes": changes})


async def export(call: Call) -> Response:
    """The files as a zip archive, as they are when the download begins."""
    listing = await call.store.list_files(call.vendor, call.app_id)
    apps = await call.store.list_apps(call.vendor)
    name = next((app["name"] for app in apps if app["appId"] == call.app_id), call.app_id)

    return zip_response(name, _contents(call, listing.files))


async def _contents(call: Call, files: Sequence[FileInfo]) -> AsyncIterator[tuple[FileInfo, str]]:
    """The files with the contents that they have at these versions, a few megabytes in memory at a time."""
    for batch in portions(files, lambda file: file["size"]):
        found = await call.store.read_files(call.vendor, call.app_id, [file["path"] for file in batch])
        contents = {(file["path"], file["version"]): file["content"] for file in found}
        for file in batch:
            path, version = file["path"], file["version"]
            if (path, version) not in contents:  # changed since the download began
                earlier = await call.store.read_file(call.vendor, call.app_id, path, version)
                contents[path, version] = earlier["content"]
            yield file, contents.pop((path, version))


async def _commit(call: Call, change: Change, message: str) -> Committed:
    commit = Commit(changes=[change], author="vendor", message=message)
    return await call.store.commit(call.vendor, call.app_id, commit)


def _saved(committed: Committed, file: FileInfo) -> Response:
    return json_response(200, {"success": True, "revision": committed.revision, "file": file})


def _info(change: Changed) -> FileInfo:
    return FileInfo(path=change.path, version=change.version, size=change.size, updatedAt=change.updated_at)


def _told(change: Changed) -> dict[str, object]:
    return {
        "path": change.path,
        "action": change.action,
        "version": change.version,
        "additions": change.additions,
        "deletions": change.deletions,
    }


Endpoint = Callable[[Call], Awaitable[Response]]

_APPS: Mapping[str, Endpoint] = MappingProxyType({"GET": list_apps, "POST": create_app})
_APP: Mapping[str, Mapping[str, Endpoint]] = MappingProxyType(
    {
        "": {"DELETE": delete_app},
        "/files": {"GET": list_files},
        "/file": {"GET": read_file, "PUT": save_file, "DELETE": delete_file},
        "/rename": {"POST": rename_file},
        "/checkpoints": {"GET": list_checkpoints},
        "/diff": {"GET": diff},
        "/restore": {"POST": restore},
        "/export.zip": {"GET": export},
    }
)


def find(path: str, base: str) -> tuple[str, Mapping[str, Endpoint]]:
    """The app id in a path (empty in the list's) and the calls it takes, by method; raises NotFound."""
    if path == base:
        return "", _APPS
    below = _BELOW_BASE.fullmatch(path.removeprefix(base)) if path.startswith(base) else None
    if below is None or below["rest"] not in _APP:
        raise NotFound("There is nothing at this path.")
    return below["app_id"], _APP[below["rest"]]
