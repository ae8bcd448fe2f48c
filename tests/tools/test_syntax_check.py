"""What is written is checked for its syntax: told with the line, never refused."""

import asyncio
import sys
import time

import pytest
from tools_desk import Desk

from chat.agent.tools.syntax import CHARACTERS, Problem, new_problem

# kind, a text that is fine, one that is not, the line that is named
BROKEN = [
    ("a.json", '{"a": [1]}\n', '{\n  "a": [1,]\n}\n', 2),
    ("a.py", "def f():\n    return 1\n", "x = 1\ndef f()\n    return 1\n", 2),
    ("a.js", "let a = 1;\n", "let a = 1;\nlet b = ;\n", 2),
    ("a.jsx", "let a = <p>x</p>;\n", "let a = (\n  <p>x</b>\n);\n", 2),
    ("a.mjs", "export default 1;\n", "export default 1;\nexport {;\n", 2),
    ("a.ts", "const a: number = 1;\n", "let b;\nconst a: = 1;\n", 2),
    ("a.tsx", "const a = <T,>(x: T) => <p>{x}</p>;\n", "function a() {\n  return 1;\n}\n}\n", 4),
    ("a.css", "a { &:hover { b: calc(1px + 2%) } }\n", "a { b: c }\nd { e f; }\n", 2),
    ("b.css", "@media (width >= 1px) { a { b: c } }\n", "a { b: c }\nd { e: f;\n", 2),
    ("a.html", "<ul><li>a<li>b</ul><img src=x>\n", "<p>\n</p>\n<div>\n<b>x</div>\n", 4),
    ("b.html", "<p>x</p>\n", "<div>\n</b>\n</div>\n", 2),
]


@pytest.mark.parametrize(("path", "fine", "broken", "line"), BROKEN)
async def test_what_does_not_parse_is_told_with_its_line_and_written(
    desk: Desk, path: str, fine: str, broken: str, line: int
) -> None:
    made = await desk.ok("create_file", "1", path=path, content=fine)
    edited = await desk.ok("edit_file", "2", path=path, edits=[{"old": fine, "new": broken}])
    outcome = await desk.commit()

    assert "Syntax check" not in made
    assert f"Syntax check, line {line}: " in edited
    assert "written all the same" in edited
    assert outcome.errors == {}
    assert await desk.files() == {path: broken}


async def test_a_new_file_is_checked_too(desk: Desk) -> None:
    made = await desk.ok("create_file", path="a.json", content='{"a": 1,}')

    assert made.startswith("Created a.json (+1 -0 lines).\nSyntax check, line 1: ")


async def test_a_file_that_did_not_parse_before_is_not_complained_of_again(desk: Desk) -> None:
    await desk.vendor_writes("a.js", "let a = ;\nlet b = 1;\n")

    edited = await desk.ok("edit_file", path="a.js", edits=[{"old": "b = 1", "new": "b = 2"}])

    assert "Syntax check" not in edited


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", ""),
        ("a.json", "\ufeff{}"),
        ("a.json", f'{{"n": {"9" * 5_000}}}'),
        ("a.json", "[" * 100_000),
        ("tsconfig.json", "{ // a comment\n}"),
        ("a.py", "x = '\\d'\n"),
        ("a.py", f"x = {'-' * 20_000}1\n"),
        ("a.css", "@theme { --color-*: initial; }\n@import 'x' layer(y);\na{color:red;;}"),
        ("a.css", "a { width: calc(100% - (2px * 3)); --x: {a:b}; }"),
        ("a.ts", "let y = x satisfies T; const z = a?.b ?? c!; @d class A { accessor x = 1n }"),
        ("a.html", "<!doctype html><title>x</title><table><tr><td>1<td>2</table><br/>"),
        ("a.js", "(" * (CHARACTERS + 1)),
        ("notes.md", "# ("),
        ("Makefile", "}"),
    ],
)
async def test_what_is_fine_or_cannot_be_checked_is_not_complained_of(path: str, text: str) -> None:
    assert await new_problem(path, None, text) is None


async def test_a_text_made_to_slow_the_parser_down_does_not_hold_up_the_rest() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    began = time.process_time()
    found = await new_problem("a.html", None, "<div>" * 40_000)
    ticking.cancel()

    assert found is None
    assert time.process_time() - began < 5  # seven seconds and more without a limit
    assert ticks > 0


async def test_the_parsers_are_loaded_when_a_file_needs_them() -> None:
    code = (
        "import sys, chat.agent.tools.files; "
        "print([m for m in sys.modules if m.startswith(('tree_sitter', 'tinycss2'))])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path)}
    )
    output, _ = await process.communicate()

    assert output.decode().strip() == "[]"
    assert await new_problem("a.js", None, "let a;\n)\n") == Problem(2, "this does not parse: )")
