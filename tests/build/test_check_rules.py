"""What counts in a check: the app's own files, our configuration, and what was there before."""

import json

import pytest

from tests.build.build_world import VENDOR, BuildWorld

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAIN = "src/main.ts"


@pytest.mark.parametrize(
    "specifier",
    ["@/lib/deep.js", "~/lib/deep", "/src/lib/deep", "./lib/deep.ts", "../src/lib/deep", "deep-alias/deep"],
)
async def test_an_import_finds_the_file_that_it_finds_in_the_preview(
    world: BuildWorld, specifier: str
) -> None:
    tsconfig = '{ "compilerOptions": { "paths": { "deep-alias/*": ["./src/lib/*"] } } }'
    files = {
        "tsconfig.json": tsconfig,
        "src/lib/deep.ts": "export const deep: number = 1;\n",
        MAIN: f'import {{ deep }} from "{specifier}";\nconst text: string = deep;\nconsole.log(text);\n',
    }

    assert await world.problems(files) == [(MAIN, 2, "TS2322")]


@pytest.mark.parametrize(
    "specifier",
    ["../../../../../../etc/hosts", "/etc/hostname", "../../package.json", "../node_modules/vite/client"],
)
async def test_what_is_outside_of_the_app_is_not_there(world: BuildWorld, specifier: str) -> None:
    checked = await world.check(await world.app({MAIN: f'import it from "{specifier}";\nconsole.log(it);\n'}))

    assert [(error["path"], error["line"]) for error in checked["errors"]] == [(MAIN, 1)]


@pytest.mark.parametrize(
    "text",
    [
        'import { secret } from "{path}";\nexport const n: number = secret;\n',
        'import { secret } from "/proc/self/root{path}";\nexport const n: number = secret;\n',
        'import { secret } from "./.././../../../../../../../..{path}";\nexport const n: number = secret;\n',
        'export const n: number = ("" as unknown as typeof import("{path}")).secret;\n',
        '/// <reference path="{path}.ts" />\nexport const n: number = secret;\n',
        'import { secret } from "#outside";\nexport const n: number = secret;\n',
    ],
    ids=["import", "proc", "dots", "type", "reference", "package.json"],
)
async def test_a_reference_to_a_file_of_this_machine_is_refused_without_a_word_of_it(
    world: BuildWorld, text: str
) -> None:
    outside = world.folder.parent / "secret"
    # A module but for the reference, which takes in what is declared for all files.
    exported = "export" if "reference" not in text else "declare"
    outside.with_suffix(".ts").write_text(f'{exported} const secret: "very-secret";\n', encoding="utf-8")
    files = {
        "package.json": json.dumps({"imports": {"#outside": f"./{'../' * 20}{outside}.ts"}}),
        "src/unused.ts": text.replace("{path}", str(outside)),
    }

    checked = await world.check(await world.app(files))

    assert not checked["ok"]
    assert "very-secret" not in json.dumps(checked)
    assert str(world.folder.parent) not in json.dumps([error["path"] for error in checked["errors"]])


async def test_a_folder_whose_name_only_ends_like_that_of_packages_is_the_apps_own(world: BuildWorld) -> None:
    files = {
        "src/my_node_modules/own.ts": "export const own = 1;\n",
        MAIN: 'import { own } from "./my_node_modules/own";\nconsole.log(own);\n',
    }

    assert await world.problems(files) == []


async def test_an_alias_for_nothing_is_no_error_of_the_app(world: BuildWorld) -> None:
    tsconfig = '{ "compilerOptions": { "paths": { "none/*": [] } } }'

    assert await world.problems({"tsconfig.json": tsconfig, MAIN: "export {};\n"}) == []


async def test_no_message_names_a_folder_of_this_machine(world: BuildWorld) -> None:
    files = {
        "src/kinds.ts": "export class Lamp { private on = true }\nexport class Door { private on = true }\n",
        MAIN: 'import { Door } from "./kinds";\n'
        'export const a: import("./kinds").Lamp = new Door();\n'
        'export const b: typeof import("./kinds") = 1;\n'
        'export const c: typeof import("react") = 1;\n',
    }
    checked = await world.check(await world.app(files))
    told = json.dumps(checked["errors"])

    assert [error["line"] for error in checked["errors"]] == [2, 3, 4]
    assert 'import(\\"src/kinds\\")' in told
    assert "build-" not in told
    assert "node_modules/" not in told


async def test_the_packages_that_an_app_brings_itself_do_not_count(world: BuildWorld) -> None:
    files = {
        "node_modules/own/package.json": '{ "name": "own", "main": "index.js" }',
        "node_modules/own/index.js": "export const own = 1;\n",
        "node_modules/own/index.d.ts": "export const own: number;\n",
        MAIN: 'import { own } from "own";\nconsole.log(own);\n',
    }

    assert await world.problems(files) == [(MAIN, 1, "TS2307")]


async def test_a_page_that_loads_what_is_not_there_is_told_by_line(world: BuildWorld) -> None:
    sheet, script = '<link rel="stylesheet" href="a.css" />', '<script type="module" src="/b.js"></script>'
    page = f"<!doctype html>\n{sheet}\n{script}\n"

    assert await world.problems({"index.html": page}) == [
        ("index.html", 2, "bundle"),
        ("index.html", 3, "bundle"),
    ]


async def test_an_error_of_a_script_in_a_page_has_its_line_there(world: BuildWorld) -> None:
    page = '<!doctype html>\n<body>\n<script type="module">\n\n  import "./gone.js";\n</script>\n'

    assert await world.problems({"index.html": page}) == [("index.html", 5, "bundle")]


async def test_what_is_not_in_the_app_is_missed_whatever_kind_of_file_it_is(world: BuildWorld) -> None:
    text = (
        'import "./gone.css";\nimport picture from "./gone.png";\nimport text from "./gone.txt?raw";\n'
        "console.log(picture, text);\n"
    )

    assert await world.problems({MAIN: text}) == [(MAIN, line, "bundle") for line in (1, 2, 3)]


async def test_a_picture_is_known_without_its_bytes(world: BuildWorld) -> None:
    files = {
        "src/lamp.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
        MAIN: 'import lamp from "./lamp.png";\nlamp;\n',
    }

    assert await world.problems(files) == []


async def test_json_that_is_none_is_an_error_where_it_stands(world: BuildWorld) -> None:
    files = {"src/a.json": '{ "a": }', MAIN: 'import a from "./a.json";\nconsole.log(a);\n'}

    assert {path for path, _, _ in await world.problems(files)} == {"src/a.json"}


async def test_errors_that_were_there_at_the_base_are_known_wherever_they_moved(world: BuildWorld) -> None:
    app = await world.app({MAIN: "export const a: number = 'old';\n"})
    await world.save(app, {MAIN: "// moved\nexport const a: number = 'old';\nexport const b: number = c;\n"})
    checked = await world.check(app, base=1)
    before = await world.check(app, revision=1)

    assert [(error["line"], error["known"]) for error in checked["errors"]] == [(2, True), (3, False)]
    assert [(error["line"], error["known"]) for error in before["errors"]] == [(1, False)]
    assert (before["revision"], checked["revision"]) == (1, 2)


async def test_a_hundred_problems_are_told_and_how_many_more_there_are(world: BuildWorld) -> None:
    lines = "".join(f"export const a{at}: number = 'text';\n" for at in range(130))
    errors = (await world.check(await world.app({MAIN: lines})))["errors"]

    assert len(errors) == 101
    assert [error["line"] for error in errors[:100]] == list(range(1, 101))
    assert (errors[100]["path"], errors[100]["message"]) == ("", "30 more problems are not listed.")


async def test_another_vendors_app_is_not_there_also_when_it_was_checked_before(world: BuildWorld) -> None:
    app = await world.app({MAIN: "export {};\n"})
    assert (await world.check(app))["ok"]

    refused = await world.ask({"check": {"vendor": "mallory", "appId": app}})
    unknown = await world.ask({"check": {"vendor": VENDOR, "appId": app, "revision": 9}})

    assert refused["refused"] == {"code": "not_found", "message": "There is no such app."}
    assert unknown["refused"] == {"code": "not_found", "message": "There is no such revision."}


async def test_an_icon_that_is_not_there_is_missed_in_javascript_too(world: BuildWorld) -> None:
    there = 'import { Camera, House as Home } from "lucide-react";\nconsole.log(Camera, Home);\n'
    whole = 'import * as Icons from "lucide-react";\nconsole.log(Icons["Zap"]);\n'
    gone = 'import { NoSuchIcon } from "lucide-react";\nconsole.log(NoSuchIcon);\n'

    assert await world.problems({"src/main.js": there}) == []
    assert await world.problems({"src/main.js": whole}) == []
    assert await world.problems({"src/main.js": gone}) == [("src/main.js", 1, "bundle")]
