"""Decides about each search and page of the web: what is asked again, what may not leave the app, how many.

The same search again is answered from memory: with the results that Claude is still sent, which a turn's next
owner has too, else with those of this process.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

from aicode.errors import AICodeError, ToolError
from aicode.history import ApiBlock, Entry, result_blocks, text_of
from chat.agent.prompt import model_view
from chat.agent.tools import WEB_FETCH, ToolOutput, WebSearch, address_form, addresses_in, told_before
from chat.agent.tools.leak import leak
from chat.agent.tools.stopping import in_thread
from chat.agent.tools.web_search import RESULTS
from chat.agent.turn.context import TurnContext
from chat.agent.turn.secret_texts import SecretTexts

# The results of what was refused begin so. It tells a turn's next owner what never left.
REFUSED = ("Not searched: ", "Not opened: ")
_NOT_SEARCHED, _NOT_OPENED = REFUSED
# The tools of this product that use the web.
ON_THE_WEB = frozenset({"web_search", WEB_FETCH})
# How the results of searches name an address; each stands on a line of its own.
_FOUND = re.compile(r"^ +URL: (\S+)$", re.MULTILINE)
_STRANGE = (
    "only addresses that the vendor wrote in a message or that web_search gave in this session are opened. "
    "The vendor can write it in their message."
)
_OVER = {
    "turn": "this turn has used all of its {most} searches. Go on with what you have; the vendor can ask for "
    "more in another message.",
    "day": "the vendor has used all {most} searches of this day (UTC). Go on without, and say what you could "
    "not look up.",
}
Key = tuple[object, ...]


class TurnSearches:
    """The searches of one turn."""

    def __init__(self, turn: TurnContext, secrets: SecretTexts) -> None:
        self._turn = turn
        self._secrets = secrets
        self._found: dict[Key, ToolOutput] = {}
        # One by one, so that a batch cannot ask the same twice, or send a secret in pieces side by side.
        self._same: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._admission = asyncio.Lock()
        self._sent: list[str] = []

    async def answer(
        self, request: WebSearch, call_id: str, search: Callable[[], Awaitable[ToolOutput]]
    ) -> ToolOutput:
        """The results of a search that may be made, or was. Raises ToolError for any other."""
        key = _key(request.query, request.domains, request.max_results)
        async with self._same[key]:
            known = self._found.get(key) or self._told(key)
            if known is not None:
                return known
            async with self._admission:
                await self._admit(_text(request.query, request.domains), call_id, _NOT_SEARCHED)
            self._found[key] = found = await search()
            return found

    async def page(self, url: str, call_id: str, read: Callable[[], Awaitable[ToolOutput]]) -> ToolOutput:
        """A page that may be read. Raises ToolError for any other, above all for one that a file names."""
        if address_form(url) not in self._known_addresses():
            raise ToolError(f"{_NOT_OPENED}{_STRANGE}")
        async with self._admission:
            await self._admit(url, call_id, _NOT_OPENED)
        return await read()

    def _known_addresses(self) -> set[str]:
        """The addresses that the vendor wrote and that searches found, in this session."""
        own = (e["record"]["text"] for e in self._turn.entries if e["record"]["kind"] == "user")
        found = [summary for call, _, summary in _asked_of_web(self._turn.entries) if _is_search(call)]
        return {address for text in own for address in addresses_in(text)} | {
            address_form(url) for summary in found for url in _FOUND.findall(summary)
        }

    async def _admit(self, text: str, call_id: str, refused: str) -> None:
        """Raises ToolError if this must not be sent; else it is counted, before anything is sent."""
        own_words = "\n".join(
            e["record"]["text"] for e in self._turn.entries if e["record"]["kind"] == "user"
        )
        secrets = await self._secrets.all()
        sent = [*dict.fromkeys([*self._sent_before(), *self._sent]), text]
        # In a thread, because large files take so long that the turn's stream would stall.
        reason = await in_thread(leak, sent, secrets, own_words)
        if reason is not None:
            raise ToolError(
                f"{refused}{reason}. Nothing of the kind may leave the app. Ask without it; if the vendor "
                "wants exactly this looked up, they can write it in their message."
            )
        await self._count(call_id, refused)
        self._sent.append(text)

    async def _count(self, call_id: str, refused: str) -> None:
        settings = self._turn.settings
        most = {"turn": settings.searches_per_turn, "day": settings.searches_per_day}
        try:
            outcome = await self._turn.writer.count_search(
                self._turn.now_ms(), call_id, most_a_turn=most["turn"], most_a_day=most["day"]
            )
        except AICodeError:
            raise ToolError(
                f"{refused}it could not be counted just now. Go on without it, or try once more."
            ) from None
        if outcome != "ok":
            raise ToolError(f"{refused}{_OVER[outcome].format(most=most[outcome])}")

    def _sent_before(self) -> Iterator[str]:
        """What this turn has sent, as far as the history tells: also by an earlier owner."""
        entries = [entry for entry in self._turn.entries if entry["turn"] == self._turn.writer.turn]
        for call, result, _ in _asked_of_web(entries):
            if not text_of(result_blocks(result)).startswith(REFUSED):
                yield _text(*_asked(call)[:2]) if _is_search(call) else _url(call)

    def _told(self, key: Key) -> ToolOutput | None:
        """What Claude is still sent of the same search, made earlier in this session."""
        for call, result, summary in _asked_of_web(model_view(self._turn.entries)):
            if _is_search(call) and _key(*_asked(call)) == key and not result.get("is_error"):
                told = told_before(text_of(result_blocks(result)), summary)
                if told is not None:
                    return told
        return None


def _asked_of_web(entries: list[Entry]) -> Iterator[tuple[ApiBlock, ApiBlock, str]]:
    """Each search and page in the history, with its result for Claude and the summary for the vendor."""
    calls: dict[object, ApiBlock] = {}
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "step":
            calls |= {b["id"]: b for b in record["content"] if b.get("name") in ON_THE_WEB and "id" in b}
        elif record["kind"] == "results":
            summaries = {tool["toolId"]: tool["summary"] for tool in record["tools"]}
            for result in record["content"]:
                call = calls.get(result["tool_use_id"])
                if call is not None:
                    yield call, result, summaries.get(str(call["id"]), "")


def _is_search(call: ApiBlock) -> bool:
    return call.get("name") != WEB_FETCH


def _url(call: ApiBlock) -> str:
    given = call.get("input")
    return str(cast("dict[str, object]", given).get("url", "")) if isinstance(given, dict) else ""


def _asked(call: ApiBlock) -> tuple[str, list[str] | None, int | None]:
    """Query, domains and number of results of a call; what is not valid counts as not said."""
    given = call.get("input")
    arguments = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    domains, most = arguments.get("domains"), arguments.get("max_results")
    listed = [str(domain) for domain in cast("list[object]", domains)] if isinstance(domains, list) else None
    return str(arguments.get("query", "")), listed, most if isinstance(most, int) else None


def _text(query: str, domains: list[str] | None) -> str:
    return "\n".join([query, *(domains or ())])


def _key(query: str, domains: list[str] | None, most: int | None) -> Key:
    """Equal for searches that differ only in case, in white space or in the order of the domains."""
    return (
        " ".join(query.split()).casefold(),
        tuple(sorted({d.strip().lower() for d in domains or ()})),
        most or RESULTS,
    )
