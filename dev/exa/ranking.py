"""Simple keyword ranking: how many of a query's words stand in a page, titles counting more."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from dev.exa.pages import Page

_STOP_WORDS = {
    "a",
    "about",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "best",
    "by",
    "do",
    "for",
    "from",
    "how",
    "i",
    "in",
    "is",
    "it",
    "of",
    "on",
    "or",
    "the",
    "to",
    "what",
    "when",
    "which",
    "with",
}
_TITLE_WEIGHT = 3


def rank(
    query: str, pages: Iterable[Page], *, include: Sequence[str], exclude: Sequence[str]
) -> list[tuple[float, Page]]:
    """The pages that hold a word of the query, best first, with a score of up to 1."""
    words = _words(query)
    if not words:
        return []
    scored = [
        (_score(words, page), page)
        for page in pages
        if (not include or _on(page.url, include)) and not _on(page.url, exclude)
    ]
    return sorted((hit for hit in scored if hit[0] > 0), key=lambda hit: -hit[0])


def highlights(query: str, text: str, count: int) -> list[str]:
    """The sentences of a text that hold most words of the query."""
    words = _words(query)
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return sorted(sentences, key=lambda sentence: -len(words & _words(sentence)))[:count]


def _score(words: set[str], page: Page) -> float:
    title, text = _words(page.title), _words(page.text)
    found = sum(_TITLE_WEIGHT * (word in title) + (word in text) for word in words)
    return round(found / (len(words) * (_TITLE_WEIGHT + 1)), 4)


def _words(text: str) -> set[str]:
    """Words in lower case, without stop words and a plural's s."""
    found = re.findall(r"[^\W_]+", text.lower())
    return {word.removesuffix("s") for word in found if word not in _STOP_WORDS}


def _on(url: str, domains: Sequence[str]) -> bool:
    host = urlsplit(url).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
