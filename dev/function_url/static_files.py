"""Serves a built page: files of one folder, and the page itself for every path of its own."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from dev.function_url.server import Request, StaticAnswer

# Monaco sets inline styles and carries its icon font in the style sheet; nothing else is let in.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}
_COMPRESSIBLE = re.compile(r"text/|application/(json|wasm|manifest)|image/svg|font/ttf")
# Vite's names: a hash of at least eight characters before the extension.
_HASHED = re.compile(r".+[-.][0-9A-Za-z_-]{8,}\.[0-9a-z]+")
_ASSETS = "assets/"
_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent; `stamp` tells whether it is still what is on the disk."""

    stamp: tuple[int, int]
    etag: str
    content_type: str
    content: bytes
    compressed: bytes | None


class StaticFiles:
    """Answers with the files below `root`, from memory once they were asked for.

    A path without an extension that is no file gets `index.html`, so that the page's own routes
    can be reloaded. Files whose name holds a hash may be kept for ever, all others are asked for
    again. A missing file is 404, `index.html` included: what to say while the page is still being
    built is the caller's affair.
    """

    def __init__(self, root: Path, policy: str = CONTENT_SECURITY_POLICY) -> None:
        self._root = root.resolve()
        self._policy = policy
        self._files: dict[Path, _File] = {}

    async def __call__(self, request: Request) -> StaticAnswer:
        """The answer to a request for a file."""
        if request.method not in _METHODS:
            return self._error(405, b"Method not allowed.\n", ("Allow", "GET, HEAD"))
        name = unquote(request.path).lstrip("/") or "index.html"
        file = await self._file(name)
        if file is None and "." not in name.rpartition("/")[2]:
            name = "index.html"
            file = await self._file(name)
        if file is None:
            return self._error(404, b"Not found.\n")
        return self._answer(request, name, file)

    async def _file(self, name: str) -> _File | None:
        if "\0" in name or "\\" in name:
            return None
        # Reading and compressing takes long enough to hold up the streams that pass by.
        return await asyncio.to_thread(self._load, name)

    def _load(self, name: str) -> _File | None:
        try:
            path = (self._root / name).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                return None
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            file = self._files.get(path)
            if file is None or file.stamp != stamp:
                file = self._files[path] = _read(path, stamp)
        except OSError:
            return None  # a name too long, or a file that a new build has just taken away
        return file

    def _answer(self, request: Request, name: str, file: _File) -> StaticAnswer:
        immutable = name.startswith(_ASSETS) and _HASHED.fullmatch(name)
        headers = [
            ("Cache-Control", "public, max-age=31536000, immutable" if immutable else "no-cache"),
            ("ETag", file.etag),
            ("Vary", "Accept-Encoding"),
            *self._security(),
        ]
        if _matches(request.headers.get("if-none-match", ""), file.etag):
            return StaticAnswer(304, headers)
        headers.append(("Content-Type", file.content_type))
        if file.compressed is not None and _accepts_gzip(request):
            return StaticAnswer(200, [*headers, ("Content-Encoding", "gzip")], file.compressed)
        return StaticAnswer(200, headers, file.content)

    def _error(self, status: int, text: bytes, *headers: tuple[str, str]) -> StaticAnswer:
        content_type = ("Content-Type", "text/plain; charset=utf-8")
        no_store = ("Cache-Control", "no-store")
        return StaticAnswer(status, [content_type, no_store, *self._security(), *headers], text)

    def _security(self) -> list[tuple[str, str]]:
        return [
            ("Content-Security-Policy", self._policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]


def _read(path: Path, stamp: tuple[int, int]) -> _File:
    content = path.read_bytes()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    content_type = _TYPES.get(path.suffix.lower(), guessed)
    compressed = None
    if _COMPRESSIBLE.match(content_type):
        compressed = gzip.compress(content, compresslevel=6, mtime=0)
        if len(compressed) >= len(content):
            compressed = None
    # Weak: the same file is sent compressed and as it is.
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _File(stamp, etag, content_type, content, compressed)


def _matches(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _accepts_gzip(request: Request) -> bool:
    for coding in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in {"gzip", "*"}:
            return re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight) is None
    return False
