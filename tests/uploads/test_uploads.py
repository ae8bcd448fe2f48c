"""What both stores of uploads promise."""

import asyncio
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from files import doubling_pdf, endless_pdf, gif, packed_pdf, pdf, png
from upload_world import DAY, TTL, World

from aicode.errors import InvalidRequest, NotFound, TooLarge
from aicode.uploads.limits import Quota
from aicode.uploads.pdf import count_pages
from aicode.uploads.record import Record
from aicode.uploads.uploads import LOOKING_MS

APP = "alice-app"
MINUTE = 60_000


async def refusal(world: World, *upload_ids: str, vendor: str = "alice", app: str = APP) -> str:
    """Why a message cannot have these."""
    with pytest.raises(InvalidRequest) as raised:
        await world.store.attachments(vendor, app, upload_ids)
    return raised.value.message


async def test_an_upload_waits_for_its_bytes_and_is_ready_once_they_are_there(world: World):
    data = png(40, 30)
    new = await world.announce(data, name="logo.png")
    upload_id = new["uploadId"]
    about = {
        "uploadId": upload_id,
        "name": "logo.png",
        "type": "image/png",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert await world.store.find("alice", APP, upload_id) == {**about, "status": "waiting"}
    assert new["expiresAt"] == world.clock.now + 15 * MINUTE

    assert (await world.send(new["url"], new["fields"], data))[0] == 204

    ready = {**about, "status": "ready", "width": 40, "height": 30}
    assert await world.store.find("alice", APP, upload_id) == ready
    assert await world.store.read("alice", APP, upload_id) == data


async def test_a_message_refers_to_uploads_in_the_order_it_names_them_in(world: World):
    first = await world.give(png(8, 9), name="logo.png")
    second = await world.give(pdf(3), "application/pdf", name="plan.pdf")
    third = await world.give("naïve".encode(), "text/csv", name="rows.csv")

    found = await world.store.attachments("alice", APP, [third, first, second])

    assert [(each["uploadId"], each["name"], each["mediaType"], each["size"]) for each in found] == [
        (third, "rows.csv", "text/csv", 6),
        (first, "logo.png", "image/png", len(png(8, 9))),
        (second, "plan.pdf", "application/pdf", len(pdf(3))),
    ]
    assert (found[1].get("width"), found[1].get("height"), found[2].get("pages")) == (8, 9, 3)
    assert "width" not in found[0]
    assert "pages" not in found[0]
    assert await world.store.attachments("alice", APP, [first]) == [found[1]]  # used or not


@pytest.mark.parametrize(
    ("media_type", "data", "reason"),
    [
        ("image/png", b"no picture", "This is no PNG picture."),
        ("image/png", gif(), "This is no PNG picture."),
        ("image/webp", png(), "This is no WebP picture."),
        ("image/jpeg", b"\xff\xd8\xff\xe0 cut off", "This is no JPEG picture."),
        ("image/png", png(8_001, 10), "This picture has 8,001 x 10 pixels, and 8,000 a side are possible."),
        ("application/pdf", png(), "This is no PDF."),
        ("application/pdf", pdf(1, password="secret"), "This PDF has a password."),
        ("application/pdf", pdf(1, password=""), "This PDF has a password."),
        ("application/pdf", pdf(101), "This PDF has more than 100 pages."),
        ("application/pdf", pdf(0), "This PDF cannot be read."),
        ("application/pdf", b"%PDF-1.7 and no more", "This PDF cannot be read."),
        ("application/pdf", pdf(2)[:-200], "This PDF cannot be read."),
        ("application/pdf", doubling_pdf(), "This PDF cannot be read."),
        ("application/pdf", endless_pdf(), "This PDF cannot be read."),
        ("application/pdf", packed_pdf(blanks=100_000_000), "This PDF cannot be read."),
        ("text/plain", b"caf\xe9", "This is no text in UTF-8."),
        ("text/plain", b"a\0b", "This is no text in UTF-8."),
        ("image/svg+xml", png(), "This is no text in UTF-8."),
    ],
)
async def test_what_is_not_as_its_type_says_is_refused_and_its_bytes_are_gone(
    world: World, media_type: str, data: bytes, reason: str
):
    upload_id = await world.give(data, media_type, name="it")

    upload = await world.store.find("alice", APP, upload_id)

    assert (upload["status"], upload.get("reason")) == ("refused", reason)
    assert await refusal(world, upload_id) == f"“it” was refused: {reason}"
    with pytest.raises(NotFound):
        await world.store.read("alice", APP, upload_id)


async def test_of_two_looks_at_an_upload_the_first_counts(world: World):
    upload_id = await world.give(png(40, 30))

    def read(record: Record) -> bytes:
        world.shelf.settle(replace(record, status="ready", width=40, height=30))
        return b"what another look finds no picture in"

    found = await world.reading(read).store.find("alice", APP, upload_id)

    assert (found["status"], found.get("width")) == ("ready", 40)
    assert await world.store.read("alice", APP, upload_id) == png(40, 30)


def test_what_reads_a_pdf_sees_no_secret_of_the_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reader = "import os\nclass PdfReader:\n    def __init__(self, file): pass\n    is_encrypted = False\n"
    told = "    pages = [1] + [value for value in os.environ.values() if value == 'hidden']\n"
    (tmp_path / "pypdf.py").write_text(reader + told)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hidden")

    assert count_pages(pdf(1)) == 1


@pytest.mark.parametrize(
    ("media_type", "data", "pages"),
    [
        ("image/png", png(8_000, 8_000), 0),
        ("image/gif", gif(), 0),
        ("IMAGE/PNG", png(), 0),
        ("application/pdf", pdf(100), 100),
        ("application/pdf", packed_pdf(), 1),
        ("application/json", b"{}", 0),
        ("image/svg+xml", b"<svg/>", 0),
        ("text/x-python", "print('é')".encode(), 0),
        ("application/x-yaml", b"a: 1", 0),
    ],
)
async def test_what_is_as_its_type_says_is_ready(world: World, media_type: str, data: bytes, pages: int):
    upload = await world.store.find("alice", APP, await world.give(data, media_type))

    assert (upload["status"], upload["type"], upload.get("pages", 0)) == ("ready", media_type.lower(), pages)


@pytest.mark.parametrize(
    "changed",
    [
        {"media_type": "application/zip"},
        {"media_type": "image/avif"},
        {"media_type": "video/mp4"},
        {"media_type": ""},
        {"media_type": "png"},
        {"media_type": "text/"},
        {"media_type": "text/plain; charset=utf-8"},
        {"media_type": "text/pl\nain"},
        {"size": 0},
        {"name": ""},
        {"name": "  "},
        {"name": "a\nb"},
        {"name": "../a"},
        {"name": ".."},
        {"name": "a\\b"},
        {"name": "\u202e"},
        {"name": "a" * 201},
        {"sha256": "a" * 63},
        {"sha256": "g" * 64},
        {"sha256": "é" * 64},
    ],
)
async def test_what_cannot_be_an_upload_is_an_invalid_request(local: World, changed: dict[str, str]):
    asked = {"name": "a", "media_type": "text/plain", "size": 1, "sha256": "a" * 64, **changed}
    with pytest.raises(InvalidRequest):
        await local.store.create("alice", APP, **asked)  # pyright: ignore[reportArgumentType] - of either type


@pytest.mark.parametrize(
    ("media_type", "limit"),
    [("image/jpeg", 5 * 2**20), ("application/pdf", 10 * 2**20), ("text/plain", 2**20)],
)
async def test_a_file_beyond_the_limit_of_its_type_is_too_large(local: World, media_type: str, limit: int):
    asked = {"name": "a", "media_type": media_type, "sha256": "a" * 64}
    await local.store.create("alice", APP, **asked, size=limit)
    with pytest.raises(TooLarge):
        await local.store.create("alice", APP, **asked, size=limit + 1)


async def test_characters_that_are_not_seen_are_left_out_of_a_name(local: World):
    upload_id = await local.give(b"x", "text/plain", name="photo\u202egpj.exe\u200f")

    assert (await local.store.find("alice", APP, upload_id))["name"] == "photogpj.exe"


async def test_an_app_of_somebody_else_takes_no_upload(world: World):
    with pytest.raises(NotFound, match="There is no such app"):
        await world.announce(png(), vendor="mallory", app=APP)


async def test_an_upload_of_another_vendor_or_app_is_absent(world: World):
    upload_id = await world.give(png())

    for vendor, app in (("mallory", APP), ("mallory", "mallory-app"), ("alice", "alice-other")):
        with pytest.raises(NotFound, match="There is no such upload"):
            await world.store.find(vendor, app, upload_id)
        with pytest.raises(NotFound, match="There is no such upload"):
            await world.store.read(vendor, app, upload_id)
        assert await refusal(world, upload_id, vendor=vendor, app=app) == "There is no such upload."


@pytest.mark.parametrize("unknown", ["nobodys", "", "../x", "a" * 3_000, "é"])
async def test_an_unknown_upload_is_absent(world: World, unknown: str):
    with pytest.raises(NotFound):
        await world.store.find("alice", APP, unknown)
    assert await refusal(world, unknown) == "There is no such upload."


async def test_a_message_takes_ten_attachments_each_once(world: World):
    ids = [await world.give(b"x%d" % n, "text/plain") for n in range(10)]

    assert len(await world.store.attachments("alice", APP, ids)) == 10
    assert await refusal(world, *ids, "one-more") == "A message takes at most 10 attachments."
    assert await refusal(world, ids[0], ids[0]) == "An attachment is named twice."
    assert await world.store.attachments("alice", APP, []) == []


async def test_uploads_are_looked_at_in_their_order_up_to_the_first_that_is_refused(local: World):
    good, bad, other = [await local.give(data, name="x.png") for data in (png(), b"no picture", png())]
    looked_at: list[str] = []

    def read(record: Record) -> bytes | None:
        looked_at.append(record.upload_id)
        return local.shelf.read(record)

    assert "This is no PNG picture" in await refusal(local.reading(read), good, bad, other)
    assert looked_at == [good, bad]


async def test_a_message_waits_for_looks_that_take_long_only_so_long_and_goes_on_where_it_was(local: World):
    ids = [await local.give(pdf(1), "application/pdf", name=f"{n}.pdf") for n in range(3)]

    def read(record: Record) -> bytes | None:
        local.clock.pass_ms(9_000)
        return local.shelf.read(record)

    slow = local.reading(read)

    for name in ("1.pdf", "2.pdf"):
        began = local.clock.now
        told = await refusal(slow, *ids)
        assert told == f"“{name}” is still being looked at; try again in a moment."
        assert local.clock.now - began <= LOOKING_MS
    assert len(await slow.store.attachments("alice", APP, ids)) == 3


async def test_one_that_has_not_arrived_is_told_by_its_name_and_later_that_it_is_too_late(world: World):
    new = await world.announce(png(), name="x.png")
    assert await refusal(world, new["uploadId"]) == "“x.png” has not arrived yet."

    world.clock.pass_ms(15 * MINUTE)

    upload = await world.store.find("alice", APP, new["uploadId"])
    assert (upload["status"], upload.get("reason")) == (
        "refused",
        "It did not arrive in time. Send it again.",
    )
    assert await refusal(world, new["uploadId"]) == "“x.png” has expired; send it again."


async def test_bytes_that_arrived_in_time_are_looked_at_whenever_they_are_asked_for(world: World):
    upload_id = await world.give(png())
    world.clock.pass_ms(DAY // 2)

    assert [each["uploadId"] for each in await world.store.attachments("alice", APP, [upload_id])] == [
        upload_id
    ]


async def test_an_upload_that_nobody_refers_to_is_gone_after_a_day(world: World):
    upload_id = await world.give(png(), name="x.png")
    await world.store.find("alice", APP, upload_id)
    world.clock.pass_ms(DAY - 1)
    assert await world.store.sweep() == 0
    assert await world.store.read("alice", APP, upload_id) == png()

    world.clock.pass_ms(1)

    with pytest.raises(NotFound):
        await world.store.find("alice", APP, upload_id)
    assert await refusal(world, upload_id) == "“x.png” has expired; send it again."
    assert await world.store.sweep() == 1
    assert await refusal(world, upload_id) == "There is no such upload."
    assert await world.store.sweep() == 0


async def test_an_upload_that_a_session_refers_to_stays_as_long_as_the_session_may(world: World):
    used, unused, kept = [await world.give(b"%d" % n, "text/plain") for n in range(3)]
    await world.store.attachments("alice", APP, [used, kept])

    for _ in range(3):
        world.clock.pass_ms(TTL * 1000)
        await world.store.keep("alice", APP, [kept, "nobodys"])
        await world.store.sweep()

    assert await world.store.read("alice", APP, kept) == b"2"
    for gone in (used, unused):
        with pytest.raises(NotFound):
            await world.store.read("alice", APP, gone)


async def test_a_used_upload_stays_until_its_session_would_have_ended(world: World):
    upload_id = await world.give(b"x", "text/plain")
    await world.store.attachments("alice", APP, [upload_id])

    world.clock.pass_ms(TTL * 1000)
    await world.store.sweep()

    assert await world.store.read("alice", APP, upload_id) == b"x"


async def test_with_an_app_go_its_uploads_and_those_of_no_other(world: World):
    waiting = (await world.announce(png()))["uploadId"]
    ready = await world.give(png())
    other = await world.announce(b"x", "text/plain", app="alice-other")
    bobs = await world.give(png(), vendor="bob")

    await world.store.delete_app("alice", APP)

    for gone in (waiting, ready):
        with pytest.raises(NotFound):
            await world.store.find("alice", APP, gone)
    assert (await world.store.find("alice", "alice-other", other["uploadId"]))["status"] == "waiting"
    assert (
        await world.store.read("bob", "bob-app", bobs) == png()
        if await world.store.find("bob", "bob-app", bobs)
        else False
    )


def with_quota(world: World, **quota: int) -> World:
    return replace(world, quota=Quota(**quota))


async def test_a_vendor_can_have_so_many_uploads_and_no_other_is_held_up(world: World):
    small = with_quota(world, uploads=2)
    for _ in range(2):
        await small.announce(b"x", "text/plain")
    with pytest.raises(TooLarge, match="You have as many uploads as are possible: 2, and 500 MB in all"):
        await small.announce(b"x", "text/plain")
    await small.announce(b"x", "text/plain", vendor="bob")

    small.clock.pass_ms(DAY)
    await small.announce(b"x", "text/plain")


async def test_a_vendor_can_have_so_many_bytes(world: World):
    small = with_quota(world, size=10)
    await small.announce(b"1234567", "text/plain")
    with pytest.raises(TooLarge):
        await small.announce(b"1234", "text/plain")
    await small.announce(b"123", "text/plain")


async def test_uploads_announced_at_once_are_all_counted(world: World):
    small = with_quota(world, uploads=3)
    await small.announce(b"x", "text/plain")

    results = await asyncio.gather(
        *(small.announce(b"x", "text/plain") for _ in range(4)), return_exceptions=True
    )

    assert sorted(isinstance(result, TooLarge) for result in results) == [False, False, True, True]
