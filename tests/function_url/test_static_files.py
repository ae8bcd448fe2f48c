"""How the built page is served."""

import gzip
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.function_url import FunctionURLServer, Request, Route, StaticAnswer, StaticFiles

Start = Callable[..., Awaitable[FunctionURLServer]]
PAGE = b"<!doctype html><title>Page</title>"
SCRIPT = b"console.log('a script that is long enough to be worth compressing');\n" * 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_bytes(PAGE)
    (root / "assets" / "index-B1x_9zQk.js").write_bytes(SCRIPT)
    (root / "assets" / "codicon-DCmgc-ay.ttf").write_bytes(b"font")
    (root / "icon.svg").write_bytes(b"<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


async def get(root: Path, path: str, method: str = "GET", **headers: str) -> StaticAnswer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await StaticFiles(root)(Request(method, path, "", names, b""))


async def test_the_page_comes_with_its_policy_and_is_asked_for_again(root: Path) -> None:
    answer = await get(root, "/")
    headers = dict(answer.headers)

    assert (answer.status, answer.body) == (200, PAGE)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "content_type", "caching"),
    [
        ("/assets/index-B1x_9zQk.js", "text/javascript; charset=utf-8", "immutable"),
        ("/assets/codicon-DCmgc-ay.ttf", "font/ttf", "immutable"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
    ],
)
async def test_a_file_has_its_type_and_a_hashed_one_is_kept(
    root: Path, path: str, content_type: str, caching: str
) -> None:
    answer = await get(root, path)
    headers = dict(answer.headers)

    assert answer.status == 200
    assert headers["Content-Type"] == content_type
    assert caching in headers["Cache-Control"]


async def test_a_file_that_the_browser_has_is_not_sent_again(root: Path) -> None:
    files = StaticFiles(root)
    first = await files(Request("GET", "/", "", {}, b""))
    tag = dict(first.headers)["ETag"]

    again = await files(Request("GET", "/", "", {"if-none-match": f'"other", {tag}'}, b""))
    (root / "index.html").write_bytes(b"a new page")
    changed = await files(Request("GET", "/", "", {"if-none-match": tag}, b""))

    assert (again.status, again.body) == (304, b"")
    assert (changed.status, changed.body) == (200, b"a new page")


@pytest.mark.parametrize(
    ("accepted", "compressed"), [("gzip, br", True), ("gzip;q=0", False), ("br", False), ("", False)]
)
async def test_text_is_compressed_for_those_who_take_it(root: Path, accepted: str, compressed: bool) -> None:
    answer = await get(root, "/assets/index-B1x_9zQk.js", accept_encoding=accepted)
    body = gzip.decompress(answer.body) if compressed else answer.body

    assert body == SCRIPT
    assert ("Content-Encoding" in dict(answer.headers)) is compressed
    assert dict(answer.headers)["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/sessions/abc", 200, PAGE),
        ("/assets/absent-B1x_9zQk.js", 404, b"Not found.\n"),
        ("/../secret.txt", 404, b"Not found.\n"),
        ("/%2e%2e/secret.txt", 404, b"Not found.\n"),
        ("/..%2fsecret.txt", 404, b"Not found.\n"),
        ("/..%5csecret.txt", 404, b"Not found.\n"),
        ("//etc/hosts.txt", 404, b"Not found.\n"),
        ("/link.txt", 404, b"Not found.\n"),
        ("/index.html%00.txt", 404, b"Not found.\n"),
        ("/" + "x" * 5000 + ".js", 404, b"Not found.\n"),
    ],
)
async def test_the_pages_own_routes_get_the_page_and_nothing_else_is_let_out(
    root: Path, path: str, status: int, body: bytes
) -> None:
    answer = await get(root, path)

    assert (answer.status, answer.body) == (status, body)


async def test_files_can_only_be_read(root: Path) -> None:
    answer = await get(root, "/", method="POST")

    assert answer.status == 405
    assert dict(answer.headers)["Allow"] == "GET, HEAD"


async def test_a_page_that_is_not_built_is_not_found(tmp_path: Path) -> None:
    assert (await get(tmp_path / "absent", "/")).status == 404


async def test_the_server_sends_a_head_without_a_body(
    start: Start, buffered: Any, client: httpx.AsyncClient, root: Path
) -> None:
    server = await start(buffered, routes=[Route(None, re.compile("/.*"), StaticFiles(root))])

    answer = await client.head(server.url + "/icon.svg")
    again = await client.get(server.url + "/icon.svg", headers={"If-None-Match": answer.headers["etag"]})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "6"
    assert (again.status_code, again.content) == (304, b"")
