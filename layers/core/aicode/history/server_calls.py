"""Calls of tools that the API runs itself, above all `web_fetch`: their blocks, and what the vendor is told.

The API writes call and result into its answer, and takes both back as they came: an unanswered call only at
the end of a conversation, where it has paused.
https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from aicode.history.records import ApiBlock

SERVER_CALL = "server_tool_use"
PAUSED = "pause_turn"
_RESULT = "_tool_result"
_EXCERPT = 300
_TITLE = 200
# In characters. A page has some 80,000 at most; what is longer is a document, whose length nobody limits.
_LONGEST = 400_000
_LEFT_OUT = "[left out to save room: read it again if you need it]"
_REASONS = {
    "invalid_tool_input": "The address is not valid.",
    "url_too_long": "The address is too long.",
    "url_not_allowed": "This address may not be opened.",
    "url_not_in_prior_context": "Only addresses that you wrote or that a page before named are opened.",
    "url_not_accessible": "The page could not be opened.",
    "unsupported_content_type": "This is neither a text nor a PDF.",
    "too_many_requests": "Too many pages are being opened just now.",
    "max_uses_exceeded": "No more pages can be opened in this answer.",
    "unavailable": "Pages cannot be opened just now.",
    "content_too_large": "The page is too large.",
}


@dataclass(frozen=True, slots=True)
class EndedCall:
    """How such a call ended: a line for the vendor, and the beginning of what it gave."""

    id: str
    name: str
    input: dict[str, object]
    is_error: bool
    summary: str
    content: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page that Claude was given; `text` is empty for a PDF."""

    url: str
    title: str
    text: str


def is_server_result(block: ApiBlock) -> bool:
    """True for the result of a tool that the API runs itself."""
    return str(block.get("type")).endswith(_RESULT)


def is_served(block: ApiBlock) -> bool:
    """True for the call of such a tool, and for its result."""
    return block.get("type") == SERVER_CALL or is_server_result(block)


def unanswered(content: Iterable[ApiBlock]) -> dict[str, str]:
    """The names, by id, of the calls of the API's own tools that have no result in the answer."""
    calls: dict[str, str] = {}
    for block in content:
        if block.get("type") == SERVER_CALL:
            calls[str(block.get("id"))] = str(block.get("name"))
        elif is_server_result(block):
            calls.pop(str(block.get("tool_use_id")), None)
    return calls


def ended_call(result: ApiBlock) -> EndedCall:
    """The call that ended with this result."""
    call, name = str(result.get("tool_use_id")), str(result.get("type")).removesuffix(_RESULT)
    inner = _object(result.get("content"))
    if str(inner.get("type")).endswith("_error"):
        reason = _REASONS.get(str(inner.get("error_code")), "It failed.")
        return EndedCall(call, name, {}, True, reason, reason)
    page = _page(inner)
    if page is None:
        return EndedCall(call, name, {}, False, "Done.", "Done.")
    title = page.title or page.url
    # The page shows the entry in the summary as a link, as it does with what a search found.
    summary = f"Read {page.url} ({title})\n1. {title}\n   URL: {page.url}"
    begins = page.text[:_EXCERPT].strip() + ("…" if len(page.text) > _EXCERPT else "")
    told = [part for part in (page.title, page.url, begins) if part]
    return EndedCall(call, name, {"url": page.url}, False, summary, "\n".join(told))


def pages_in(content: Iterable[ApiBlock]) -> list[Page]:
    """The pages among the blocks of an answer, in order."""
    found = (_page(_object(block.get("content"))) for block in content if is_server_result(block))
    return [page for page in found if page is not None]


def fit_to_keep(content: Sequence[ApiBlock]) -> list[ApiBlock]:
    """The answer's blocks without what is too long for a history: a document of many megabytes.

    Then they are without citations too, which may point into it.
    """
    fit = [_without_text(block, 0) if _size(block) > _LONGEST else block for block in content]
    return fit if fit == content else without_citations(fit)


def without_citations(content: Iterable[ApiBlock]) -> list[ApiBlock]:
    """The blocks without what their texts cite."""
    return [
        {name: value for name, value in block.items() if name != "citations"}
        if block.get("type") == "text"
        else block
        for block in content
    ]


def without_pages(content: Sequence[ApiBlock], kept: int = 0) -> list[ApiBlock]:
    """The blocks with `kept` characters of each page, and without citations, which point into the rest."""
    short = (_without_text(block, kept) if is_server_result(block) else block for block in content)
    return without_citations(short)


def _page(inner: ApiBlock) -> Page | None:
    if inner.get("type") != "web_fetch_result":
        return None
    document = _object(inner.get("content"))
    source = _object(document.get("source"))
    text = str(source.get("data", "")) if source.get("type") == "text" else ""
    return Page(str(inner.get("url", "")), one_line(document.get("title") or ""), text)


def _size(block: ApiBlock) -> int:
    if not is_server_result(block):
        return 0
    source = _object(_object(_object(block.get("content")).get("content")).get("source"))
    return len(str(source.get("data", "")))


def _without_text(block: ApiBlock, kept: int) -> ApiBlock:
    """The result with `kept` characters of its page and a note that the rest is left out."""
    inner = _object(block.get("content"))
    document = _object(inner.get("content"))
    source = _object(document.get("source"))
    data = str(source.get("data", ""))
    if inner.get("type") != "web_fetch_result" or len(data) <= kept + len(_LEFT_OUT):
        return block
    text = data[:kept] if source.get("type") == "text" else ""
    short = {"type": "text", "media_type": "text/plain", "data": f"{text}{_LEFT_OUT}"}
    return {**block, "content": {**inner, "content": {**document, "source": short}}}


def one_line(text: object) -> str:
    """A title as one line of at most 200 characters."""
    return " ".join(str(text).split())[:_TITLE]


def _object(value: object) -> ApiBlock:
    return cast("ApiBlock", value) if isinstance(value, dict) else {}
