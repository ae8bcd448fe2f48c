"""Reads the input of a call while the model writes it: the file's path, and the text that goes into the file.

The input is JSON that is cut anywhere. It is read once, piece by piece; that it is valid is for the parser to
say, at its end.
"""

import json
import re
from collections.abc import Callable

from aicode.surrogates import without_surrogates

Place = tuple[str | None, ...]
"""Where a value stands in an input: the keys on the way to it, None for any place of a list."""

PATH: Place = ("path",)
_STRING = re.compile(r'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+')
_BETWEEN = re.compile(r'[^"{}\[\],:]*+')
_ESCAPE = len(r"\u0000")
_decoded = json.JSONDecoder(strict=False).decode


class PartialInput:
    """The input of one call as far as it is written; `path` is set once it is known.

    The texts are the strings at the place `text_at`. Where that leads through a list, the list may also come
    as a string that holds it as JSON, as models send it now and then. The reader begins `inside` a value.
    """

    def __init__(self, text_at: Place, *, inside: Place = ()) -> None:
        self.path: str | None = None
        self._text_at = text_at
        self._inside: list[str | None] = list(inside)
        self._expects_key = False
        self._in_string = False
        # What takes the string under way, None if nobody wants it; `_whole` if it is wanted in one piece.
        self._taker: Callable[[str], object] | None = None
        self._whole: list[str] | None = None
        self._half = ""
        self._rest = ""
        self._texts: list[str] = []
        self._has_text = False
        self._is_broken = False

    def feed(self, piece: str) -> str:
        """Reads the next piece; returns what it adds to the texts, with a line break between each two.

        Behind a place that cannot be JSON nothing is found any more.
        """
        if self._is_broken:
            return ""
        try:
            self._read(self._rest + piece)
        except ValueError:
            self._is_broken = True
        text = "".join(self._texts)
        self._texts.clear()
        return text

    def _read(self, json_text: str) -> None:
        self._rest, at, end = "", 0, len(json_text)
        while at < end:
            if not self._in_string:
                at = _end_of(_BETWEEN, json_text, at)
                if at < end:
                    self._mark(json_text[at])
                at += 1
                continue
            start, at = at, _end_of(_STRING, json_text, at)
            self._hear(json_text[start:at])
            if at < end and json_text[at] == '"':
                self._close_string()
                at += 1
            elif at < end:
                self._rest = json_text[at:]
                if len(self._rest) >= _ESCAPE:
                    raise ValueError(self._rest[:_ESCAPE])
                return

    def _mark(self, mark: str) -> None:
        inside = self._inside
        if mark == '"':
            self._open_string()
        elif mark in "{[":
            inside.append("" if mark == "{" else None)
            self._expects_key = mark == "{"
        elif mark in "}]":
            if inside:
                inside.pop()
            self._expects_key = False
        else:
            self._expects_key = mark == "," and bool(inside) and inside[-1] is not None

    def _open_string(self) -> None:
        self._in_string, self._taker, self._whole = True, None, None
        # A long way in there is nothing to find, and comparing places would take ever longer.
        place = tuple(self._inside) if len(self._inside) <= len(self._text_at) else None
        if self._expects_key or place == PATH:
            self._whole = []
            self._taker = self._whole.append
        elif place == self._text_at:
            if self._has_text:
                self._texts.append("\n")
            self._has_text, self._taker = True, self._texts.append
        elif place is not None and self._text_at[: len(place) + 1] == (*place, None):
            self._taker = self._list_in_string(place)

    def _list_in_string(self, place: Place) -> Callable[[str], object]:
        within = PartialInput(self._text_at, inside=place)
        return lambda text: self._texts.append(within.feed(text))

    def _hear(self, escaped: str) -> None:
        if self._taker is None or not escaped:
            return
        text = str(_decoded(f'"{escaped}"')) if "\\" in escaped else escaped
        if self._half:
            pair = (self._half + text).encode("utf-16-le", "surrogatepass")
            text, self._half = pair.decode("utf-16-le", "surrogatepass"), ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        self._taker(without_surrogates(text))

    def _close_string(self) -> None:
        if self._half and self._taker is not None:
            self._taker(without_surrogates(self._half))
        if self._whole is not None and self._expects_key:
            self._inside[-1] = "".join(self._whole)
        elif self._whole is not None:
            self.path = "".join(self._whole)
        self._in_string, self._taker, self._half = False, None, ""


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the pattern's match from `at` on ends; it may be empty."""
    match = pattern.match(text, at)
    return match.end() if match else at
