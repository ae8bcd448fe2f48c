"""What bytes become in an app: a text, or a binary file of some type, or a refusal."""

import pytest

from aicode.errors import InvalidRequest, TooLarge
from aicode.file_store.prepared import describe
from aicode.media import UNKNOWN, Media
from tests.file_store.binaries import EVERY_BYTE, LOGO

GIF = b"GIF89a" + b"\x05\0\x04\0" + b"\0" * 9
JPEG = b"\xff\xd8\xff\xe0\0\x04\0\0" + b"\xff\xc0\0\x11\x08\0\x07\0\x09" + b"\0" * 20 + b"\xff\xd9"
WEBP = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + (9 | 6 << 14).to_bytes(4, "little") + b"\0" * 9
ASCII_PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (LOGO, Media("image/png", 3, 2)),
        (GIF, Media("image/gif", 5, 4)),
        (JPEG, Media("image/jpeg", 9, 7)),
        (WEBP, Media("image/webp", 10, 7)),
        (ASCII_PDF, Media("application/pdf")),
    ],
    ids=lambda value: value.type if isinstance(value, Media) else "",
)
def test_what_claude_may_see_is_what_its_bytes_say(data: bytes, media: Media):
    assert describe(data, media.type).media == media
    with pytest.raises(InvalidRequest):
        describe(EVERY_BYTE, media.type)
    with pytest.raises(InvalidRequest):
        describe(b"text", media.type)


@pytest.mark.parametrize(
    "declared",
    [
        "",
        "text/plain",
        "text/html",
        "TEXT/Markdown; charset=utf-8",
        'text/plain; charset="utf-8"; x=y',
        "image/svg+xml",
        "application/json",
        "application/ld+json",
        "application/javascript",
        "application/x-sh",
    ],
)
def test_text_stays_text(declared: str):
    text = describe("<svg/>\n")

    assert describe(b"<svg/>\n", declared) == text
    assert text.media is None
    assert text.lines == 1


def test_an_empty_file_is_a_text_but_no_picture():
    assert describe(b"") == describe(b"", UNKNOWN) == describe("")
    with pytest.raises(InvalidRequest):
        describe(b"", "image/png")


@pytest.mark.parametrize(
    ("data", "declared", "kind"),
    [
        # What the bytes say comes first.
        (LOGO, "", "image/png"),
        (LOGO, UNKNOWN, "image/png"),
        (LOGO, "text/plain", "image/png"),
        (LOGO, "image/jpg", "image/png"),
        (b"wOF2\0\1\2\3", "application/x-font", "font/woff2"),
        (b"\0\0\0\x18ftypheic\0", "", "image/heic"),
        (b"\0\0\0\x18ftypisom\0", "", "video/mp4"),
        # Then what was declared.
        (EVERY_BYTE, "application/x-blend", "application/x-blend"),
        (EVERY_BYTE, "Model/GLTF-Binary", "model/gltf-binary"),
        (EVERY_BYTE, "audio/flac; rate=8000", "audio/flac"),
        (b"only letters", "application/x-data", "application/x-data"),
        (ASCII_PDF, UNKNOWN, "application/pdf"),
        # A browser could run these, so they are just bytes.
        (EVERY_BYTE, "", UNKNOWN),
        (EVERY_BYTE, "text/html", UNKNOWN),
        (EVERY_BYTE, "image/svg+xml", UNKNOWN),
        (EVERY_BYTE, "application/xhtml+xml", UNKNOWN),
        (EVERY_BYTE, "application/javascript", UNKNOWN),
        (EVERY_BYTE, "multipart/x-mixed-replace", UNKNOWN),
        (b"only letters", "message/rfc822", UNKNOWN),
        # Not UTF-8, and with NUL.
        ("é".encode("latin-1"), "text/plain", UNKNOWN),
        (b"a\0b", "", UNKNOWN),
    ],
)
def test_all_else_is_a_binary_file_of_some_type(data: bytes, declared: str, kind: str):
    blob = describe(data, declared)

    assert blob.media is not None
    assert (blob.media.type, blob.size, blob.lines) == (kind, len(data), 0)


@pytest.mark.parametrize(
    "declared",
    [
        "png",
        "image/",
        "/png",
        "image/png/x",
        "image png",
        " image/png",
        "image/png;",
        "image/png; charset",
        "image/png\r\nX-Evil: 1",
        "image/é",
        "x" * 50 + "/" + "x" * 50,
    ],
)
def test_a_malformed_type_is_refused(declared: str):
    with pytest.raises(InvalidRequest):
        describe(LOGO, declared)


def test_a_file_has_a_million_bytes_and_not_one_more():
    assert describe(EVERY_BYTE * 3_906 + bytes(64)).size == 1_000_000
    with pytest.raises(TooLarge):
        describe(EVERY_BYTE * 3_906 + bytes(65))
