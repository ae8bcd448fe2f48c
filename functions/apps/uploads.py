"""The routes of uploads: announced here, sent to the bucket by the browser, looked at when asked for."""

from aicode.http import (
    RequestContext,
    Response,
    Routes,
    integer_field,
    json_object,
    json_response,
    text_field,
)
from apps.answers import raw_response
from apps.dependencies import Dependencies

Context = RequestContext[Dependencies]


async def create_upload(context: Context) -> Response:
    """An upload that waits for its bytes, and the form that takes them."""
    body = json_object(context.request, allowed=frozenset({"name", "type", "size", "sha256"}))
    upload = await context.dependencies.uploads().create(
        context.vendor,
        context.parameters["app_id"],
        name=text_field(body, "name"),
        media_type=text_field(body, "type"),
        size=integer_field(body, "size"),
        sha256=text_field(body, "sha256"),
    )
    return json_response(201, {"success": True, "upload": upload})


async def read_upload(context: Context) -> Response:
    """What an upload is, and whether a message may refer to it."""
    upload = await context.dependencies.uploads().find(context.vendor, *_named(context))
    return json_response(200, {"success": True, "upload": upload})


async def read_upload_raw(context: Context) -> Response:
    """The bytes of an upload that is ready."""
    uploads, named = context.dependencies.uploads(), _named(context)
    upload = await uploads.find(context.vendor, *named)
    return raw_response(upload["name"], upload["type"], await uploads.read(context.vendor, *named))


def _named(context: Context) -> tuple[str, str]:
    return context.parameters["app_id"], context.parameters["upload_id"]


UPLOAD_ROUTES: Routes[Dependencies] = {
    ("POST", "/{app_id}/uploads"): create_upload,
    ("GET", "/{app_id}/uploads/{upload_id}"): read_upload,
    ("GET", "/{app_id}/uploads/{upload_id}/raw"): read_upload_raw,
}
