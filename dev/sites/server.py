"""Serves what the folder shelf shows, at `/<site>/`."""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aicode.sites import FOLDER
from aicode.sites.file_headers import cache_control, content_type
from aicode.sites.folder import FolderShelf
from aicode.sites.shelf import Shown
from dev.http import Answer, Exchange, HTTPServer, Request

INDEX = "index.html"
# As SitesHeaders in stacks/sites.yaml: a site may load and call what it likes, but nobody may frame it, and
# it sees nothing of the product, which is on another origin that sends no CORS header to it.
POLICY = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'"
_SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Content-Security-Policy", POLICY),
    ("Origin-Agent-Cluster", "?1"),
)
_SITE = re.compile(r"/([a-z0-9]{1,63})(/.*)?")
_METHODS = ("GET", "HEAD")


@asynccontextmanager
async def serve(data_dir: Path, port: int) -> AsyncGenerator[str]:
    """The sites of a data folder on 127.0.0.1 until left, at the origin that is given.

    Port 0 asks the system for one. Raises OSError if the port is taken.
    """
    server = HTTPServer(SitesServer(FolderShelf(data_dir / FOLDER, "")).handle)
    async with server.listening(port):
        yield server.url


class SitesServer:
    """Answers for the sites of a shelf."""

    def __init__(self, shelf: FolderShelf) -> None:
        self._shelf = shelf

    async def handle(self, exchange: Exchange) -> None:
        """Answers one request, whatever it is."""
        request = exchange.request
        if request.method not in _METHODS:
            answer = Answer(405, (*_SAFE, ("Allow", ", ".join(_METHODS))))
        else:
            answer = await asyncio.to_thread(self._answer, request)
        exchange.send(answer.status, answer.headers, answer.body)

    def _answer(self, request: Request) -> Answer:
        known = request.headers.get("if-none-match", "")
        named = _SITE.fullmatch(request.path)
        shown = self._shelf.shown(named[1]) if named else None
        if named is None or shown is None:
            return self._absolute(request, known)
        if named[2] is None:
            return Answer(308, (*_SAFE, ("Location", f"{request.path}/")))
        folder = self._shelf.files(named[1], shown.version)
        found = _file(folder, named[2][1:])
        return _missing() if found is None else _found(*found, shown, known)

    def _absolute(self, request: Request, known: str) -> Answer:
        """A file that a site's code asks for as if it had a host of its own, such as `/logo.png`."""
        if "service-worker" in request.headers:
            return _missing()  # from here a worker would rule all sites, which share this origin
        site = _SITE.fullmatch(urlsplit(request.headers.get("referer", "")).path)
        shown = self._shelf.shown(site[1]) if site else None
        if site is None or shown is None:
            return _missing()
        name = unquote(request.path[1:])
        data = _read(self._shelf.files(site[1], shown.version), name)
        return _missing() if data is None else _found(name, data, shown, known)


def _file(folder: Path, sent: str) -> tuple[str, bytes] | None:
    """The file that is sent for a path, by its name in the version; None where there is none.

    A path whose last part has no dot is one of the app's own, for which the index is sent, as at the edge.
    """
    name = unquote(sent) if "." in sent.rpartition("/")[2] else INDEX
    data = _read(folder, name)
    return None if data is None else (name, data)


def _read(folder: Path, name: str) -> bytes | None:
    try:
        root = folder.resolve()
        file = (root / name).resolve()
        # Another spelling of a path, such as one with `..`, is none: nothing outside of the folder is read.
        return file.read_bytes() if str(file) == f"{root}/{name}" else None
    except (OSError, ValueError):
        return None  # absent, a folder, or no name at all


def _found(name: str, data: bytes, shown: Shown, known: str) -> Answer:
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = [*_SAFE, ("Content-Type", content_type(name)), ("Cache-Control", cache_control(name))]
    headers.append(("ETag", tag))
    if not shown.indexed:
        headers.append(("X-Robots-Tag", "noindex"))
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Answer(304, tuple(headers))
    return Answer(200, tuple(headers), data)


def _missing() -> Answer:
    headers = (*_SAFE, ("Content-Type", "text/plain; charset=utf-8"), ("X-Robots-Tag", "noindex"))
    return Answer(404, headers, b"There is nothing here.")
