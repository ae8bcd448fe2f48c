"""What the local stack answers itself: the page, its configuration, the API's document."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

from aicode.http import JSON_HEADERS
from dev import content_policy, docs_page
from dev.http import Answer, Request
from dev.sign_in import SignIn

_WAITING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>AI Code</title>{refresh}
<style>:root{{color-scheme:light dark}}body{{font:1.1rem/1.6 system-ui;margin:20vh 10vw}}</style>
<h1>{title}</h1><p>{text}</p></html>"""


class Site:
    """The page in `dist` and what belongs to it.

    `origins` are the page's own, and `buckets` those that it sends uploads to.
    """

    def __init__(  # noqa: PLR0913 - each is known elsewhere
        self,
        *,
        dist: Path,
        openapi: Path,
        config: Mapping[str, object],
        sign_in: SignIn,
        origins: Callable[[], frozenset[str]],
        buckets: Callable[[], frozenset[str]],
    ) -> None:
        self._dist = dist.resolve()
        self._openapi = openapi
        self._config = json.dumps(config).encode()
        self._sign_in = sign_in
        self._origins = origins
        self._buckets = buckets
        self.failed = False
        """The page's build did not succeed: what is shown instead says so."""

    async def configuration(self, _: Request) -> Answer:
        """GET /config.json: what the page needs to know of this stack."""
        return self._answer("application/json", self._config)

    async def openapi(self, _: Request) -> Answer:
        """GET /openapi.json: the API's document, as it is checked in."""
        if not self._openapi.exists():
            return _missing()
        return self._answer("application/json", await asyncio.to_thread(self._openapi.read_bytes))

    async def docs(self, _: Request) -> Answer:
        """GET /docs: the same document as a page."""
        if not self._openapi.exists():
            return _missing()
        document = json.loads(await asyncio.to_thread(self._openapi.read_bytes))
        return self._answer("text/html; charset=utf-8", docs_page.render(document).encode())

    async def page(self, request: Request) -> Answer:
        """The built page: its files by name, and its HTML under every name without an ending."""
        content = await asyncio.to_thread(self._asset, request.path)
        if content is not None:
            kind, cache = content_policy.media_type(request.path), content_policy.cache_control(request.path)
            safe = content_policy.headers(request.path)
            return Answer(200, _headers(kind, cache, self._policy(request.path), safe), content)
        if request.path != "/index.html" and (
            "." in request.path.rpartition("/")[2] or request.path.startswith("/api/")
        ):
            return _missing()
        return await self._html(request)

    def _asset(self, path: str) -> bytes | None:
        """The built file at this path; None where there is none, and for the HTML and hidden files.

        None too for another spelling of a file's path, such as one with `//` or `..`: the path alone decides
        which policy an answer has.
        """
        try:
            file = (self._dist / path.lstrip("/")).resolve()
            if str(file) != f"{self._dist}{path}" or file.name == "index.html" or file.name[:1] == ".":
                return None
            return file.read_bytes()
        except OSError:
            return None  # absent, a folder, or a name that is too long

    async def _html(self, request: Request) -> Answer:
        index = self._dist / "index.html"
        try:
            body = await asyncio.to_thread(index.read_bytes)
        except FileNotFoundError:
            body = self._waiting().encode()
        return self._answer("text/html; charset=utf-8", body, *self._sign_in.headers(request))

    def _answer(self, kind: str, body: bytes, *more: tuple[str, str]) -> Answer:
        policy = content_policy.page(self._buckets())
        return Answer(200, (*_headers(kind, "no-cache", policy), *more), body)

    def _policy(self, path: str) -> str:
        # A disk that takes both cases for the same name serves the same document.
        if path.lower() == content_policy.PREVIEW_FRAME:
            return content_policy.preview(self._origins())
        return content_policy.page(self._buckets())

    def _waiting(self) -> str:
        if self.failed:
            text = "The terminal says why. The API works: see the README's curl examples."
            return _WAITING.format(title="The page could not be built", text=text, refresh="")
        text = "This takes a minute the first time. It appears here by itself."
        refresh = '<meta http-equiv="refresh" content="2">'
        return _WAITING.format(title="The page is being built", text=text, refresh=refresh)


def _missing() -> Answer:
    error = {"code": "not_found", "message": "There is nothing here.", "requestId": str(uuid4())}
    body = json.dumps({"success": False, "error": error}).encode()
    return Answer(404, tuple(JSON_HEADERS.items()), body)


def _headers(
    kind: str,
    cache: str,
    policy: str,
    safe: Mapping[str, str] = content_policy.HEADERS,
) -> tuple[tuple[str, str], ...]:
    return (
        ("Content-Type", kind),
        ("Cache-Control", cache),
        ("Content-Security-Policy", policy),
        *safe.items(),
    )
