"""Web searches."""

import re

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_ASKED = re.compile(
    OPENING
    + r"(?:(?:do a )?(?:web )?search(?: (?:the )?(?:web|internet|online))?(?: for| about)?|look up|google)\b"
    r"[ :]*(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SOURCE = re.compile(r"^\d+\. (?P<title>.+)\n +URL: (?P<url>\S+)$", re.MULTILINE)
_MAX_SOURCES = 3
_MAX_QUERY = 200


def answer(turn: Turn) -> Reply | None:
    """A search where one was asked for, then its sources; None where none was."""
    asked = _ASKED.search(turn.text)
    if asked is None:
        return None
    query = " ".join(asked["query"].split()).strip(" .?!\"'")[:_MAX_QUERY] or turn.text[:_MAX_QUERY]
    if "web_search" not in turn.tools:
        return Reply(
            Text(
                f"{WHO}, and no web search is set up here, so I can't look that up. "
                "With an `EXA_API_KEY` the `web_search` tool is there."
            )
        )
    searches = turn.calls("web_search")
    if not searches:
        return Reply(
            Thinking(f"I'll search for “{query}”."),
            Text("I'll look that up. "),
            ToolUse("web_search", {"query": query, "max_results": _MAX_SOURCES}),
        )
    result = searches[-1].result
    if searches[-1].is_error:
        return Reply(Text(f"The search failed, so I have nothing to tell you about “{query}”."))
    return Reply(Text(_sources(query, result)))


def _sources(query: str, result: str) -> str:
    found = [(re.sub(r"[\[\]]", "", match["title"]), match["url"]) for match in _SOURCE.finditer(result)]
    if not found:
        return f"The search for “{query}” found nothing."
    sources = "\n".join(f"- [{title}](<{url}>)" for title, url in found[:_MAX_SOURCES])
    return (
        f"{WHO}, so I can't weigh what these pages say, but this is what the search for "
        f"“{query}” found:\n\n{sources}\n"
    )
