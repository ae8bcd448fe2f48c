"""The routes of git: what each is given, and what it answers."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aicode.api_types import Remote
from aicode.errors import InvalidRequest, NotFound, RemoteFailed
from aicode.http import (
    RequestContext,
    Response,
    Routes,
    download_headers,
    json_object,
    json_response,
    one_line,
    text_field,
)
from git.dependencies import Dependencies
from git.exports.app_history import Exported, app_of
from git.exports.archive import archive
from git.exports.bundle import bundle
from git.history.blobs import AppContents
from git.sync import connect, connected, disconnect, import_branch, push

Context = RequestContext[Dependencies]
NAME_LENGTH = 100
_TOKEN_LENGTH = 1000
_BUNDLE_TYPE = "application/octet-stream"


async def export_archive(context: Context) -> Response:
    """The files as a zip archive, as they are when the download begins, and their history beside them."""
    contents = _contents(context)
    app = await app_of(contents.store, contents.vendor, contents.app_id)
    history = await contents.store.history(contents.vendor, contents.app_id)
    return _download(f"{app['name']}.zip", "application/zip", archive(contents, app, history))


async def export_bundle(context: Context) -> Response:
    """The history as a git bundle with the branch `main`."""
    contents = _contents(context)
    app = await app_of(contents.store, contents.vendor, contents.app_id)
    history = await contents.store.history(contents.vendor, contents.app_id)
    exported = await Exported.of(contents, app, history)
    return _download(f"{app['name']}.bundle", _BUNDLE_TYPE, bundle(exported))


async def get_remote(context: Context) -> Response:
    """The repository that the app is connected to, null if there is none."""
    connection = await connected(context.dependencies, context.vendor, context.parameters["app_id"])
    return _remote(connection.told if connection else None)


async def put_remote(context: Context) -> Response:
    """Connects the app to a branch of a repository; `problem` is what its host minds, in its own words."""
    body = json_object(context.request, allowed=frozenset({"url", "token", "branch"}))
    connection, problem = await connect(
        context.dependencies,
        context.vendor,
        context.parameters["app_id"],
        url=text_field(body, "url"),
        token=_token(body),
        branch=_optional(body, "branch"),
    )
    return _remote(connection.told, problem)


async def delete_remote(context: Context) -> Response:
    """Forgets the repository's token; the repository stays as it is."""
    await disconnect(context.dependencies, context.vendor, context.parameters["app_id"])
    return _remote(None)


async def push_app(context: Context) -> Response:
    """Pushes the app's new commits, never by force."""
    if context.request.sent_body:
        json_object(context.request, allowed=frozenset())
    pushed = await push(context.dependencies, context.vendor, context.parameters["app_id"])
    return json_response(200, {"success": True, **pushed})


async def import_app(context: Context) -> Response:
    """Makes an app of a branch."""
    body = json_object(context.request, allowed=frozenset({"url", "branch", "token", "name"}))
    name = _optional(body, "name")
    imported = await import_branch(
        context.dependencies,
        context.vendor,
        url=text_field(body, "url"),
        token=_token(body) if "token" in body else None,
        branch=_optional(body, "branch"),
        name=one_line(name, "name", NAME_LENGTH) if name is not None else None,
    )
    return json_response(201, {"success": True, "app": imported.app, "skipped": imported.skipped})


def _contents(context: Context) -> AppContents:
    return AppContents(context.dependencies.store, context.vendor, context.parameters["app_id"])


def _remote(told: Remote | None, problem: str | None = None) -> Response:
    more = {"problem": problem} if problem else {}
    return json_response(200, {"success": True, "remote": told, **more})


def _download(name: str, content_type: str, body: AsyncIterator[bytes]) -> Response:
    return Response(200, download_headers(name, content_type), body)


def _optional(body: Mapping[str, object], name: str) -> str | None:
    return text_field(body, name) if name in body else None


def _token(body: Mapping[str, object]) -> str:
    """`token`: what goes into a header; the error never repeats it."""
    token = text_field(body, "token").strip()
    if not token or len(token) > _TOKEN_LENGTH or not all("!" <= char <= "~" for char in token):
        raise InvalidRequest("`token` must be an access token of the host.")
    return token


async def push_event(needed: Dependencies, push_of: Mapping[str, Any]) -> dict[str, object]:
    """The answer to another function that pushes for a turn; what fails is `error`, in the host's words."""
    message = push_of.get("message")
    try:
        return await push(
            needed, str(push_of["vendor"]), str(push_of["appId"]), message=str(message) if message else None
        )
    except (RemoteFailed, NotFound, InvalidRequest) as error:
        return {"error": error.message}


ROUTES: Routes[Dependencies] = {
    ("POST", "/import"): import_app,
    ("GET", "/{app_id}/export.zip"): export_archive,
    ("GET", "/{app_id}/export.bundle"): export_bundle,
    ("GET", "/{app_id}/git"): get_remote,
    ("PUT", "/{app_id}/git"): put_remote,
    ("DELETE", "/{app_id}/git"): delete_remote,
    ("POST", "/{app_id}/git/push"): push_app,
}
