"""The shelf on one machine: a folder, of which the local sites server reads.

<site>/owner.json       the app it belongs to
<site>/live.json        the version that is shown; absent while none is
<site>/<version>/...    the files
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aicode.sites.shelf import Owner, Shown

_OWNER = "owner.json"
_LIVE = "live.json"


class FolderShelf:
    """A Shelf in a folder; `origin` is where the local sites server listens."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin

    def url(self, site: str) -> str:
        """The address that a browser opens."""
        return f"{self._origin}{self.base(site)}"

    def base(self, site: str) -> str:
        """The path of that address: one host serves all sites here."""
        return f"/{site}/"

    def write(self, site: str, version: int, owner: Owner, files: Mapping[str, bytes]) -> None:
        """Puts the files of a version there."""
        folder = self._folder / site / str(version)
        folder.mkdir(parents=True, exist_ok=True)
        _replace(self._folder / site / _OWNER, asdict(owner))
        for path, data in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)

    def show(self, site: str, shown: Shown | None) -> None:
        """Makes the site's address show this, or nothing."""
        live = self._folder / site / _LIVE
        if shown is None:
            live.unlink(missing_ok=True)
        else:
            live.parent.mkdir(parents=True, exist_ok=True)
            _replace(live, asdict(shown))

    def shown(self, site: str) -> Shown | None:
        """What the site's address shows."""
        stored = _read(self._folder / site / _LIVE)
        return Shown(**stored) if stored else None

    def files(self, site: str, version: int) -> Path:
        """The folder with the files of a version."""
        return self._folder / site / str(version)

    def delete(self, site: str, versions: Iterable[int]) -> None:
        """Deletes the files of versions."""
        for version in versions:
            shutil.rmtree(self.files(site, version), ignore_errors=True)

    def delete_site(self, site: str) -> None:
        """Deletes all of a site."""
        self.show(site, None)
        shutil.rmtree(self._folder / site, ignore_errors=True)

    def sites(self, before: int) -> Iterable[tuple[str, Owner | None, set[int]]]:
        """Each site with its owner and its older versions."""
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            owner = _read(folder / _OWNER)
            old = {
                int(each.name)
                for each in folder.iterdir()
                if each.name.isdecimal() and each.stat().st_mtime * 1000 < before
            }
            yield folder.name, Owner(**owner) if owner else None, old


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def _replace(path: Path, value: Mapping[str, Any]) -> None:
    """Whole or not at all: the sites server reads while it is written."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(value, file)
    Path(file.name).replace(path)
