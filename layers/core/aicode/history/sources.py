"""Finds the pages that a text of Claude's cites.

A citation of a page names its place among the request's documents, which counts the vendor's own as well, but
not its address. So the page is found by the words that are cited from it.
https://platform.claude.com/docs/en/build-with-claude/citations
"""

from collections.abc import Iterable, Sequence
from typing import cast

from aicode.api_types import Source
from aicode.history.records import ApiBlock
from aicode.history.server_calls import Page, one_line, pages_in

Sources = dict[str, list[Source]]
"""The sources of the texts of an answer, by the text's number among its texts, from 0."""


def cited_sources(citations: object, pages: Sequence[Page]) -> list[Source]:
    """The web pages that a text's citations stand for, each once, in order; `pages` are those Claude has."""
    found: dict[str, Source] = {}
    for citation in cast("list[object]", citations) if isinstance(citations, list) else []:
        source = _source(cast("ApiBlock", citation), pages) if isinstance(citation, dict) else None
        if source is not None and source["url"].startswith(("https://", "http://")):
            found.setdefault(source["url"], source)
    return list(found.values())


def sources_in(content: Sequence[ApiBlock], earlier: Iterable[Page]) -> Sources:
    """The sources of an answer's texts; `earlier` are the pages that Claude was given before it."""
    texts = [block for block in content if block.get("type") == "text"]
    if not any(block.get("citations") for block in texts):
        return {}
    pages = [*earlier, *pages_in(content)]
    found = {str(at): cited_sources(block.get("citations"), pages) for at, block in enumerate(texts)}
    return {at: sources for at, sources in found.items() if sources}


def _source(citation: ApiBlock, pages: Sequence[Page]) -> Source | None:
    address = citation.get("url") or citation.get("source")  # of a search result
    if isinstance(address, str):
        return {"url": address, "title": one_line(citation.get("title") or "") or address}
    page = _page(citation, pages)
    return {"url": page.url, "title": page.title or page.url} if page is not None else None


def _page(citation: ApiBlock, pages: Sequence[Page]) -> Page | None:
    """The latest page that has the cited words at their place, else anywhere, else the document's title."""
    words, title = str(citation.get("cited_text", "")), one_line(citation.get("document_title") or "")
    start, end = citation.get("start_char_index"), citation.get("end_char_index")
    latest = pages[::-1]
    at_place = (
        p for p in latest if isinstance(start, int) and isinstance(end, int) and p.text[start:end] == words
    )
    anywhere = (page for page in latest if words in page.text)
    titled = (page for page in latest if title and page.title == title)
    return next((p for found in (at_place, anywhere) if words for p in found), None) or next(titled, None)
