"""What the editor gets for files that are no text."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from editor_client import Client

from aicode.media import UNKNOWN
from apps.answers import raw_response
from tests.file_store.binaries import EVERY_BYTE, LOGO
from tests.function_event import Answer

TEXT = "text/plain; charset=utf-8"


async def save_bytes(  # noqa: PLR0913 - the parts of a file
    alice: Client, app: str, path: str, data: bytes, base: int = 0, *, media_type: str | None = None
) -> Answer:
    declared = {} if media_type is None else {"mediaType": media_type}
    body = {"path": path, "contentBase64": base64.b64encode(data).decode(), "baseVersion": base, **declared}
    return await alice.send("PUT", f"/{app}/file", body)


async def get(alice: Client, app: str, rest: str, **query: object) -> Any:
    answer = await alice.send("GET", f"/{app}/{rest}", query=query)
    assert answer.status == 200
    return answer.json


async def test_a_picture_is_saved_told_and_given_back(alice: Client, app: str):
    saved = (await save_bytes(alice, app, "img/logo.png", LOGO, media_type="image/png")).json
    file = saved["file"]

    assert saved == {"success": True, "revision": 1, "file": file}
    assert file == {
        **{"path": "img/logo.png", "version": 1, "size": len(LOGO), "updatedAt": file["updatedAt"]},
        **{"binary": True, "mediaType": "image/png", "width": 3, "height": 2},
    }
    assert (await save_bytes(alice, app, "img/logo.png", LOGO, 1)).json == saved
    assert (await get(alice, app, "files"))["files"] == [file]
    assert await get(alice, app, "file", path="img/logo.png") == {"success": True, "file": file}
    raw = await alice.send("GET", f"/{app}/raw", query={"path": "img/logo.png"})
    assert (raw.status, raw.content, raw.headers["content-type"]) == (200, LOGO, "image/png")


async def test_earlier_bytes_stay_readable_whatever_became_of_the_file(alice: Client, app: str):
    await save_bytes(alice, app, "a", EVERY_BYTE)
    await alice.save(app, "a", "é", 1)
    await save_bytes(alice, app, "a", LOGO, 2)
    body = {"path": "a", "newPath": "b", "baseVersion": 3}
    renamed = (await alice.send("POST", f"/{app}/rename", body)).json["file"]

    assert (renamed["version"], renamed["mediaType"], renamed["width"]) == (4, "image/png", 3)
    raw = [await alice.send("GET", f"/{app}/raw", query={"path": "a", "version": n}) for n in (1, 2, 3)]
    assert [answer.content for answer in raw] == [EVERY_BYTE, "é".encode(), LOGO]
    assert [answer.headers["content-type"] for answer in raw] == [UNKNOWN, TEXT, "image/png"]
    for query in ({"path": "a"}, {"path": "a", "version": 4}, {"path": "none"}):
        assert (await alice.send("GET", f"/{app}/raw", query=query)).status == 404


async def test_bytes_that_are_text_can_be_edited_as_text(alice: Client, app: str):
    saved = (await save_bytes(alice, app, "logo.svg", b"<svg/>", media_type="image/svg+xml")).json["file"]

    assert "binary" not in saved
    assert (await get(alice, app, "file", path="logo.svg"))["file"] == {**saved, "content": "<svg/>"}


async def test_a_download_is_an_attachment_in_a_sandbox(alice: Client, app: str):
    await save_bytes(alice, app, "a/Café & 'x'.png", LOGO)
    raw = await alice.send("GET", f"/{app}/raw", query={"path": "a/Café & 'x'.png"})

    name = "filename=\"Caf_____x_.png\"; filename*=UTF-8''Caf%C3%A9%20%26%20%27x%27.png"
    assert raw.headers["content-disposition"] == f"attachment; {name}"
    assert raw.headers["content-security-policy"].split("; ")[:2] == ["sandbox", "default-src 'none'"]
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert raw.headers["cache-control"] == "no-store"
    assert raw.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/html", "text/html; charset=utf-8", "text/xml", "text/javascript", "text/css", "text/plain"),
        *("image/svg+xml", "application/xhtml+xml", "application/rss+xml", "application/xml"),
        *("application/javascript", "application/ecmascript", "application/x-javascript", "application/json"),
    ],
)
async def test_what_a_browser_could_run_is_plain_text(media_type: str):
    assert raw_response("page", media_type, b"<script>").headers["content-type"] == TEXT


@pytest.mark.parametrize(
    "media_type",
    [
        *("", "html", "Text/HTML", "IMAGE/SVG+XML", "image/svg+xml; charset=utf-8", "application/xml;x=y"),
        *("multipart/x-mixed-replace", "message/rfc822", "image/png\r\nSet-Cookie: a=b", "unknown/unknown"),
    ],
)
async def test_a_type_that_is_not_known_to_be_harmless_is_not_told(media_type: str):
    assert raw_response("page", media_type, b"<script>").headers["content-type"] == UNKNOWN


async def test_a_large_download_is_sent_piece_by_piece():
    pieces = [piece async for piece in raw_response("a", "application/pdf", EVERY_BYTE * 40_000).body]

    assert b"".join(pieces) == EVERY_BYTE * 40_000
    assert max(map(len, pieces)) < 300_000


async def test_a_conflict_with_a_binary_file_shows_what_it_is(alice: Client, app: str):
    file = (await save_bytes(alice, app, "a", LOGO)).json["file"]
    for answer in (await alice.save(app, "a", "mine"), await save_bytes(alice, app, "a", EVERY_BYTE, 2)):
        assert (answer.status, answer.json["error"]["code"]) == (409, "version_conflict")
        assert answer.json["error"]["file"] == file
    text = (await alice.save(app, "b", "1")).json["file"]
    answer = await save_bytes(alice, app, "b", LOGO)
    assert answer.json["error"]["file"] == {**text, "content": "1"}


async def test_a_file_of_a_million_bytes_is_the_largest(alice: Client, app: str):
    assert (await save_bytes(alice, app, "a", b"\xff" * 1_000_000)).json["file"]["size"] == 1_000_000
    refused = await save_bytes(alice, app, "b", b"\xff" * 1_000_001)

    assert (refused.status, refused.json["error"]["code"]) == (413, "too_large")


async def test_a_listing_has_the_contents_of_texts_only(alice: Client, app: str):
    await alice.save(app, "text", "é")
    await save_bytes(alice, app, "logo.png", LOGO)
    await save_bytes(alice, app, "data", EVERY_BYTE)
    listed = (await get(alice, app, "files"))["files"]
    with_contents = (await get(alice, app, "files", content=1))["files"]

    assert with_contents == [*listed[:2], {**listed[2], "content": "é"}]


async def test_checkpoints_diffs_and_restores_tell_of_binary_files(alice: Client, app: str):
    await save_bytes(alice, app, "a", LOGO)
    await save_bytes(alice, app, "a", EVERY_BYTE, 1)
    newest, first = (await get(alice, app, "checkpoints"))["checkpoints"]

    line = {"path": "a", "additions": 0, "deletions": 0, "binary": True}
    assert newest["changes"] == [{**line, "action": "edited"}]
    assert first["changes"] == [{**line, "action": "created"}]
    sizes = {"sizeBefore": len(LOGO), "sizeAfter": 256}
    diffs = (await get(alice, app, "diff", **{"from": 1, "to": 2}))["files"]
    media = {"mediaType": "application/octet-stream"}
    assert diffs == [{"path": "a", "action": "edited", "binary": True, **sizes, **media}]
    restored = await alice.send("POST", f"/{app}/restore", {"revision": 1})
    assert restored.json["changes"] == [
        {"path": "a", "action": "edited", "version": 3, "additions": 0, "deletions": 0}
    ]
    assert (await alice.send("GET", f"/{app}/raw", query={"path": "a"})).content == LOGO


async def test_bytes_are_for_those_who_own_the_app(alice: Client, app: str):
    await save_bytes(alice, app, "a", LOGO)
    bob = replace(alice, vendor="bob")

    for answer in (
        await bob.send("GET", f"/{app}/raw", query={"path": "a"}),
        await save_bytes(bob, app, "a", EVERY_BYTE, 1),
    ):
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")
