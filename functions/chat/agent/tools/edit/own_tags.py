"""Edits of texts that hold tags of the product. Claude is shown them taken apart, `&lt;` for `<`. Pure.

So both forms of such a tag in a file look alike to Claude, who may write either. They are the same when a
place is looked for, and each place keeps the form that it has.
"""

from bisect import bisect_left
from collections import defaultdict

from chat.agent.sections import TAGS_IN_ANY_FORM

_LONGER_BY = len("&lt;") - len("<")


def has_tags(text: str) -> bool:
    """True if the text has a tag of the product, in any form."""
    return TAGS_IN_ANY_FORM.search(text) is not None


def joined(text: str) -> str:
    """The text with all tags of the product whole."""
    return TAGS_IN_ANY_FORM.sub("<", text)


class Joined:
    """A file's text with all tags of the product whole, and the places of it in the file."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.text = joined(source)
        # Where in the joined text a tag begins that the file has taken apart.
        found = [match for match in TAGS_IN_ANY_FORM.finditer(source) if match[1] != "<"]
        self._apart = [match.start() - n * _LONGER_BY for n, match in enumerate(found)]

    def in_file(self, start: int, end: int, new: str, given: str) -> tuple[int, int, str] | None:
        """The place in the file, and the joined text `new` for it with tags in the forms of the place.

        A tag that the place does not have is as in `given`, the new text in Claude's words. None if the place
        has the same tag in both forms, and it cannot be told which is which.
        """
        start, end = self._offset(start), self._offset(end)
        text = spelled_as(self._source[start:end], spelled_as(given, new) or given)
        return None if text is None else (start, end, text)

    def _offset(self, offset: int) -> int:
        return offset + _LONGER_BY * bisect_left(self._apart, offset)


def spelled_as(sample: str, text: str) -> str | None:
    """The text with its tags of the product in the forms that the sample has of them.

    A tag that the sample does not have stays as it is. None if the sample has both forms of one, and not as
    often as the text has it.
    """
    forms, wanted = _forms(sample), _forms(text)
    taken: dict[str, list[str]] = {}
    for tag, own in wanted.items():
        known = forms.get(tag, own)
        if len(known) != len(own) and len(set(known)) > 1:
            return None
        taken[tag] = list(known if len(known) == len(own) else known[:1] * len(own))
    return TAGS_IN_ANY_FORM.sub(lambda match: taken[match[2].casefold()].pop(0), text)


def _forms(text: str) -> dict[str, list[str]]:
    forms: defaultdict[str, list[str]] = defaultdict(list)
    for match in TAGS_IN_ANY_FORM.finditer(text):
        forms[match[2].casefold()].append(match[1].lower())
    return forms
