"""What Claude may do outside an app's files: the vendor's policy, one document of each app."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast, get_args

from aicode.api_types import Consent, Policy, PolicyName

if TYPE_CHECKING:
    from aicode.file_store.store import FileStore

POLICY_NAMES: tuple[PolicyName, ...] = get_args(PolicyName)
CONSENTS: tuple[Consent, ...] = get_args(Consent)
DOCUMENT = "policy"


async def read_policy(store: "FileStore", vendor: str, app_id: str) -> Policy:
    """The app's policy; what the vendor has not set asks first. Raises NotFound for the app."""
    found = await store.read_document(vendor, app_id, DOCUMENT)
    return _policy(found.value if found else {})


async def write_policy(
    store: "FileStore", vendor: str, app_id: str, changed: Mapping[PolicyName, Consent]
) -> Policy:
    """Sets these parts of the app's policy; gives the whole. Raises NotFound for the app."""
    while True:
        found = await store.read_document(vendor, app_id, DOCUMENT)
        policy = cast("Policy", {**_policy(found.value if found else {}), **changed})
        version = found.version if found else 0
        if await store.write_document(vendor, app_id, DOCUMENT, policy, version=version) is not None:
            return policy


def _policy(stored: Mapping[str, object]) -> Policy:
    # What newer code may have written is none of today's words: the vendor is asked.
    kept = {name: stored[name] if stored.get(name) in CONSENTS else "ask" for name in POLICY_NAMES}
    return cast("Policy", kept)
