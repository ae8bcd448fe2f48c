"""An app that is endless or huge ends at a limit, in plain words, and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from build.processes import Limits, read_all, running
from tests.build.build_world import BuildWorld, Files, working_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAIN = "src/main.ts"
# The path is a part of each message.
FOLDER = f"src/{'a' * 200}/{'b' * 200}"
PREFIX = '"a*":['


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


async def test_fifty_megabytes_of_code_are_stopped(world: BuildWorld) -> None:
    part = statements(19_000)  # one megabyte, the most that a file may have
    assert 900_000 < len(part) < 1_000_000
    files = {f"src/part{at}.ts": part for at in range(50)}
    messages = await told(world, files)

    assert len(messages) == 1
    assert messages[0].startswith("The types could not be checked: the type checker ")
    limits = (
        "needed more than 6 seconds of a processor.",
        "took longer than 12 seconds.",
        "ran out of memory.",
    )
    assert messages[0].endswith(limits)


async def test_types_without_an_end_are_stopped(world: BuildWorld) -> None:
    messages = await told(world, {MAIN: f"export const a = {'[' * 200_000}{']' * 200_000};\n"})

    assert messages[0].startswith("The types could not be checked: the type checker ")


async def test_of_a_flood_of_errors_the_first_are_told(world: BuildWorld) -> None:
    files = {f"{FOLDER}/part{at}.ts": errors(4_000) for at in range(3)}

    whole, *first = (await world.check(await world.app(files)))["errors"]

    assert (whole["path"], whole["message"]) == ("", "There are more type errors than these.")
    assert [(error["path"], error["line"]) for error in first[:99]] == [
        (f"{FOLDER}/part0.ts", line) for line in range(1, 100)
    ]


async def test_of_a_flood_no_word_is_told_that_another_file_may_have_said(world: BuildWorld) -> None:
    outside = world.folder.parent / "outside.ts"
    outside.write_text('export const secret = "very-secret" as const;\n', encoding="utf-8")
    reads = f'import {{ secret }} from "{outside.with_suffix("")}";\nexport const n: number = secret;\n'
    files = {f"{FOLDER}/part{at}.ts": errors(4_000) for at in range(3)}

    checked = await world.check(await world.app({"src/a.ts": reads, **files}))

    assert "very-secret" not in json.dumps(checked)
    assert checked["errors"][0]["message"].endswith("a file is imported that is not in the app.")


@pytest.mark.parametrize(
    "files",
    [
        {MAIN: 'import { X } from "lucide-react";\nX;\n//' + "*" * 900_000 + "icons " * 10_000},
        {MAIN: 'import a from "./a.svg";\na;\n', "src/a.svg": "<svg " * 150_000},
        {MAIN: 'import a from "./a.svg";\na;\n', "src/a.svg": "<svg>" * 150_000},
        {MAIN: 'import a from "./a.svg";\na;\n', "src/a.svg": f"<svg {'a' * 900_000}>"},
        {MAIN: "export {};\n", "index.html": "<a " * 10_000},
        {MAIN: "export {};\n", "tsconfig.json": '"paths":{' * 90_000},
        {MAIN: "export {};\n", "tsconfig.json": f'"paths":{{{PREFIX * 150_000}}}'},
    ],
    ids=["icons", "unclosed tags", "unclosed drawing", "attribute", "page", "paths", "prefixes"],
)
async def test_what_only_begins_is_not_looked_for_again_and_again(world: BuildWorld, files: Files) -> None:
    assert (await world.check(await world.app(files)))["ok"]


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


async def test_a_program_gets_nothing_of_the_functions_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key")
    limits = Limits(seconds=5, memory_mb=100, output_bytes=10_000)
    async with running(["/usr/bin/env"], cwd=tmp_path, limits=limits) as started:
        told = (await read_all(started, limits)).decode()
    names = {line.partition("=")[0] for line in told.splitlines()}

    of_the_shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names - of_the_shell == {"GOMEMLIMIT", "GOTRACEBACK"}
