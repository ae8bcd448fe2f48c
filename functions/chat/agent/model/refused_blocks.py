"""Reads from an error of the API which block of a request it refused, and why. Pure.

The API names the place in `details.paths` or in front of its sentence, or names none. Its sentences are known
from public reports, of which each kind here names one; none of them is passed on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Place = tuple[int, ...]
"""The number of the message, of the block in it, and of the block in the content of that one, from 0.

It may end before the last of them.
"""
BlockKind = Literal["picture", "document"]

_PLACE = re.compile(r"messages\.(\d+)(?:\.content\.(\d+)((?:\.[\w\[\]]+)*)|(?=:|$))")
_INNER = re.compile(r"(?:\.tool_result)?\.content\.(\d+)")
# What the place alone does not tell: `messages.5.content.0.text.cache_control`, calls without results.
# Calls of the API's own tools are content: they have their results in the same message.
_NO_CONTENT = re.compile(r"cache_control|(?<!server_)tool_use\b|tool_use_id")
# What Claude's answers have of the API's own tools.
_SERVED = re.compile(r"\bcitations?\b|document_index|server_tool_use|web_(?:fetch|search)_tool_result")
# A sentence about another part of the request, such as `tools.0.custom.input_schema: ...`.
_ELSEWHERE = re.compile(r"(?!messages\b)[a-z_]+(?:\.\w+)*: ")
_KINDS: dict[BlockKind, re.Pattern[str]] = {
    "picture": re.compile(r"\b(?:images?|pictures?|media)\b", re.IGNORECASE),
    "document": re.compile(r"\b(?:pdfs?|documents?|media)\b", re.IGNORECASE),
}
_UNKNOWN_FILE = re.compile(
    r"\bfile(?:_id|s)?\b.*\b(?:not found|not exist|expired|deleted)|\b(?:no such|unknown|expired) file\b",
    re.IGNORECASE | re.DOTALL,
)
_FILE_ID = re.compile(r"\bfile_(?=\w*\d)\w{8,}")
# In the order in which they are tried.
_REASONS = (
    (r"too many (?:images|documents)|too much media", "too many of them in one conversation"),
    # https://github.com/anthropics/claude-code/issues/29551, 16173
    (r"dimension|pixels", "too many pixels"),
    # https://github.com/anthropics/claude-code/issues/19013
    (r"password|encrypted pdf", "protected by a password"),
    # https://github.com/anthropics/claude-code/issues/16136
    (r"\bpages\b", "too many pages"),
    # https://github.com/anthropics/claude-code/issues/11181
    (r"exceeds|too large|too big|\bmaximum\b", "too large"),
    # https://github.com/anthropics/claude-code/issues/8184, 12015, https://github.com/BerriAI/litellm/issues/24900
    (r"media.?type|appears to be", "of another kind than it says"),
    # https://github.com/anthropics/claude-code/issues/1747
    (r"could not process|not valid|invalid|unable|corrupt|decode", "cannot be opened"),
)
_NOT_ACCEPTED = "not accepted"
_GONE = "no longer there"


@dataclass(frozen=True, slots=True)
class RefusedBlock:
    """What the API refused: the blocks at `places`, or one of these `kinds` if it named no place.

    With `names_served` it spoke of what its own tools put into an answer: calls, results or citations.
    `reason` is a few words of ours. With `is_unknown_file` the API does not know, or not any more, the id
    by which the block refers to a file; `file_id` is the id if it was named.
    """

    kinds: frozenset[BlockKind]
    reason: str
    places: tuple[Place, ...] = ()
    is_unknown_file: bool = False
    file_id: str = ""
    names_served: bool = False


def refused_block(status: int, code: str, sentence: str, paths: Iterable[str] = ()) -> RefusedBlock | None:
    """The block that an error answer is about; None if it is about something else.

    `code` and `paths` are from the error's details, empty where it has none.
    """
    is_unknown_file = code == "file_expired" or bool(_UNKNOWN_FILE.search(sentence))
    if status != 400 and not (status == 404 and is_unknown_file):
        return None
    if is_unknown_file:
        file_id = "".join(_FILE_ID.findall(sentence)[:1])
        places = _places([*paths, sentence])
        return RefusedBlock(frozenset(_KINDS), _GONE, places, is_unknown_file=True, file_id=file_id)
    if _NO_CONTENT.search(sentence) or _ELSEWHERE.match(sentence):
        return None
    kinds, places = _kinds(sentence), _places([*paths, sentence])
    names_served = bool(_SERVED.search(sentence))
    if not kinds and not places and not names_served:
        return None
    return RefusedBlock(kinds, _reason(f"{code} {sentence}"), places, names_served=names_served)


def _places(texts: Iterable[str]) -> tuple[Place, ...]:
    """The places that these texts name, each once, in their order."""
    found: list[Place] = []
    for text in texts:
        for message, block, rest in _PLACE.findall(text):
            inner = _INNER.match(rest)
            numbers = [message, block, inner[1] if inner else ""]
            found.append(tuple(int(number) for number in numbers if number))
    return tuple(dict.fromkeys(found))


def _kinds(sentence: str) -> frozenset[BlockKind]:
    """By the type in the place, if it has one, else by the words; none if they speak of something else."""
    named = _PLACE.search(sentence)
    words = named[3].replace(".", " ") if named and named[3] else sentence
    return frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(words))


def _reason(words: str) -> str:
    for pattern, reason in _REASONS:
        if re.search(pattern, words, re.IGNORECASE):
            return reason
    return _NOT_ACCEPTED
