"""Where the files of sites lie, and which version of each is shown. Blocking."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Owner:
    """The app that a site belongs to."""

    vendor: str
    app_id: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a site's address shows; `indexed` if search engines may list it."""

    version: int
    indexed: bool


class Shelf(Protocol):
    """The sites of all vendors. Every call but `url` and `base` may raise StoreUnavailable."""

    def url(self, site: str) -> str:
        """The address that a browser opens, with a slash at its end."""
        ...

    def base(self, site: str) -> str:
        """The path of that address: links to the site's own files begin with it."""
        ...

    def write(self, site: str, version: int, owner: Owner, files: Mapping[str, bytes]) -> None:
        """Puts the files of a version there, by their paths below the site's base; nobody sees them yet.

        Writing the same again changes nothing.
        """
        ...

    def show(self, site: str, shown: Shown | None) -> None:
        """Makes the site's address show this, or nothing."""
        ...

    def delete(self, site: str, versions: Iterable[int]) -> None:
        """Deletes the files of versions, also of such as are not there."""
        ...

    def delete_site(self, site: str) -> None:
        """Deletes all of a site; its address shows nothing afterwards."""
        ...

    def sites(self, before: int) -> Iterable[tuple[str, Owner | None, set[int]]]:
        """Each site with its owner and the versions that were last written before a time in epoch ms.

        Without an owner where nothing tells of one.
        """
        ...


Enough = Callable[[], bool]
