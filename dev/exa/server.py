"""A stand-in for Exa's search and contents on loopback, over some demo pages, with faults on demand."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dev.claude.shape import json_object
from dev.exa.pages import PAGES, Page
from dev.exa.ranking import highlights, rank
from dev.exa.search_request import BadRequestError, SearchRequest, parse, parse_contents
from dev.http import Exchange, HTTPServer, RequestError

_COST_DOLLARS = 0.007
_CONTENTS_DOLLARS = 0.001
_MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request instead of an answer.

    `status` with Exa's error body and `headers`; or `body` as it stands, with status 200 unless said;
    or `hang`: no answer until the client gives up. `delay` in seconds comes before any of them, and
    before the regular answer where nothing else is said.
    """

    status: int = 0
    body: bytes | None = None
    hang: bool = False
    delay: float = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


RATE_LIMITED = Fault(status=429, headers={"retry-after": "1"})
BROKEN = Fault(status=500)
HANGS = Fault(hang=True)
GARBAGE = Fault(body=b"<html>upstream said no</html>")


def huge(size: int) -> Fault:
    """A valid answer of more than `size` bytes, all in one result's text."""
    prefix = b'{"requestId":"huge","results":[{"id":"https://example.com/huge","title":"Huge (Demo content)",'
    body = prefix + b'"url":"https://example.com/huge","text":"' + b"x" * size + b'"}]}'
    return Fault(body=body)


_ERRORS = {
    401: ("INVALID_API_KEY", "Invalid API key"),
    402: ("NO_MORE_CREDITS", "You have exceeded your credits limit"),
    404: ("NOT_FOUND", "Not found"),
    429: ("RATE_LIMIT_EXCEEDED", "You have exceeded your Exa rate limit"),
    500: ("INTERNAL_ERROR", "An unexpected error occurred"),
}


class ExaServer:
    """A running server: where it is, and the bodies that it received."""

    def __init__(self, pages: Sequence[Page], faults: Sequence[Fault | None]) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self._pages = pages
        self._faults: deque[Fault | None] = deque(faults)
        self._answers = {"/search": self._search, "/contents": self._contents}

    def fail_next(self, *faults: Fault | None) -> None:
        """Adds faults for the next requests, one each; None lets one through."""
        self._faults.extend(faults)

    async def handle(self, exchange: Exchange) -> None:
        """Answers one HTTP request."""
        request = exchange.request
        answer = self._answers.get(request.path) if request.method == "POST" else None
        if answer is None:
            _send_error(exchange, 404)
        elif not request.headers.get("x-api-key") and not request.headers.get("authorization"):
            _send_error(exchange, 401)
        else:
            await self._serve(exchange, answer)

    async def _serve(self, exchange: Exchange, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        try:
            body = json_object(await exchange.read_body(_MAX_BODY_BYTES))
        except (ValueError, RecursionError):
            _send_error(exchange, 400, ("INVALID_REQUEST_BODY", "Invalid JSON"))
            return
        self.requests.append(body)
        fault = self._faults.popleft() if self._faults else None
        if fault is not None and await _play(fault, exchange):
            return
        try:
            answered = answer(body)
        except BadRequestError as error:
            _send_error(exchange, 400, (error.tag, error.message))
            return
        exchange.send_json(200, answered)

    def _contents(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = parse_contents(body)
        known = {page.url: page for page in self._pages}
        found = [known[url] for url in asked.urls if url in known]
        results = [_page(page, asked.text_characters) for page in found]
        return {
            "requestId": secrets.token_hex(16),
            "results": results,
            "statuses": [_status(url, is_known=url in known) for url in asked.urls],
            "costDollars": {"total": len(results) * _CONTENTS_DOLLARS},
        }

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = parse(body)
        hits = rank(asked.query, self._pages, include=asked.include_domains, exclude=asked.exclude_domains)
        return {
            "requestId": secrets.token_hex(16),
            "resolvedSearchType": "keyword",
            "searchType": asked.type,
            "results": [_result(asked, score, page) for score, page in hits[: asked.num_results]],
            "costDollars": {"total": _COST_DOLLARS, "search": {"neural": _COST_DOLLARS}},
        }


@asynccontextmanager
async def serve(
    *, port: int = 0, pages: Sequence[Page] = PAGES, faults: Sequence[Fault | None] = ()
) -> AsyncGenerator[ExaServer]:
    """Serves on 127.0.0.1 until left; `faults` befall the first searches, one each, None for none."""
    server = ExaServer(pages, faults)
    http = HTTPServer(server.handle, on_error=_refuse)
    async with http.listening(port):
        server.url = http.url
        yield server


def _result(asked: SearchRequest, score: float, page: Page) -> dict[str, Any]:
    result = {**_page(page, asked.text_characters), "score": score}
    if asked.highlights:
        result["highlights"] = highlights(asked.query, page.text, asked.highlights)
        result["highlightScores"] = [score] * len(result["highlights"])
    return result


def _page(page: Page, text_characters: int | None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": page.url,
        "title": page.title,
        "url": page.url,
        "publishedDate": f"{page.published}T00:00:00.000Z",
        "author": page.author,
    }
    return result if text_characters is None else {**result, "text": page.text[:text_characters]}


def _status(url: str, *, is_known: bool) -> dict[str, Any]:
    if is_known:
        return {"id": url, "status": "success"}
    error = {"tag": "CRAWL_NOT_FOUND", "httpStatusCode": 404}
    return {"id": url, "status": "error", "error": error}


async def _play(fault: Fault, exchange: Exchange) -> bool:
    """Lets a fault happen; False where the regular answer follows."""
    await asyncio.sleep(fault.delay)
    if fault.hang:
        await exchange.hang()
    if fault.body is not None:
        headers = {"content-type": "application/json", **fault.headers}
        exchange.send(fault.status or 200, headers.items(), fault.body)
        return True
    if fault.status:
        _send_error(exchange, fault.status, headers=fault.headers.items())
        return True
    return False


def _send_error(
    exchange: Exchange,
    status: int,
    error: tuple[str, str] | None = None,
    *,
    headers: Iterable[tuple[str, str]] = (),
) -> None:
    tag, message = error or _ERRORS.get(status, _ERRORS[500])
    body = {"requestId": secrets.token_hex(16), "error": message, "tag": tag}
    exchange.send_json(status, body, headers)


def _refuse(exchange: Exchange, error: RequestError) -> None:
    _send_error(exchange, error.status, ("INVALID_REQUEST_BODY", error.message))
