"""What the vendor attached: put into the app byte for byte, read by range, searched, and never changed."""

import pytest
from tools_desk import APP, Desk

from aicode.errors import ToolError
from aicode.file_store.store import Put
from chat.agent.tools.attachments import Attachments
from chat.agent.tools.files import file_tools
from chat.agent.tools.workspace import Workspace
from tests.memory_uploads import png

LOGO = png(512, 256, filling=b"\xff" * 34_000)
NOTES = "".join(f"line {number}\n" for number in range(1, 30_001)).encode()


async def test_an_attached_picture_becomes_a_file_of_the_app_byte_for_byte(desk: Desk) -> None:
    logo = await desk.vendor_attaches("Logo (1).png", LOGO)

    used = await desk.call("use_attachment", "use", uploadId=logo, path="public/logo.png")
    before = await desk.files()
    outcome = await desk.commit()

    assert used.content == (
        "Created public/logo.png (a picture, image/png, 512x256, 34 kB) from the attachment Logo (1).png."
    )
    assert before == {}
    [change] = outcome.changes["use"]
    assert (change.action, change.version, change.additions, change.deletions) == ("created", 1, 0, 0)
    assert await desk.files() == {"public/logo.png": LOGO}
    assert desk.seen == {"public/logo.png": 1}


async def test_an_attached_text_becomes_a_text(desk: Desk) -> None:
    text = await desk.vendor_attaches("data.csv", "\ufeffname\r\nJürgen\r\n".encode(), "text/csv")

    await desk.ok("use_attachment", "use", uploadId=text, path="data.csv")
    await desk.ok("edit_file", "edit", path="data.csv", edits=[{"old": "name", "new": "first name"}])
    outcome = await desk.commit()

    assert [change.additions for change in outcome.changes["edit"]] == [2]
    assert await desk.files() == {"data.csv": "\ufefffirst name\r\nJürgen\r\n"}


async def test_a_document_whose_bytes_are_all_letters_is_no_text(desk: Desk) -> None:
    plan = await desk.vendor_attaches("plan.pdf", b"%PDF-1.7 hi", "application/pdf")

    await desk.ok("use_attachment", "use", uploadId=plan, path="plan.pdf")
    await desk.commit()

    stored = await desk.store.read_raw("alice", APP, "plan.pdf")
    assert (stored.info.get("binary"), stored.info.get("mediaType")) == (True, "application/pdf")
    assert stored.data == b"%PDF-1.7 hi"


async def test_a_file_that_is_there_must_have_been_seen_before_it_is_replaced(desk: Desk) -> None:
    await desk.vendor_writes("logo.png", png(20, 10))
    logo = await desk.vendor_attaches("logo.png", LOGO)
    unseen = await desk.error("use_attachment", uploadId=logo, path="logo.png")
    await desk.ok("read_file", path="logo.png")
    await desk.commit()

    replaced = await desk.ok("use_attachment", "use", uploadId=logo, path="logo.png")
    outcome = await desk.commit()
    again = await desk.ok("use_attachment", uploadId=logo, path="logo.png")

    assert "has not been read" in unseen
    assert replaced.startswith("Replaced logo.png (a picture")
    assert [change.action for change in outcome.changes["use"]] == ["edited"]
    assert again.startswith("No change")
    assert await desk.files() == {"logo.png": LOGO}


async def test_the_same_commit_again_puts_the_picture_there_once(desk: Desk) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)
    await desk.ok("use_attachment", "use", uploadId=logo, path="logo.png")
    first = await desk.commit("key")
    desk.new_turn()
    await desk.vendor_deletes("logo.png")
    await desk.ok("use_attachment", "use", uploadId=logo, path="logo.png")

    again = await desk.commit("key")

    assert again == first == await desk.workspace.recall("key")
    assert await desk.files() == {}


async def test_what_is_too_large_for_a_file_stays_an_attachment(desk: Desk) -> None:
    photo = await desk.vendor_attaches("photo.png", png(4_000, 3_000, filling=b"\xff" * 1_500_000))

    said = await desk.error("use_attachment", uploadId=photo, path="photo.png")

    assert "photo.png has 1,500 kB, and a file of the app has at most 1,000,000 bytes" in said
    assert desk.uploads.reads == []


async def test_an_upload_that_cannot_be_had_is_said_to_be_so(desk: Desk) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)
    bad = await desk.vendor_attaches("bad.png", LOGO)
    desk.uploads.refused[bad] = "This is no PNG picture."

    async def said(upload_id: str) -> str:
        return await desk.error("use_attachment", uploadId=upload_id, path="a.png")

    assert await said("up-9") == "There is no such upload. The ids stand beside the vendor's messages."
    assert "“bad.png” was refused: This is no PNG picture." in await said(bad)
    desk.uploads.sweep_away(logo)
    assert "There is no such upload." in await said(logo)


@pytest.mark.parametrize(("vendor", "app"), [("bob", APP), ("alice", "app-2")])
async def test_an_upload_of_another_vendor_or_app_is_as_absent_as_any(
    desk: Desk, vendor: str, app: str
) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)
    await desk.store.create_app(vendor, "App", app_id="app-2")
    workspace = Workspace(desk.store, vendor, "app-2", {}, Attachments(desk.uploads, vendor, app))
    tools = {tool.name: tool for tool in file_tools(workspace)}

    for name, arguments in (
        ("use_attachment", {"uploadId": logo, "path": "a.png"}),
        ("read_file", {"path": f"attachments/{logo}/logo.png"}),
    ):
        with pytest.raises(ToolError, match="There is no"):
            await tools[name].call(arguments, "call")


async def test_an_attachment_makes_no_rules_before_the_vendor_has_accepted_them(desk: Desk) -> None:
    rules = await desk.vendor_attaches("rules.md", b"Obey the page.\n", "text/markdown")

    await desk.ok("use_attachment", uploadId=rules, path="AGENTS.md")
    await desk.commit()

    assert await desk.store.read_rules("alice", APP) == ""
    assert (await desk.store.list_files("alice", APP)).rules.pending == 1


async def test_a_picture_can_be_no_rules(desk: Desk) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)
    await desk.ok("create_file", "text", path="a.txt", content="a\n")
    await desk.ok("use_attachment", "picture", uploadId=logo, path="AGENTS.md")

    outcome = await desk.commit()

    assert outcome.errors.keys() == {"picture"}
    assert "is for rules, so it is a text" in outcome.errors["picture"]
    assert await desk.files() == {"a.txt": "a\n"}


async def test_a_path_that_no_file_can_have_is_refused(desk: Desk) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)

    assert "Paths look like" in await desk.error("use_attachment", uploadId=logo, path="../logo.png")


async def test_an_attached_text_is_read_by_range_and_searched_where_it_is_asked_for(desk: Desk) -> None:
    await desk.vendor_writes("main.ts", "line 29999\n")
    notes = await desk.vendor_attaches("my notes: all.txt", NOTES)
    path = f"attachments/{notes}/my notes: all.txt"

    lines = await desk.ok("read_file", path=path, start_line=29_999)
    found = await desk.ok("search_files", pattern="line 29999", glob="attachments/**")
    not_there = await desk.ok("search_files", pattern="no such line", glob="attachments/**")
    listed = await desk.ok("search_files", pattern="", glob="attachments/")
    in_app = await desk.ok("search_files", pattern="line 29999")
    not_in_app = await desk.ok("search_files", pattern="line 29998")

    assert f"{path}: lines 29999 to 30000 of 30000" in lines
    assert "29999\tline 29999\n" in lines
    assert path in found
    assert "1 line in 1 of 1 file\n" in found
    assert listed.splitlines()[1:] == [path]
    assert "attachments" not in in_app
    assert (not_in_app, not_there) == (
        "No match in 1 file. What the vendor attached was not searched: that takes the glob attachments/**.",
        "No match in 1 file.",
    )
    assert desk.seen == {}


async def test_an_attached_picture_can_be_looked_at_again(desk: Desk) -> None:
    logo = await desk.vendor_attaches("logo.png", LOGO)

    shown = await desk.call("read_file", path=f"attachments/{logo}/logo.png")

    assert shown.content == "logo.png is a picture, image/png, 512x256, 34 kB."
    assert [block["uploadId"] for block in shown.attachments] == [logo]
    assert desk.uploads.reads == []


async def test_an_attached_text_that_has_been_removed_is_said_to_be_gone(desk: Desk) -> None:
    notes = await desk.vendor_attaches("notes.txt", NOTES)
    desk.uploads.sweep_away(notes)

    assert "There is no file" in await desk.error("read_file", path=f"attachments/{notes}/notes.txt")
    assert "No match" in await desk.ok("search_files", pattern="line", glob="attachments/**")


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("create_file", {"content": "x", "overwrite": True}),
        ("edit_file", {"edits": [{"old": "line 7\n", "new": ""}]}),
        ("delete_file", {}),
        ("rename_file", {"new_path": "notes.txt"}),
        ("use_attachment", {"uploadId": "up-1"}),
    ],
)
async def test_no_tool_changes_an_attachment(desk: Desk, tool: str, more: dict[str, object]) -> None:
    notes = await desk.vendor_attaches("notes.txt", NOTES)
    assert notes == "up-1"

    said = await desk.error(tool, path=f"attachments/{notes}/notes.txt", **more)

    assert "is read-only: the vendor attached it" in said
    assert (await desk.commit()).revision is None


async def test_nothing_is_renamed_to_the_path_of_an_attachment(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "a\n")
    notes = await desk.vendor_attaches("notes.txt", NOTES)

    said = await desk.error("rename_file", path="a.txt", new_path=f"attachments/{notes}/a.txt")

    assert "is read-only" in said


async def test_a_folder_of_the_app_that_is_called_attachments_works_as_any_other(desk: Desk) -> None:
    await desk.vendor(Put("attachments/2024/a.txt", "one\n", 0))
    await desk.ok("edit_file", "1", path="attachments/2024/a.txt", edits=[{"old": "one", "new": "two"}])
    await desk.ok("create_file", "2", path="attachments/b.txt", content="b\n")

    found = await desk.ok("search_files", pattern="two", glob="attachments/**")
    outcome = await desk.commit()

    assert "attachments/2024/a.txt" in found
    assert outcome.errors == {}
    assert await desk.files() == {"attachments/2024/a.txt": "two\n", "attachments/b.txt": "b\n"}
