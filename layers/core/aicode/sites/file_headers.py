"""What a browser is told of a file of a site: its type, and how long it may be kept."""

import re
from mimetypes import MimeTypes

BUILT = "_assets"
"""The folder of what the build makes, under names that have a hash of the content in them."""
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_HASHED = re.compile(rf"{BUILT}/.+-[A-Z0-9]{{8}}\.[A-Za-z0-9.]+")
# Its own table alone: that of the machine differs from one to the next.
_TYPES = MimeTypes()
for _type, _suffix in (
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
    ("application/manifest+json", ".webmanifest"),
    ("application/wasm", ".wasm"),
    ("font/woff", ".woff"),
    ("font/woff2", ".woff2"),
    ("font/ttf", ".ttf"),
    ("font/otf", ".otf"),
    ("image/avif", ".avif"),
    ("image/webp", ".webp"),
    ("image/svg+xml", ".svg"),
    ("image/x-icon", ".ico"),
    ("text/markdown", ".md"),
    ("application/geo+json", ".geojson"),
    ("application/xml", ".xml"),
):
    _TYPES.add_type(_type, _suffix)
_TEXTS = frozenset(
    {"application/json", "application/manifest+json", "application/geo+json", "application/xml"}
)


def content_type(path: str) -> str:
    """The media type by the file's suffix, with its encoding where it is a text."""
    kind, compressed = _TYPES.guess_type(f"/{path}")
    if kind is None or compressed is not None:
        return "application/octet-stream"
    is_text = kind.startswith("text/") or kind in _TEXTS or kind == "image/svg+xml"
    return f"{kind}; charset=utf-8" if is_text else kind


def cache_control(path: str) -> str:
    """For ever where the name changes with the content, else a browser asks whether it is still so."""
    return FOREVER if _HASHED.fullmatch(path) else ASK_AGAIN
