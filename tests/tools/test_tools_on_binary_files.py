"""What the file tools do with files that are no text."""

import hashlib
from io import BytesIO

from pypdf import PdfWriter
from tools_desk import Desk

from aicode.file_store.store import Put
from tests.memory_uploads import png

LOGO = png(512, 256, filling=b"\xff" * 34_000)
LOGO_IN_WORDS = "a picture, image/png, 512x256, 34 kB"
FONT = b"wOF2" + b"\0" * 2_000


def pdf(*, pages: int, password: str = "") -> bytes:
    writer, data = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(data)
    return data.getvalue()


async def test_a_picture_is_shown_to_claude_who_has_seen_it_then(desk: Desk) -> None:
    await desk.vendor_writes("public/logo.png", LOGO)

    shown = await desk.call("read_file", path="public/logo.png")
    await desk.commit()

    assert shown.content == f"public/logo.png is {LOGO_IN_WORDS}."
    assert shown.summary == f"public/logo.png, {LOGO_IN_WORDS}"
    assert list(shown.attachments) == [
        {
            "type": "media",
            "path": "public/logo.png",
            "version": 1,
            "size": len(LOGO),
            "width": 512,
            "height": 256,
            "mediaType": "image/png",
            "sha256": hashlib.sha256(LOGO).hexdigest(),
        }
    ]
    assert desk.seen == {"public/logo.png": 1}


async def test_a_document_is_shown_too(desk: Desk) -> None:
    await desk.vendor_writes("terms.pdf", pdf(pages=3))

    shown = await desk.call("read_file", path="terms.pdf")

    assert shown.content.startswith("terms.pdf is a PDF document, ")
    assert [(block["mediaType"], block["pages"]) for block in shown.attachments] == [("application/pdf", 3)]


async def test_a_document_that_claude_could_not_read_is_not_shown(desk: Desk) -> None:
    await desk.vendor(
        Put("long.pdf", pdf(pages=101), 0),
        Put("locked.pdf", pdf(pages=1, password="secret"), 0),
        Put("cut.pdf", b"%PDF-1.7\n\xff", 0),
    )

    assert "it has 101" in await desk.error("read_file", path="long.pdf")
    assert "locked.pdf cannot be shown. This PDF has a password." in await desk.error(
        "read_file", path="locked.pdf"
    )
    assert "cut.pdf cannot be shown" in await desk.error("read_file", path="cut.pdf")


async def test_a_picture_that_is_too_large_for_claude_is_not_shown(desk: Desk) -> None:
    await desk.vendor_writes("wall.png", png(8_001, 10))

    assert "8001x10" in await desk.error("read_file", path="wall.png")


async def test_of_other_binary_files_claude_is_told_what_they_are(desk: Desk) -> None:
    await desk.vendor_writes("fonts/a.woff2", FONT)

    for name in ("read_file", "edit_file"):
        more = {"edits": [{"old": "w", "new": "W"}]} if name == "edit_file" else {}
        said = await desk.error(name, path="fonts/a.woff2", **more)
        assert "fonts/a.woff2 is no text, it is binary, font/woff2, 2 kB." in said
    assert "cannot be edited" in await desk.error(
        "edit_file", path="fonts/a.woff2", edits=[{"old": "", "new": "x"}]
    )


async def test_a_list_names_the_types_of_binary_files(desk: Desk) -> None:
    await desk.vendor(Put("logo.png", LOGO, 0), Put("main.ts", "x", 0))

    assert (await desk.ok("list_files")).splitlines() == [
        "2 files, 34 kB",
        "logo.png  34 kB, image/png",
        "main.ts  1 B",
    ]


async def test_a_search_passes_over_binary_files_but_finds_their_names(desk: Desk) -> None:
    await desk.vendor(Put("logo.png", LOGO, 0), Put("main.ts", "IHDR\n", 0))

    assert (await desk.ok("search_files", pattern="IHDR")).startswith("1 line in 1 of 1 file\n")
    assert (await desk.ok("search_files", pattern="", glob="*.png")).splitlines()[1:] == ["logo.png"]


async def test_a_binary_file_is_renamed_and_deleted_without_a_look(desk: Desk) -> None:
    await desk.vendor(Put("a.png", LOGO, 0), Put("b.woff2", FONT, 0))
    await desk.ok("rename_file", "1", path="a.png", new_path="public/a.png")
    deleted = await desk.call("delete_file", "2", path="b.woff2")

    outcome = await desk.commit()

    assert deleted.summary == "Deleted b.woff2 (binary, font/woff2, 2 kB)"
    assert [(c.action, c.additions, c.deletions) for c in outcome.changes["1"]] == [("renamed", 0, 0)]
    assert await desk.files() == {"public/a.png": LOGO}


async def test_a_binary_file_and_a_text_can_change_places(desk: Desk) -> None:
    await desk.vendor(Put("a", LOGO, 0), Put("b", "text\n", 0))
    await desk.ok("rename_file", "1", path="a", new_path="c")
    await desk.ok("rename_file", "2", path="b", new_path="a")
    await desk.ok("rename_file", "3", path="c", new_path="b")

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a": "text\n", "b": LOGO}


async def test_a_text_replaces_a_picture_that_claude_has_seen(desk: Desk) -> None:
    await desk.vendor_writes("logo", LOGO)
    unseen = await desk.error("create_file", path="logo", content="<svg/>\n", overwrite=True)
    await desk.ok("read_file", path="logo")
    await desk.commit()

    await desk.ok("create_file", path="logo", content="<svg/>\n", overwrite=True)
    outcome = await desk.commit()

    assert "has not been read" in unseen
    assert outcome.errors == {}
    assert await desk.files() == {"logo": "<svg/>\n"}


async def test_a_file_that_cannot_be_read_can_be_replaced_once_claude_was_told_what_it_is(desk: Desk) -> None:
    await desk.vendor_writes("a.woff2", FONT)
    await desk.error("read_file", path="a.woff2")
    await desk.commit()

    await desk.ok("create_file", path="a.woff2", content="none\n", overwrite=True)
    await desk.commit()

    assert await desk.files() == {"a.woff2": "none\n"}


async def test_a_picture_that_the_vendor_replaced_is_not_deleted_before_claude_knows(desk: Desk) -> None:
    await desk.vendor_writes("logo.png", LOGO)
    await desk.ok("read_file", path="logo.png")
    await desk.commit()
    await desk.vendor_writes("logo.png", png(20, 10))

    refused = await desk.error("delete_file", path="logo.png")
    await desk.commit()
    await desk.ok("delete_file", path="logo.png")
    await desk.commit()

    assert "changed by somebody else" in refused
    assert "It is a picture, image/png, 20x10, 29 B now." in refused
    assert await desk.files() == {}


async def test_a_picture_is_renamed_though_the_vendor_saved_the_same_one_again_in_the_meantime(
    desk: Desk,
) -> None:
    await desk.vendor_writes("logo.png", LOGO)
    await desk.ok("rename_file", path="logo.png", new_path="a.png")
    await desk.vendor_writes("logo.png", png(20, 10))
    await desk.vendor_writes("logo.png", LOGO)

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a.png": LOGO}


async def test_a_text_that_became_a_picture_in_the_meantime_is_left_alone(desk: Desk) -> None:
    await desk.vendor_writes("logo", "<svg/>\n")
    await desk.ok("edit_file", "edit", path="logo", edits=[{"old": "svg", "new": "SVG"}])
    await desk.vendor_writes("logo", LOGO)

    outcome = await desk.commit()

    assert LOGO_IN_WORDS in outcome.errors["edit"]
    assert await desk.files() == {"logo": LOGO}
