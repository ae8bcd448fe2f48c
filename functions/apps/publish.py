"""The routes of an app's site: published, listed, rolled back, taken down."""

from typing import TYPE_CHECKING

from aicode.errors import InvalidRequest
from aicode.http import RequestContext, Response, Routes, integer_field, json_object, json_response
from aicode.sites import NOT_SET_UP
from apps.dependencies import Dependencies
from apps.inputs import flag_field

if TYPE_CHECKING:
    from aicode.sites.sites import Sites

Context = RequestContext[Dependencies]


async def publish(context: Context) -> Response:
    """Builds a revision, the newest if none is named, and makes it live."""
    request = context.request
    body = json_object(request, allowed=frozenset({"revision"})) if request.sent_body else {}
    revision = integer_field(body, "revision") if "revision" in body else None
    site = await _sites(context).publish(context.vendor, context.parameters["app_id"], revision)
    return json_response(200, {"success": True, "site": site})


async def read_site(context: Context) -> Response:
    """What the app's address shows, and the versions that it can show."""
    state = await _sites(context).state(context.vendor, context.parameters["app_id"])
    return json_response(200, {"success": True, **state})


async def roll_back(context: Context) -> Response:
    """Makes a version live that was published before."""
    version = integer_field(json_object(context.request, allowed=frozenset({"version"})), "version")
    site = await _sites(context).rollback(context.vendor, context.parameters["app_id"], version)
    return json_response(200, {"success": True, "site": site})


async def let_index(context: Context) -> Response:
    """Lets search engines list the site, or not."""
    indexed = flag_field(json_object(context.request, allowed=frozenset({"indexed"})), "indexed")
    site = await _sites(context).set_indexed(context.vendor, context.parameters["app_id"], indexed)
    return json_response(200, {"success": True, "site": site})


async def take_down(context: Context) -> Response:
    """The app's address shows nothing any more."""
    await _sites(context).take_down(context.vendor, context.parameters["app_id"])
    return json_response(200, {"success": True, "site": None})


def _sites(context: Context) -> "Sites":
    sites = context.dependencies.sites()
    if sites is None:
        raise InvalidRequest(NOT_SET_UP)
    return sites


PUBLISH_ROUTES: Routes[Dependencies] = {
    ("POST", "/{app_id}/publish"): publish,
    ("GET", "/{app_id}/publish"): read_site,
    ("PUT", "/{app_id}/publish"): let_index,
    ("DELETE", "/{app_id}/publish"): take_down,
    ("POST", "/{app_id}/publish/rollback"): roll_back,
}
