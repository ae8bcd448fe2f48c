"""The routes of an app's policy: what Claude may do outside its files by itself, after asking, or never."""

from collections.abc import Mapping

from aicode.api_types import Consent
from aicode.errors import InvalidRequest
from aicode.http import RequestContext, Response, Routes, json_object, json_response
from aicode.policy import CONSENTS, POLICY_NAMES, PolicyName, read_policy, write_policy
from apps.dependencies import Dependencies

Context = RequestContext[Dependencies]


async def get_policy(context: Context) -> Response:
    """The app's policy."""
    store, app_id = context.dependencies.store, context.parameters["app_id"]
    policy = await read_policy(store, context.vendor, app_id)
    return json_response(200, {"success": True, "policy": policy})


async def change_policy(context: Context) -> Response:
    """Sets one part of the app's policy or all; the others stay."""
    changed = _changed(json_object(context.request, allowed=frozenset(POLICY_NAMES)))
    store, app_id = context.dependencies.store, context.parameters["app_id"]
    policy = await write_policy(store, context.vendor, app_id, changed)
    return json_response(200, {"success": True, "policy": policy})


def _changed(body: Mapping[str, object]) -> Mapping[PolicyName, Consent]:
    changed: dict[PolicyName, Consent] = {name: _consent(body, name) for name in POLICY_NAMES if name in body}
    if not changed:
        raise InvalidRequest(f"Give {' or '.join(f'`{name}`' for name in POLICY_NAMES)}.")
    return changed


def _consent(body: Mapping[str, object], name: str) -> Consent:
    for consent in CONSENTS:
        if body[name] == consent:
            return consent
    raise InvalidRequest(f"`{name}` must be one of {', '.join(CONSENTS)}.")


POLICY_ROUTES: Routes[Dependencies] = {
    ("GET", "/{app_id}/policy"): get_policy,
    ("PUT", "/{app_id}/policy"): change_policy,
}
