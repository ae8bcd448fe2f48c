"""A search request as Exa takes it (https://exa.ai/docs/reference/search)."""

from dataclasses import dataclass
from typing import Any

from dev.claude.shape import is_list, is_object

MAX_RESULTS = 100
_DEFAULT_RESULTS = 10
_DEFAULT_HIGHLIGHTS = 1
_TYPES = {"auto", "fast", "instant", "neural", "keyword", "deep", "deep-lite", "deep-reasoning"}


class BadRequestError(Exception):
    """A 400: its tag and message."""

    def __init__(self, tag: str, message: str) -> None:
        super().__init__(message)
        self.tag = tag
        self.message = message


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What was asked for. `text_characters` None = no text wanted, `highlights` 0 = none wanted."""

    query: str
    type: str
    num_results: int
    include_domains: list[str]
    exclude_domains: list[str]
    text_characters: int | None
    highlights: int


def parse(body: dict[str, Any]) -> SearchRequest:
    """The request in a body; raises BadRequestError where Exa would answer 400."""
    query = body.get("query")
    if not isinstance(query, str) or not query.strip():
        raise BadRequestError("INVALID_REQUEST_BODY", "query is required and must be a string")
    kind: Any = body.get("type", "auto")
    if kind not in _TYPES:
        raise BadRequestError("INVALID_REQUEST_BODY", "type: Invalid option")
    count: Any = body.get("numResults", _DEFAULT_RESULTS)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MAX_RESULTS:
        raise BadRequestError("INVALID_NUM_RESULTS", f"numResults must be between 1 and {MAX_RESULTS}")
    contents: Any = body.get("contents") or {}
    if not is_object(contents):
        raise BadRequestError("INVALID_REQUEST_BODY", "contents must be an object")
    return SearchRequest(
        query=query,
        type=kind,
        num_results=count,
        include_domains=_domains(body, "includeDomains"),
        exclude_domains=_domains(body, "excludeDomains"),
        text_characters=_text_characters(contents.get("text")),
        highlights=_highlights(contents.get("highlights")),
    )


@dataclass(frozen=True, slots=True)
class ContentsRequest:
    """Which pages were asked for, and how much of their text."""

    urls: list[str]
    text_characters: int | None


def parse_contents(body: dict[str, Any]) -> ContentsRequest:
    """As `parse`, for the contents of known pages (https://docs.exa.ai/reference/get-contents)."""
    urls: Any = body.get("urls") or body.get("ids")
    if not is_list(urls) or not urls:
        raise BadRequestError("INVALID_REQUEST_BODY", "urls is required and must be a list")
    if not all(isinstance(url, str) and url.startswith(("https://", "http://")) for url in urls):
        raise BadRequestError("INVALID_URLS", "urls must be valid addresses")
    return ContentsRequest(urls, _text_characters(body.get("text")))


def _domains(body: dict[str, Any], name: str) -> list[str]:
    value: Any = body.get(name) or []
    if not is_list(value):
        raise BadRequestError("INVALID_REQUEST_BODY", f"{name} must be a list of strings")
    if not all(isinstance(domain, str) for domain in value):
        raise BadRequestError("INVALID_REQUEST_BODY", f"{name} must be a list of strings")
    return value


def _text_characters(wish: Any) -> int | None:
    if not wish:
        return None
    limit: Any = wish.get("maxCharacters") if is_object(wish) else None
    if limit is None:
        return 1_000_000
    if not isinstance(limit, int) or limit < 1:
        raise BadRequestError("INVALID_REQUEST_BODY", "contents.text.maxCharacters must be positive")
    return limit


def _highlights(wish: Any) -> int:
    if not wish:
        return 0
    count: Any = wish.get("highlightsPerUrl") if is_object(wish) else None
    return count if isinstance(count, int) else _DEFAULT_HIGHLIGHTS
