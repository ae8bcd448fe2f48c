"""How much a vendor may keep in a file store. Pure."""

from dataclasses import dataclass

from aicode.errors import TooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """At most so many `apps` of a vendor, and `history_bytes` of an app's past (see `retention`).

    The newest `checkpoints` of an app are never forgotten.
    """

    apps: int = 100
    history_bytes: int = 500_000_000
    checkpoints: int = 200


def too_many_apps(limits: Limits) -> TooLarge:
    """The refusal of one app more."""
    return TooLarge(f"You have {limits.apps:,} apps, and more are not possible. Delete one first.")
