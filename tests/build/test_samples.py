"""What a check says of twelve apps: those that run, and those with something wrong."""

import pytest

from tests.build.build_world import BuildWorld, many_files, sample, working_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("name", ["router", "charts", "forms", "styles", "json", "circular", "plain"])
async def test_an_app_that_runs_has_no_problem(world: BuildWorld, name: str) -> None:
    checked = await world.check(await world.app(sample(name)))

    assert (checked["ok"], checked["errors"]) == (True, [])


async def test_an_app_of_62_files_has_no_problem_and_nothing_is_left_of_its_check(world: BuildWorld) -> None:
    files = many_files()
    checked = await world.check(await world.app(files))

    assert len(files) == 62
    assert (checked["ok"], checked["errors"]) == (True, [])
    assert working_in(world.folder) == []
    assert list(world.folder.iterdir()) == []


async def test_an_app_without_any_file_has_no_problem(world: BuildWorld) -> None:
    checked = await world.check(await world.app({}))

    assert (checked["revision"], checked["ok"], checked["errors"]) == (0, True, [])


async def test_types_that_do_not_fit_are_told_with_their_place(world: BuildWorld) -> None:
    checked = await world.check(await world.app(sample("type_error")))

    assert checked["ok"] is False
    assert [
        (error["path"], error["line"], error["column"], error["code"]) for error in checked["errors"]
    ] == [
        ("src/Counter.tsx", 9, 40, "TS2304"),
        ("src/Counter.tsx", 10, 71, "TS2339"),
        ("src/main.tsx", 4, 62, "TS2322"),
        ("src/unused.ts", 2, 10, "TS2362"),
    ]
    assert checked["errors"][0]["message"] == "Cannot find name 'unknownName'."


async def test_a_syntax_error_is_told_once(world: BuildWorld) -> None:
    checked = await world.check(await world.app(sample("syntax_error")))

    assert {(error["path"], error["line"]) for error in checked["errors"]} == {("src/App.tsx", 5)}
    assert all(error["code"].startswith("TS1") for error in checked["errors"])


async def test_of_a_package_that_is_not_there_it_is_told_which_there_are(world: BuildWorld) -> None:
    checked = await world.check(await world.app(sample("missing_package")))
    told = {(error["path"], error["line"]): error["message"] for error in checked["errors"]}

    assert list(told) == [
        ("src/App.tsx", 2),
        ("src/App.tsx", 3),
        ("src/App.tsx", 4),
        ("src/App.tsx", 5),
        ("src/legacy.js", 1),
        ("src/legacy.js", 2),
    ]
    assert told["src/App.tsx", 2].startswith('The package "axios" is not available to apps')
    assert "react-router, wouter, lucide-react" in told["src/App.tsx", 2]
    assert told["src/App.tsx", 4].endswith("of date-fns import from date-fns, date-fns/locale.")
    assert told["src/legacy.js", 1].startswith('The package "lodash" is not available')
    assert (
        told["src/legacy.js", 2] == '"./gone" is imported here, but there is no file for src/gone in the app.'
    )
