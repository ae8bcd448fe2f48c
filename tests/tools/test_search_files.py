"""Searching the app's files: what is found, what is shown of it, and patterns meant to hang a search."""

import itertools

import pytest
from tools_desk import Desk

from aicode.file_store.store import Put
from chat.agent.tools.search_files import search_tool


@pytest.fixture
async def app(desk: Desk) -> Desk:
    await desk.vendor(
        Put("src/app.tsx", "import a\nconst x = useState(1)\nconst y = 2\n\nexport x\n", 0),
        Put("src/ui/List.ts", "const x = 'é' + useState(2)\r\nconst z = 1\r\n", 0),
        Put("src/app/[slug]/page.tsx", "const slug = 1\n", 0),
        Put("README.md", "use x\n", 0),
    )
    return desk


async def test_matching_lines_are_shown_under_their_path(app: Desk) -> None:
    found = await app.call("search_files", pattern=r"useState\(\d\)")

    assert found.summary == "2 lines in 2 of 4 files"
    assert found.content.splitlines()[2:-1] == [
        "src/app.tsx",
        "    2: const x = useState(1)",
        "src/ui/List.ts",
        "    1: const x = 'é' + useState(2)",
    ]


async def test_context_is_shown_around_matches_and_gaps_are_marked(app: Desk) -> None:
    found = await app.ok("search_files", pattern="import|export", glob="src/app.tsx", context=1)

    assert found.splitlines()[3:-1] == [
        "    1: import a",
        "    2- const x = useState(1)",
        "  ...",
        "    4- ",
        "    5: export x",
    ]


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("^const", 5),
        ("1$", 2),
        (r"\)$", 2),
        ("(?i)USE", 3),
        ("^$", 1),
        ("x\nconst", 0),
        (r"\s+$", 0),
        ("nope", 0),
    ],
)
async def test_a_pattern_is_held_against_each_line(app: Desk, pattern: str, lines: int) -> None:
    found = await app.call("search_files", pattern=pattern)

    assert found.summary.startswith(f"{lines} line" if lines else "No match")


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        ("*.tsx", ["src/app.tsx", "src/app/[slug]/page.tsx"]),
        ("**/*.tsx", ["src/app.tsx", "src/app/[slug]/page.tsx"]),
        ("src/*.tsx", ["src/app.tsx"]),
        ("./src/*.{ts,tsx}", ["src/app.tsx"]),
        ("src/**/*.{ts,md}", ["src/ui/List.ts"]),
        ("src/ui/", ["src/ui/List.ts"]),
        ("src/app/[slug]/*", ["src/app/[slug]/page.tsx"]),
        ("README.??", ["README.md"]),
        ("**", ["README.md", "src/app.tsx", "src/app/[slug]/page.tsx", "src/ui/List.ts"]),
        ("{", []),
        ("a.tsx", []),
    ],
)
async def test_a_glob_chooses_paths_and_an_empty_pattern_lists_them(
    app: Desk, glob: str, paths: list[str]
) -> None:
    listed = await app.ok("search_files", pattern="", glob=glob)

    assert listed.splitlines()[1:] == paths


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[",
        "*",
        r"(?=x)",
        r"(?<!x)y",
        r"(x)\1",
        "(?:a{1000}){1000}",
        "(?R)",
        r"\p{Nope}",
        "(?P<a",
    ],
)
async def test_a_pattern_that_cannot_be_searched_for_is_explained(app: Desk, pattern: str) -> None:
    said = await app.error("search_files", pattern=pattern)

    assert said.startswith("The pattern ")
    said.encode()


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)+$",
        "(a*)*b",
        "(.*)(.*)(.*)(.*)x$",
        "(?:a|a|a){1,50}c",
        "a{1,900}b",
        "[a-q][^u-z]{200}x",
    ],
)
async def test_a_pattern_meant_to_hang_the_search_does_not(desk: Desk, pattern: str) -> None:
    await desk.vendor(Put("a", ("a" * 5_000 + "!\n") * 100, 0))

    found = await desk.ok("search_files", pattern=pattern)

    assert found


async def test_many_matches_are_cut(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{n}.ts", "x\n" * 30, 0) for n in range(10)))

    found = await desk.call("search_files", pattern="x")

    assert found.summary == "100 lines in 4 of 10 files"
    assert "[100 matches are shown, there may be more; narrow the pattern or the glob]" in found.content


async def test_of_a_long_line_the_part_around_the_match_is_shown(desk: Desk) -> None:
    await desk.vendor(Put("a.js", "ä" * 50_000 + "needle" + "b" * 50_000, 0))

    found = await desk.ok("search_files", pattern="needle")

    assert "..." in found
    assert "äneedleb" in found
    assert len(found) < 500


async def test_much_context_stays_within_the_budget(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{n}.ts", (("y" * 290 + "\n") * 20 + "x\n") * 4, 0) for n in range(50)))

    found = await desk.ok("search_files", pattern="x", context=10)

    assert "the result is full" in found
    assert len(found) < 64_000


async def test_a_search_that_takes_too_long_ends_with_what_it_has(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{n}.ts", "x\n", 0) for n in range(10)))
    hours = itertools.count(0, 3_600)
    tool = search_tool(desk.workspace, clock=lambda: next(hours))

    found = await tool.call({"pattern": "x"}, "call")

    assert "stopped after 8 s" in found.content
    assert "0.ts" in found.content
    assert "9.ts" not in found.content


async def test_a_search_that_takes_too_long_ends_within_a_file(desk: Desk) -> None:
    await desk.vendor(Put("large.ts", "x first\n" + f"{'y' * 99}\n" * 5_000 + "x last\n", 0))
    hours = itertools.count(0, 3_600)
    tool = search_tool(desk.workspace, clock=lambda: next(hours))

    found = await tool.call({"pattern": "^x"}, "call")

    assert "stopped after 8 s" in found.content
    assert "1: x first" in found.content
    assert "x last" not in found.content
    assert "5002: x last" in await desk.ok("search_files", pattern="^x")


@pytest.mark.parametrize("before", [0, 100, 32_768, 65_530, 65_535, 65_536, 131_070, 200_000])
async def test_a_match_is_found_anywhere_in_a_long_line(desk: Desk, before: int) -> None:
    line = f"{'é' * (before // 2)}{'-' * (before % 2)}needle{'-' * 70_000}"
    await desk.vendor(Put("long.js", f"first\n{line}!\nlast needle\n", 0))

    assert (await desk.call("search_files", pattern="needle")).summary == "2 lines in 1 of 1 file"
    assert (await desk.call("search_files", pattern="needle-{900}")).summary == "1 line in 1 of 1 file"
    assert "    2: ...---" in await desk.ok("search_files", pattern="-!$")
    assert (await desk.call("search_files", pattern="[-é]$|t$")).summary == "1 line in 1 of 1 file"


async def test_what_a_search_shows_does_not_count_as_read(app: Desk) -> None:
    await app.ok("search_files", pattern="x")
    await app.commit()

    assert app.seen == {}
