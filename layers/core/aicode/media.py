"""What bytes are, by the bytes themselves: a name or a header that came with them proves nothing. Pure."""

import re
import struct
from dataclasses import dataclass

# What Claude sees as a picture: https://platform.claude.com/docs/en/build-with-claude/vision
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PDF = "application/pdf"
# What Claude is shown as it is; all else that it is sent of files is text.
SHOWN = PICTURES | {PDF}
UNKNOWN = "application/octet-stream"
# Each by the bytes that it begins with: https://en.wikipedia.org/wiki/List_of_file_signatures
_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\0\0\1\0", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"OTTO", "font/otf"),
    (b"\0\1\0\0\0", "font/ttf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\3\4", "application/zip"),
    (b"\0asm", "application/wasm"),
)
# Of the formats that are boxes of the same kind: https://mp4ra.org/registered-types/brands
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), "image/heic"),
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
# Types of texts, by their names. All that a browser runs as a page or a script is among them: HTML, SVG and
# XML, JavaScript. https://mimesniff.spec.whatwg.org/#mime-type-groups
_TEXTS = re.compile(
    r"text/.*|.*\+(xml|json|yaml)"
    r"|application/(x-)?(ecmascript|graphql|javascript|json|ndjson|sh|sql|toml|typescript|xml|yaml)"
)
# Of the others these are shown, played or stored. A browser takes multipart/ and message/ apart, and shows
# the parts. The names: https://www.rfc-editor.org/rfc/rfc6838#section-4.2
_STORED = re.compile(r"(image|audio|video|font|model|application)/[a-z0-9][a-z0-9!#$&^_.+-]*")
# Frames that tell a JPEG's size, https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Media:
    """A media type; `width` and `height` are in pixels, 0 where they are not known."""

    type: str
    width: int = 0
    height: int = 0


def media_of(data: bytes) -> Media:
    """What these bytes are; UNKNOWN for what is not recognised, text included.

    A picture whose size cannot be read from it is UNKNOWN too: it is cut off, or none.
    """
    for read in (_png, _gif, _jpeg, _webp):
        found = read(data)
        if found is not None:
            return found if found.width and found.height else Media(UNKNOWN)
    if data[4:8] == b"ftyp":
        return Media(_BRANDS.get(data[8:12], "video/mp4"))
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Media("audio/wav")
    return Media(next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), UNKNOWN))


def is_text(media_type: str) -> bool:
    """True for a type of texts, in lower case: also for SVG and for all that a browser runs."""
    return _TEXTS.fullmatch(media_type) is not None


def is_inert(media_type: str) -> bool:
    """True for a type, in lower case and without parameters, whose bytes a browser does not run."""
    return _STORED.fullmatch(media_type) is not None and not is_text(media_type)


def _png(data: bytes) -> Media | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    size = struct.unpack(">II", data[16:24]) if data[12:16] == b"IHDR" and len(data) >= 24 else (0, 0)
    return Media("image/png", *size)


def _gif(data: bytes) -> Media | None:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    return Media("image/gif", *(struct.unpack("<HH", data[6:10]) if len(data) >= 10 else (0, 0)))


def _jpeg(data: bytes) -> Media | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Media("image/jpeg", width, height)
        if marker == 0xFF or marker == 1 or 0xD0 <= marker <= 0xD8:  # noqa: PLR1714 - fill bytes; no length
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return Media("image/jpeg")


def _webp(data: bytes) -> Media | None:
    """By https://developers.google.com/speed/webp/docs/riff_container and RFC 6386, section 9.1."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    form = data[12:16]
    if len(data) < 30:
        return Media("image/webp")
    if form == b"VP8X":
        sides = [1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27)]
    elif form == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        sides = [1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)]
    else:
        sides = [side & 0x3FFF for side in struct.unpack("<HH", data[26:30])]
    return Media("image/webp", *sides)
