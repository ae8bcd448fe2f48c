"""The editor's routes: what each is given, what it asks of the file store, what it answers."""

from collections.abc import Sequence
from contextlib import nullcontext

from aicode.api_types import FileInfo
from aicode.errors import AICodeError, NotFound
from aicode.file_store.file_info import changed_info
from aicode.file_store.store import (
    Change,
    Changed,
    Commit,
    Committed,
    FileStore,
    Listing,
    Move,
    Remove,
    Rules,
)
from aicode.http import (
    FILE_BODY_LIMIT,
    RequestContext,
    Response,
    Routes,
    integer_field,
    json_object,
    json_response,
    text_field,
)
from apps.answers import diff_response, listing_response, raw_response
from apps.contents import with_contents
from apps.dependencies import Dependencies
from apps.inputs import (
    app_name,
    optional_flag,
    optional_paths,
    page_limit,
    query_integer,
    query_one,
    query_text,
    query_version,
    written_file,
)
from apps.policy import POLICY_ROUTES
from apps.publish import PUBLISH_ROUTES
from apps.uploads import UPLOAD_ROUTES

Context = RequestContext[Dependencies]
_SAVED = frozenset({"path", "content", "contentBase64", "mediaType", "baseVersion"})


async def list_apps(context: Context) -> Response:
    """The vendor's apps, the latest changed first."""
    apps = await context.dependencies.store.list_apps(context.vendor)
    return json_response(200, {"success": True, "apps": apps})


async def create_app(context: Context) -> Response:
    """A new, empty app."""
    name = app_name(json_object(context.request, allowed=frozenset({"name"})))
    app = await context.dependencies.store.create_app(context.vendor, name)
    return json_response(201, {"success": True, "app": app})


async def rename_app(context: Context) -> Response:
    """The app with another name."""
    name = app_name(json_object(context.request, allowed=frozenset({"name"})))
    store, vendor, app_id = _app(context)
    app = await store.rename_app(vendor, app_id, name)
    return json_response(200, {"success": True, "app": app})


async def delete_app(context: Context) -> Response:
    """Removes the app with its files, checkpoints, uploads, site and sessions."""
    store, vendor, app_id = _app(context)
    if not await store.owns(vendor, app_id):
        raise NotFound("There is no such app.")
    # First the sessions, so that no turn writes into what is being removed; then those begun meanwhile, also
    # where the removal fails: the app may be gone already, and then no second call gets here.
    await context.dependencies.sessions.delete_app_sessions(vendor, app_id)
    sites = context.dependencies.sites()
    try:
        async with sites.removed(vendor, app_id) if sites else nullcontext():
            await context.dependencies.uploads().delete_app(vendor, app_id)
            await store.delete_app(vendor, app_id)
    finally:
        await context.dependencies.sessions.delete_app_sessions(vendor, app_id)
    return json_response(200, {"success": True})


async def list_files(context: Context) -> Response:
    """Revision and files; with `content=1` those of moderate size with their contents."""
    contents = query_one(context.request, "content")
    store, vendor, app_id = _app(context)
    listing = await store.list_files(vendor, app_id)
    if contents:
        return listing_response(_head(listing), with_contents(store, vendor, app_id, listing.files))
    return json_response(200, {**_head(listing), "files": listing.files})


async def read_file(context: Context) -> Response:
    """A file, a text with its content, at an earlier version if one is named."""
    path, version = query_text(context.request, "path"), query_version(context.request)
    store, vendor, app_id = _app(context)
    file = await store.read_file(vendor, app_id, path, version)
    return json_response(200, {"success": True, "file": file})


async def read_raw_file(context: Context) -> Response:
    """The bytes of a file as a download, at an earlier version if one is named."""
    path, version = query_text(context.request, "path"), query_version(context.request)
    store, vendor, app_id = _app(context)
    file = await store.read_raw(vendor, app_id, path, version)
    name = file.info["path"].rpartition("/")[-1]
    return raw_response(name, file.info.get("mediaType", "text/plain"), file.data)


async def save_file(context: Context) -> Response:
    """Writes a file. Saving the content it has already keeps its version and the app's revision."""
    put = written_file(json_object(context.request, allowed=_SAVED, limit=FILE_BODY_LIMIT))
    committed = await _commit(context, put, f"Save {put.path}")
    if committed.changes:
        return _saved(committed, changed_info(committed.changes[0]))
    store, vendor, app_id = _app(context)
    file = await store.read_file(vendor, app_id, put.path, put.base_version)
    file.pop("content", None)
    return _saved(committed, file)


async def rename_file(context: Context) -> Response:
    """Gives a file another path; the version it gets there follows the one it had."""
    body = json_object(context.request, allowed=frozenset({"path", "newPath", "baseVersion"}))
    path, new_path = text_field(body, "path"), text_field(body, "newPath")
    change = Move(path, new_path, integer_field(body, "baseVersion"))
    committed = await _commit(context, change, f"Rename {path} to {new_path}")
    return _saved(committed, changed_info(committed.changes[0]))


async def delete_file(context: Context) -> Response:
    """Deletes a file; its versions stay readable."""
    path = query_text(context.request, "path")
    committed = await _commit(
        context, Remove(path, query_integer(context.request, "baseVersion")), f"Delete {path}"
    )
    return json_response(200, {"success": True, "revision": committed.revision})


async def accept_rules(context: Context) -> Response:
    """Makes the rules count as they stand, which Claude has changed. Accepting them again changes nothing."""
    version = integer_field(json_object(context.request, allowed=frozenset({"version"})), "version")
    store, vendor, app_id = _app(context)
    return json_response(
        200, {"success": True, "rules": _rules(await store.accept_rules(vendor, app_id, version))}
    )


async def list_checkpoints(context: Context) -> Response:
    """A page of what was changed, by turn or by save, newest first."""
    limit, before = page_limit(context.request), None
    if "before" in context.request.query:
        before = query_integer(context.request, "before")
    store, vendor, app_id = _app(context)
    found = await store.checkpoints(vendor, app_id, before=before, limit=limit + 1)
    answer = {"success": True, "checkpoints": found[:limit], "hasMore": len(found) > limit}
    return json_response(200, answer)


async def diff(context: Context) -> Response:
    """Unified diffs between two revisions."""
    start, end = query_integer(context.request, "from"), query_integer(context.request, "to")
    store, vendor, app_id = _app(context)
    return diff_response(await store.diff(vendor, app_id, start, end))


async def restore(context: Context) -> Response:
    """Brings the app, or some of its paths, back to a revision, as a new revision.

    Which turns that undid is noted in their sessions, where the session store answers: the files are what was
    asked for.
    """
    body = json_object(context.request, allowed=frozenset({"revision", "paths", "force"}))
    store, vendor, app_id = _app(context)
    revision, paths, force = (
        integer_field(body, "revision"),
        optional_paths(body),
        optional_flag(body, "force"),
    )
    committed = await store.restore(vendor, app_id, revision, paths=paths, force=force)
    try:
        await _note_restore(context, committed.revision, revision, paths)
    except AICodeError as error:
        context.observer.warning("restore not noted", error=type(error).__name__)
    changes = [_told(change) for change in committed.changes]
    return json_response(200, {"success": True, "revision": committed.revision, "changes": changes})


async def check_app(context: Context) -> Response:
    """What type checker and bundler say of a revision, the newest if none is named."""
    revision = query_integer(context.request, "revision") if "revision" in context.request.query else None
    _, vendor, app_id = _app(context)
    checked = await context.dependencies.builder.check(vendor, app_id, revision)
    told = {
        "revision": checked.revision,
        "ok": checked.ok,
        "errors": checked.errors,
        "durationMs": checked.duration_ms,
    }
    return json_response(200, {"success": True, **told})


def _app(context: Context) -> tuple[FileStore, str, str]:
    """The store, the vendor, and the id of the app that the request is about, which may not be theirs."""
    return context.dependencies.store, context.vendor, context.parameters["app_id"]


async def _note_restore(context: Context, revision: int, to: int, paths: Sequence[str] | None) -> None:
    from apps.restored_turns import restored_turns  # noqa: PLC0415 - no other route waits for it

    store, vendor, app_id = _app(context)
    turns = await restored_turns(store, vendor, app_id, to=to, revision=revision, paths=paths)
    await context.dependencies.sessions.note_restore(vendor, app_id, turns, to=to, revision=revision)


async def _commit(context: Context, change: Change, message: str) -> Committed:
    store, vendor, app_id = _app(context)
    commit = Commit(changes=[change], author="vendor", message=message)
    return await store.commit(vendor, app_id, commit)


def _head(listing: Listing) -> dict[str, object]:
    """What stands before the files of a listing. Of the rules it says something only where they wait."""
    rules = {"rules": _rules(listing.rules)} if listing.rules.pending else {}
    return {"success": True, "revision": listing.revision, **rules}


def _rules(rules: Rules) -> dict[str, int]:
    return {"acceptedVersion": rules.accepted, "pendingVersion": rules.pending}


def _saved(committed: Committed, file: FileInfo) -> Response:
    return json_response(200, {"success": True, "revision": committed.revision, "file": file})


def _told(change: Changed) -> dict[str, object]:
    return {
        "path": change.path,
        "action": change.action,
        "version": change.version,
        "additions": change.additions,
        "deletions": change.deletions,
    }


ROUTES: Routes[Dependencies] = {
    ("GET", ""): list_apps,
    ("POST", ""): create_app,
    ("PUT", "/{app_id}"): rename_app,
    ("DELETE", "/{app_id}"): delete_app,
    ("GET", "/{app_id}/files"): list_files,
    ("GET", "/{app_id}/file"): read_file,
    ("GET", "/{app_id}/raw"): read_raw_file,
    ("PUT", "/{app_id}/file"): save_file,
    ("DELETE", "/{app_id}/file"): delete_file,
    ("POST", "/{app_id}/rename"): rename_file,
    ("PUT", "/{app_id}/rules"): accept_rules,
    ("GET", "/{app_id}/checkpoints"): list_checkpoints,
    ("GET", "/{app_id}/diff"): diff,
    ("POST", "/{app_id}/restore"): restore,
    ("GET", "/{app_id}/check"): check_app,
    **POLICY_ROUTES,
    **UPLOAD_ROUTES,
    **PUBLISH_ROUTES,
}
