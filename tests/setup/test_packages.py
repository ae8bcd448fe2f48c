"""The one list of packages that the preview, the page's types and the system prompt read."""

import json
from typing import TypedDict

from dev.setup.page import PACKAGES, WEB


class Package(TypedDict):
    name: str
    version: str
    types: str
    imports: list[str]


def listed() -> list[Package]:
    return json.loads(PACKAGES.read_bytes())["packages"]


def test_the_listed_versions_are_those_that_are_installed() -> None:
    lock = json.loads((WEB / "package-lock.json").read_bytes())["packages"]

    assert {entry["name"]: entry["version"] for entry in listed()} == {
        entry["name"]: lock[f"node_modules/{entry['name']}"]["version"] for entry in listed()
    }


def test_every_package_that_an_app_may_import_and_its_types_are_locked() -> None:
    lock = json.loads((WEB / "package-lock.json").read_bytes())["packages"]
    package_of = {
        name: "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
        for entry in listed()
        for name in (*entry["imports"], entry["types"])
    }

    assert {name for name, package in package_of.items() if f"node_modules/{package}" not in lock} == set()
