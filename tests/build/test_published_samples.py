"""What is published of the sample apps, by the function itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from aicode.sites.folder import FolderShelf
from tests.build.build_world import VENDOR, BuildWorld, Files, many_files, sample

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Published:
    """What the function answered, and the files that it wrote as version 1 of a site."""

    def __init__(self, answer: Any, folder: Path) -> None:
        self.errors: list[Any] = answer["errors"]
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def text(self, ending: str) -> str:
        """All files with this ending as one text."""
        return "\n".join(data.decode() for path, data in self.files.items() if path.endswith(ending))


async def published(world: BuildWorld, files: Files) -> Published:
    app = await world.app(files)
    revision = (await world.store.list_files(VENDOR, app)).revision
    site = app.lower().replace("_", "").replace("-", "")
    asked = {"vendor": VENDOR, "appId": app, "revision": revision, "site": site, "version": 1, "base": "/"}
    answer = await world.ask({"publish": asked})
    shelf = FolderShelf(world.folder.parent / "sites", "")
    if answer["errors"]:
        assert not shelf.files(site, 1).exists()
    else:
        owner = json.loads((shelf.files(site, 1).parent / "owner.json").read_bytes())
        assert owner == {"vendor": VENDOR, "app_id": app}
    return Published(answer, shelf.files(site, 1))


@pytest.mark.parametrize(
    "name", ["router", "charts", "forms", "styles", "json", "circular", "plain", "type_error"]
)
async def test_an_app_that_runs_in_the_preview_is_published(world: BuildWorld, name: str):
    made = await published(world, sample(name))

    assert made.errors == []
    assert "<!doctype html>" in made.files["index.html"].decode().lower()


async def test_an_app_of_62_files_is_published(world: BuildWorld):
    made = await published(world, many_files())

    assert made.errors == []
    assert "Page 19" in made.text(".js")


@pytest.mark.parametrize(
    ("name", "path"), [("syntax_error", "src/App.tsx"), ("missing_package", "src/App.tsx")]
)
async def test_an_app_that_cannot_be_bundled_is_not_published(world: BuildWorld, name: str, path: str):
    made = await published(world, sample(name))

    assert path in {error["path"] for error in made.errors}
    assert all(error["known"] is False for error in made.errors)
    assert made.files == {}


async def test_an_empty_app_is_not_published(world: BuildWorld):
    [error] = (await published(world, {})).errors

    assert "nothing to publish" in error["message"]


async def test_of_a_css_app_the_sheets_that_it_imports_are_one(world: BuildWorld):
    made = await published(world, sample("styles"))

    assert [path for path in made.files if path.endswith(".css")] != []
    assert made.text(".css").count("@import") == made.text(".css").count('@import"https:')


async def test_binary_files_keep_every_byte_on_their_way_through_store_and_function(world: BuildWorld):
    data = bytes(range(256)) * 300
    made = await published(world, {"index.html": '<img src="a.png">', "a.png": data, "public/b.woff2": data})

    assert (made.files["a.png"], made.files["b.woff2"]) == (data, data)


async def test_an_absent_app_or_revision_is_refused(world: BuildWorld):
    app = await world.app({"index.html": "1"})
    for vendor, revision in (("bob", 1), (VENDOR, 7)):
        asked = {"vendor": vendor, "appId": app, "revision": revision, "site": "s", "version": 1, "base": "/"}
        assert (await world.ask({"publish": asked}))["refused"]["code"] == "not_found"
