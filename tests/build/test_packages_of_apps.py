"""What an app may import is one list: what Claude is told, what the preview has, and what a check knows."""

import json
from typing import Any

import pytest

from build.packages import packages
from chat.agent.prompt.request import SYSTEM_PROMPT
from dev.setup.page import PACKAGES, WEB
from tests.build.build_world import BuildWorld

pytestmark = pytest.mark.asyncio(loop_scope="module")

LISTED: list[dict[str, Any]] = json.loads(PACKAGES.read_bytes())["packages"]


def names_of(entry: dict[str, Any]) -> list[str]:
    return [*entry["imports"], *(alias["name"] for alias in entry.get("aliases", ()))]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["name"])
async def test_every_name_of_a_package_can_be_imported_with_its_types(
    world: BuildWorld, entry: dict[str, Any]
) -> None:
    names = names_of(entry)
    imports = "".join(f'import * as name{at} from "{name}";\n' for at, name in enumerate(names))
    uses = "".join(f"export const n{at}: number = name{at};\n" for at in range(len(names)))
    found = await world.problems({"src/main.ts": imports + uses})

    # A package without types would be any, which fits everywhere.
    assert found == [("src/main.ts", len(names) + at + 1, "TS2322") for at in range(len(names))]


async def test_a_check_offers_what_claude_is_told(world: BuildWorld) -> None:
    app = await world.app({"src/main.ts": 'import lodash from "lodash";\nlodash;\n'})
    (error,) = (await world.check(app))["errors"]
    offered = ", ".join(entry["name"] for entry in LISTED)

    assert f"only these: {offered}." in error["message"]
    assert f"no others: {offered}." in SYSTEM_PROMPT


async def test_the_versions_are_those_that_the_preview_is_made_of() -> None:
    locked = json.loads((WEB / "package-lock.json").read_bytes())["packages"]

    assert {entry["name"]: entry["version"] for entry in LISTED} == {
        name: locked[f"node_modules/{name}"]["version"] for name in packages().names
    }
