"""What is known of an app's site: its document, and what publishing makes of it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from aicode.api_types import Site, SiteVersion
from aicode.errors import NotFound
from aicode.sites.shelf import Shown

KEPT = 20
"""So many versions are kept, the newest ones."""
# No build takes so long: what has begun before counts as broken off.
BUILD_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a site, or one that is being built, which has no `published_at` yet.

    `key` is the name that its publisher gave the call, empty if none.
    """

    number: int
    revision: int
    begun_at: int
    published_at: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRecord:
    """A site: its versions from the oldest on, those that are being built, and which one is live (0 = none).

    `last` is the highest number ever given.
    """

    site: str
    last: int = 0
    live: int = 0
    indexed: bool = False
    versions: tuple[Version, ...] = ()
    building: tuple[Version, ...] = ()

    @property
    def shown(self) -> Shown | None:
        """What its address is to show."""
        return Shown(self.live, self.indexed) if self.live else None

    def version(self, number: int) -> Version:
        """The version of this number. Raises NotFound for one that is not kept."""
        for version in self.versions:
            if version.number == number:
                return version
        raise NotFound("The site has no such version.")

    def named(self, key: str | None) -> Version | None:
        """The version, published or being built, whose publisher gave it this key."""
        versions = (*self.versions, *self.building)
        return next((version for version in versions if key and version.key == key), None)

    def begin(self, revision: int, now: int, key: str | None) -> "SiteRecord":
        """With one more version that is being built."""
        begun = Version(number=self.last + 1, revision=revision, begun_at=now, key=key or "")
        going_on = tuple(each for each in self.building if each.begun_at > now - BUILD_MS)
        return replace(self, last=begun.number, building=(*going_on, begun))

    def give_up(self, begun: Version) -> "SiteRecord":
        """Without the version that was being built; its number is given again if it is the last one."""
        if begun not in self.building:
            return self  # given up before: its number may be another's by now
        left = replace(self, building=tuple(each for each in self.building if each != begun))
        return replace(left, last=begun.number - 1) if begun.number == self.last else left

    def finish(self, begun: Version, now: int) -> "SiteRecord":
        """With a version built and live; as it is if it was so before, whatever is live since then."""
        if any(each.number == begun.number for each in self.versions):
            return self
        made = replace(begun, published_at=now)
        versions = sorted((*self.versions, made), key=lambda each: each.number)
        # One that took so long to build that it is not among the newest is kept as long as it is live.
        kept = tuple(each for each in versions if each in versions[-KEPT:] or each is made)
        building = tuple(each for each in self.building if each.number != begun.number)
        return replace(self, live=begun.number, versions=kept, building=building)

    def go_live(self, number: int) -> "SiteRecord":
        """With this version live. Raises NotFound for one that is not kept."""
        return replace(self, live=self.version(number).number)

    def take_down(self) -> "SiteRecord":
        """With no version live."""
        return replace(self, live=0)

    def let_index(self, indexed: bool) -> "SiteRecord":
        """For search engines to list, or not. Raises NotFound while nothing is live."""
        if not self.live:
            raise NotFound("The app is not published.")
        return replace(self, indexed=indexed)

    def as_site(self, version: Version, url: str) -> Site:
        """What the routes tell of the site at a version."""
        return Site(
            url=url,
            version=version.number,
            revision=version.revision,
            publishedAt=version.published_at,
            indexed=self.indexed,
        )

    def as_versions(self) -> list[SiteVersion]:
        """What the routes tell of its versions, the newest first."""
        return [
            SiteVersion(
                version=each.number,
                revision=each.revision,
                publishedAt=each.published_at,
                live=each.number == self.live,
            )
            for each in reversed(self.versions)
        ]


def to_document(record: SiteRecord) -> dict[str, Any]:
    """The record as JSON."""
    return asdict(record)


def from_document(value: Mapping[str, Any]) -> SiteRecord:
    """The record that was stored."""
    known = {name: value[name] for name in ("site", "last", "live", "indexed")}
    versions, building = (_versions(value[name]) for name in ("versions", "building"))
    return SiteRecord(**known, versions=versions, building=building)


def _versions(stored: object) -> tuple[Version, ...]:
    return tuple(Version(**each) for each in cast("list[dict[str, Any]]", stored))
