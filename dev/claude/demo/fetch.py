"""Reading pages of the web: one that is written for it stands at every address that is kept for examples."""

import re
from typing import Any
from urllib.parse import urlsplit

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Turn
from dev.claude.script import Block, FetchedPage, Reply, ServerToolUse, Text, Thinking, ToolUse
from dev.claude.wire import new_id

_ASKED = re.compile(
    OPENING + r"(?:read|open|fetch|visit|summari[sz]e|look (?:at|up))\b[^\n]*?https?://", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
_MOST = 2
TITLE = "Colours that everybody can read (Demo content)"
_CITED = "Body text needs a contrast of at least 4.5 to 1 against its background."
PAGE = (
    "Demo content of the built-in demo model, at an address that is reserved for examples. "
    f"{_CITED} Large text gets by with 3 to 1. Check both schemes, light and dark."
)


def answer(turn: Turn) -> Reply | None:
    """A page where one was asked for, then what it says; None where none was."""
    if not _ASKED.search(turn.text):
        return None
    urls = [url.rstrip(".,;:!?") for url in _ADDRESS.findall(turn.text)][:_MOST]
    if turn.is_served:
        return _served(turn, urls)
    if "web_fetch" not in turn.tools:
        return Reply(Text(f"{WHO}, and I'm offered no tool here to open a page of the web."))
    calls = turn.calls("web_fetch")
    if not calls:
        return Reply(Text("I'll read it. "), *[ToolUse("web_fetch", {"url": url}) for url in urls])
    failed = all(call.is_error for call in calls)
    told = "I couldn't open it." if failed else f"{WHO}, so I can't weigh what it says, but I have read it."
    return Reply(Text(told))


def _served(turn: Turn, urls: list[str]) -> Reply:
    """The API opens the pages itself; it pauses before the second one."""
    if turn.waiting_fetch is not None:
        call, url = turn.waiting_fetch
        return Reply(_page(call, url), *_told(urls))
    first, *others = urls
    call = new_id("srvtoolu")
    opening: list[Block] = [
        Thinking("The address is in the message, so I may open it."),
        Text("I'll read that. "),
        ServerToolUse({"url": first}, id=call),
        _page(call, first),
    ]
    if others:
        second = ServerToolUse({"url": others[0]}, id=new_id("srvtoolu"))
        return Reply(*opening, second, stop_reason="pause_turn")
    return Reply(*opening, *_told(urls))


def _page(call: str, url: str) -> FetchedPage:
    if not _is_known(url):
        return FetchedPage(call, error_code="url_not_accessible")
    return FetchedPage(call, url=url, title=TITLE, text=PAGE)


def _told(urls: list[str]) -> list[Block]:
    if not any(map(_is_known, urls)):
        return [Text(f"I couldn't open it: {WHO}, which knows only pages of example.com.")]
    start = PAGE.index(_CITED)
    citation: dict[str, Any] = {
        "type": "char_location",
        "cited_text": _CITED,
        "document_index": 0,
        "document_title": TITLE,
        "start_char_index": start,
        "end_char_index": start + len(_CITED),
    }
    cited = "body text needs a contrast of at least 4.5 to 1"
    return [
        Text(f"{WHO}, and the only page that I know says this: "),
        Text(cited, citations=[citation]),
        Text(". Shall I check the colours of your app?"),
    ]


def _is_known(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return re.fullmatch(r"(?:.+\.)?example\.(?:com|org|net)", host) is not None
