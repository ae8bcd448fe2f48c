"""An app that is endless or huge ends at a limit, in plain words, and leaves nothing behind."""

import pytest

from tests.build.build_world import BuildWorld, Files, many_files, working_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAIN = "src/main.ts"


def statements(count: int) -> str:
    return "".join(f"export const a{at}: {{ id: number }} = {{ id: {at} }};\n" for at in range(count))


def errors(count: int) -> str:
    return "".join(f"export const a{at}: number = 'a{at}';\n" for at in range(count))


async def told(world: BuildWorld, files: Files) -> list[str]:
    """The messages about an app as a whole; nothing else may be told of it."""
    found = (await world.check(await world.app(files)))["errors"]
    assert {error["path"] for error in found} == {""}
    assert working_in(world.folder) == []
    assert list(world.folder.iterdir()) == []
    return [error["message"] for error in found]


async def test_nothing_is_left_of_a_check(world: BuildWorld) -> None:
    assert (await world.check(await world.app(many_files())))["ok"]

    assert working_in(world.folder) == []
    assert list(world.folder.iterdir()) == []


async def test_fifty_megabytes_of_code_are_stopped(world: BuildWorld) -> None:
    part = statements(19_000)  # one megabyte, the most that a file may have
    assert 900_000 < len(part) < 1_000_000
    files = {f"src/part{at}.ts": part for at in range(50)}
    messages = await told(world, files)

    assert len(messages) == 1
    assert messages[0].startswith("The types could not be checked: the type checker ")
    assert messages[0].endswith(("took longer than 6 seconds.", "ran out of memory."))


async def test_types_without_an_end_are_stopped(world: BuildWorld) -> None:
    messages = await told(world, {MAIN: f"export const a = {'[' * 200_000}{']' * 200_000};\n"})

    assert messages[0].startswith("The types could not be checked: the type checker ")


async def test_a_flood_of_errors_is_stopped(world: BuildWorld) -> None:
    folder = "/".join(["a-folder-whose-name-stands-in-every-message"] * 5)
    files = {f"src/{folder}/part{at}.ts": errors(8_000) for at in range(3)}

    assert await told(world, files) == [
        "The types could not be checked: the type checker wrote more than 4 MB."
    ]


async def test_a_bundle_that_grows_without_end_is_stopped(world: BuildWorld) -> None:
    text = "x" * 990_000
    parts = {f"src/text{at}.txt": text for at in range(45)}
    imports = "".join(
        f'import t{at} from "./text{at}.txt";\nexport const u{at} = t{at};\n' for at in range(45)
    )
    pages = {
        f"page{page}.html": '<script type="module">'
        f'import * as all from "/src/main.js"; console.log({page}, all)</script>'
        for page in range(2)
    }
    more = "".join(f'export {{ default as v{at} }} from "./text{at}.txt?raw";\n' for at in range(45))
    messages = await told(world, {**parts, **pages, "src/main.js": imports + more})

    assert len(messages) == 1
    assert messages[0].startswith("The app could not be bundled: the bundler ")
