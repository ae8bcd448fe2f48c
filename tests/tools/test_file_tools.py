"""What Claude reads from the file tools, and what they refuse."""

import asyncio
import json
from pathlib import Path

import pytest
from tools_desk import Desk

from aicode.api_types import File
from aicode.errors import StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Put


async def test_a_file_is_read_as_numbered_lines(desk: Desk) -> None:
    await desk.vendor_writes("src/a.ts", "one\n\n  two\n")

    read = await desk.call("read_file", path="src/a.ts")

    assert read.content == (
        "src/a.ts: lines 1 to 3 of 3\n<file_contents>\n    1\tone\n    2\t\n    3\t  two\n</file_contents>"
    )
    assert read.summary == "src/a.ts, lines 1-3 of 3"


async def test_a_range_of_lines_is_read(desk: Desk) -> None:
    await desk.vendor_writes("a", "".join(f"{n}\n" for n in range(1, 101)))

    middle = await desk.ok("read_file", path="a", start_line=40, end_line=41)
    to_the_end = await desk.ok("read_file", path="a", start_line=99, end_line=500)
    beyond = await desk.error("read_file", path="a", start_line=101)
    backwards = await desk.error("read_file", path="a", start_line=5, end_line=4)

    assert middle == "a: lines 40 to 41 of 100\n<file_contents>\n   40\t40\n   41\t41\n</file_contents>"
    assert to_the_end == "a: lines 99 to 100 of 100\n<file_contents>\n   99\t99\n  100\t100\n</file_contents>"
    assert "has 100 lines" in beyond
    assert "before start_line" in backwards


@pytest.mark.parametrize("words", ["some words in a line", "一行中的一些话", "🙂 🙂 🙂"])
async def test_a_large_file_is_cut_and_says_where_to_go_on(desk: Desk, words: str) -> None:
    await desk.vendor_writes("a", f"{words}\n" * 10_000 + "x" * 300_000 + "\n")

    first = await desk.ok("read_file", path="a")
    last = await desk.ok("read_file", path="a", start_line=10_001)

    go_on = int(first.rsplit("start_line ", 1)[1].rstrip("]"))
    assert len(first) < 42_000
    assert first.splitlines()[-3].startswith(f"{go_on - 1:>5}\t")
    assert last.endswith("[the line goes on: 300,000 characters]\n</file_contents>")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a\r\nb\r\n", "(CRLF line ends)"),
        ("a\r\nb\n", "(mixed line ends)"),
        ("\ufeffa\n", "(byte order mark)"),
        ("a", "(no line feed at the end)"),
        ("", "is empty"),
    ],
)
async def test_what_numbered_lines_do_not_show_is_said(desk: Desk, content: str, told: str) -> None:
    await desk.vendor_writes("a", content)

    assert told in await desk.ok("read_file", path="a")


async def test_an_absent_file_is_answered_with_near_names(desk: Desk) -> None:
    await desk.vendor_writes("src/components/Button.tsx", "x")

    assert "Did you mean src/components/Button.tsx?" in await desk.error("read_file", path="src/Button.tsx")
    assert "Did you mean" in await desk.error("read_file", path="src/component/Buton.tsx")
    assert await desk.error("read_file", path="zzz") == "There is no file zzz."


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../b", "~/x", "a\\b", "a/CON", "a\0b", "\ud800"]
)
async def test_a_refused_path_is_explained(desk: Desk, path: str) -> None:
    for name, more in (("read_file", {}), ("create_file", {"content": "x"}), ("delete_file", {})):
        said = await desk.error(name, path=path, **more)

        assert said.startswith("This path is not allowed: ")
        said.encode()


async def test_both_normal_forms_of_a_path_are_the_same_file(desk: Desk) -> None:
    await desk.ok("create_file", "1", path="caf\u00e9.txt", content="one\n")
    await desk.ok("edit_file", "2", path="cafe\u0301.txt", edits=[{"old": "one", "new": "two"}])
    await desk.commit()

    assert await desk.files() == {"caf\u00e9.txt": "two\n"}


@pytest.mark.parametrize(
    ("content", "said"), [("a\0b", "NUL"), ("\ud800", "surrogate"), ("x" * 1_000_001, "1,000,000")]
)
async def test_a_text_no_file_can_have_is_refused_at_once(desk: Desk, content: str, said: str) -> None:
    await desk.vendor_writes("b", "old\n")

    assert said in await desk.error("create_file", "1", path="a", content=content)
    assert said in await desk.error("edit_file", "2", path="b", edits=[{"old": "old", "new": content}])
    await desk.commit()
    assert await desk.files() == {"b": "old\n"}


FENCED = "```tsx\nexport const a = 1;\n```\n"


@pytest.mark.parametrize(
    ("path", "content", "remarked"),
    [
        ("a.tsx", FENCED, True),
        ("a", FENCED, True),
        ("a.txt", f"\ufeff\r\n\r\n{FENCED}\r\n\r\n".replace("\n", "\r\n"), True),
        ("a.py", "````\n```\n````", True),
        ("a.md", FENCED, False),
        ("a.MDX", FENCED, False),
        ("a.b.markdown", FENCED, False),
        ("a.tsx", FENCED.removesuffix("```\n"), False),
        ("a.tsx", FENCED.removeprefix("```tsx\n"), False),
        ("a.tsx", f"{FENCED}a()\n", False),
        ("a.tsx", "```", False),
        ("a.tsx", "```a``` and b\n```\n", False),
        ("a.tsx", "", False),
    ],
)
async def test_a_file_in_a_markdown_fence_is_remarked_on(
    desk: Desk, path: str, content: str, remarked: bool
) -> None:
    created = await desk.ok("create_file", "1", path=path, content=content)
    await desk.commit()

    assert ("Markdown fence" in created) is remarked
    assert await desk.files() == {path: content}


async def test_an_edit_that_leaves_a_file_in_a_markdown_fence_is_remarked_on(desk: Desk) -> None:
    await desk.vendor_writes("a.css", "a {}\n")

    edited = await desk.ok("edit_file", path="a.css", edits=[{"old": "a {}", "new": "```css\na {}\n```"}])
    mended = await desk.ok("edit_file", path="a.css", edits=[{"old": "```css\n", "new": ""}])

    assert "Markdown fence" in edited
    assert "Markdown fence" not in mended


async def test_an_edit_is_answered_with_the_changed_lines_not_the_file(desk: Desk) -> None:
    await desk.vendor_writes("a", "".join(f"line {n}\n" for n in range(1, 1_001)))

    edited = await desk.call(
        "edit_file",
        path="a",
        edits=[{"old": "line 10\n", "new": "ten\n"}, {"old": "line 900\n", "new": ""}],
    )

    assert edited.summary == "Edited a (+1 -2)"
    assert edited.content.splitlines() == [
        "Edited a (+1 -2 lines).",
        "<file_contents>",
        "    7   line 7",
        "    8   line 8",
        "    9   line 9",
        "     - line 10",
        "   10 + ten",
        "   11   line 11",
        "   12   line 12",
        "   13   line 13",
        "  ...",
        "  897   line 897",
        "  898   line 898",
        "  899   line 899",
        "     - line 900",
        "  900   line 901",
        "  901   line 902",
        "  902   line 903",
        "</file_contents>",
    ]


async def test_a_large_change_is_told_in_part(desk: Desk) -> None:
    await desk.vendor_writes("a", "x\n" * 5_000)

    edited = await desk.ok("edit_file", path="a", edits=[{"old": "x", "new": "y", "replace_all": True}])

    assert "(+5000 -5000 lines)" in edited
    assert "more changed lines]" in edited
    assert len(edited) < 2_000


async def test_renaming_refuses_an_existing_path_and_its_own(desk: Desk) -> None:
    await desk.vendor_writes("a", "a\n")
    await desk.vendor_writes("b", "b\n")

    assert "exists already" in await desk.error("rename_file", path="a", new_path="b")
    assert "already" in await desk.error("rename_file", path="a", new_path="a")
    assert "no file c" in await desk.error("rename_file", path="c", new_path="d")


async def test_files_are_listed_as_a_tree_with_sizes(desk: Desk) -> None:
    await desk.vendor(Put("README.md", "x" * 1_500, 0), Put("src/app.tsx", "x", 0), Put("src/ui/a.ts", "", 0))

    listed = await desk.call("list_files")

    assert listed.summary == "3 files"
    assert listed.content.splitlines() == [
        "3 files, 1.5 kB",
        "src/",
        "  ui/",
        "    a.ts  0 B",
        "  app.tsx  1 B",
        "README.md  1.5 kB",
    ]


async def test_a_new_app_has_no_files(desk: Desk) -> None:
    assert await desk.ok("list_files") == "The app has no files yet."
    assert await desk.ok("search_files", pattern="x") == "No match in 0 files."


async def test_a_very_large_app_is_summed_up_by_folder(desk: Desk) -> None:
    await desk.vendor(*(Put(f"src/part{n % 20}/deep/{n}.ts", "x", 0) for n in range(2_000)))

    listed = await desk.ok("list_files")

    assert len(listed) < 5_000
    assert "part7/" in listed
    assert "100 files, 100 B; search_files with a glob lists them" in listed


async def test_many_files_in_one_folder_are_cut(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{n}.ts", "x", 0) for n in range(1_000)))

    assert "[600 more lines; search_files with a glob lists them]" in await desk.ok("list_files")


class SilentStore(SqliteFileStore):
    """Does not answer."""

    async def read_file(self, vendor: str, app_id: str, path: str, version: int | None = None) -> File:
        raise StoreUnavailable("internal host 10.0.0.1 refused")


async def test_a_store_that_does_not_answer_is_told_in_plain_words(tmp_path: Path) -> None:
    silent = SilentStore(tmp_path / "silent.db")

    said = await Desk(silent).error("read_file", path="a")

    assert said == "The files could not be reached just now. Try again."
    silent.close()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("list_files", {"path": "src"}, "path: Extra inputs are not permitted"),
        ("read_file", {}, "path: Field required"),
        ("read_file", {"path": "a", "start_line": 0}, "start_line"),
        ("read_file", {"path": "a", "start_line": "3"}, "start_line"),
        ("read_file", {"path": 3}, "path: Input should be a valid string"),
        ("search_files", {"pattern": "x", "context": 11}, "context"),
        ("search_files", {"pattern": "x" * 1_001}, "pattern"),
        ("create_file", {"path": "a"}, "content: Field required"),
        ("create_file", {"path": "a", "content": "b", "overwrite": "yes"}, "overwrite"),
        ("edit_file", {"path": "a", "edits": []}, "edits"),
        ("edit_file", {"path": "a", "edits": [{"old": "x"}]}, "edits.0.new: Field required"),
        ("edit_file", {"path": "a", "edits": [{"old": "x", "new": "y", "regex": True}]}, "edits.0.regex"),
        ("edit_file", {"path": "a", "old": "x", "new": "y"}, "edits: Field required"),
        ("edit_file", {"path": "a", "edits": '[{"old": "x"}]'}, "edits.0.new: Field required"),
        ("edit_file", {"path": "a", "edits": "[]"}, "edits: List should have at least 1 item"),
        *(
            ("edit_file", {"path": "a", "edits": text}, "edits: Input should be a valid list")
            for text in ("", "x", '{"old": "x", "new": "y"}', '[{"old": "x"', "[" * 100_000, "null")
        ),
        ("rename_file", {"path": "a", "newPath": "b"}, "new_path: Field required"),
        ("delete_file", {"path": "a", "\0": 1}, "Extra inputs"),
    ],
)
async def test_input_that_does_not_fit_its_schema_is_refused(
    desk: Desk, name: str, arguments: dict[str, object], said: str
) -> None:
    refused = await desk.error(name, **arguments)

    assert said in refused
    refused.encode()


async def test_a_list_of_edits_may_come_as_its_json_text(desk: Desk) -> None:
    await desk.vendor_writes("a", "x\ny\n")
    edits = [{"old": "x", "new": "1"}, {"old": "y", "new": "\u2019", "replace_all": True}]

    said = await desk.ok("edit_file", path="a", edits=json.dumps(edits))
    await desk.commit()

    assert "+2 -2" in said
    assert await desk.files() == {"a": "1\n\u2019\n"}


def test_definitions_are_the_same_bytes_for_every_workspace(desk: Desk) -> None:
    first = json.dumps([tool.definition() for tool in desk.tools.values()])
    desk.new_turn()

    assert json.dumps([tool.definition() for tool in desk.tools.values()]) == first
    assert list(desk.tools) == [
        "list_files",
        "read_file",
        "search_files",
        "create_file",
        "edit_file",
        "use_attachment",
        "rename_file",
        "delete_file",
    ]


def test_tools_that_read_say_so_and_schemas_refuse_unknown_fields(desk: Desk) -> None:
    reading = {name for name, tool in desk.tools.items() if tool.effect == "read"}

    assert reading == {"list_files", "read_file", "search_files"}
    for tool in desk.tools.values():
        schema = tool.definition()["input_schema"]
        assert isinstance(schema, dict)
        assert schema["additionalProperties"] is False


async def test_a_large_edit_leaves_the_event_loop_free(desk: Desk) -> None:
    text = "".join(f"const value{n} = {n % 7};\n" for n in range(30_000))
    await desk.vendor_writes("large.ts", text)
    edits = [{"old": f"value{n}  =  {n % 7};", "new": f"value{n} = 9;"} for n in range(0, 30_000, 300)]
    edit = asyncio.create_task(desk.ok("edit_file", path="large.ts", edits=edits))
    ticks = 0
    while not edit.done():
        await asyncio.sleep(0.001)
        ticks += 1

    assert "+100 -100 lines" in await edit
    assert ticks > 20
