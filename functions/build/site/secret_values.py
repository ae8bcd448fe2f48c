"""Finds what must not be public: files and variables that look secret, and are part of what was built."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aicode.api_types import FoundProblem
from aicode.file_store.secret_paths import looks_secret
from aicode.secret_keys import known_keys
from build.site.environment import Variable
from build.source import Source

CODE = "secret"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# What a name says in full: `clientSecret`, `DB_PASSWORD`, `privateKey`, `SUPABASE_SERVICE_ROLE_KEY`.
_SECRET = re.compile(r"\b(?:secrets?|password|passwd|passphrase|credentials?|private key|service role)\b")
# What may be for everybody too: only with a value that was drawn at random.
_KEY = re.compile(r"\b(?:token|api ?key|access key|auth key)\b")
_PUBLIC = re.compile(r"\b(?:public|publishable|anon)\b")
_ASSIGNED = re.compile(
    r"""([A-Za-z_$][\w$]*)["']?\]?\s*(?::\s*string\s*)?[:=]\s*(["'`])((?:(?!\2)[^\s\\]){6,})\2"""
)
# A password within an address, and what signs in to a service: neither needs a name to be known by.
_SIGNS_IN = re.compile(r"\w://[^\s/:@\"'`]*:([^\s/:@\"'`{}$]{6,})@|\b[Bb]earer\s+([\w.~+/-]{16,})")
_ENCODED = re.compile(rb"[A-Za-z0-9+/]{20,}={0,2}")
_DIGITS = re.compile(r"\d")
_KEY_DIGITS = 3
_KEY_LENGTH = 16
# Shorter ones are looked for as a whole string: they may be part of any word.
_WORD_LENGTH = 8
# Keys that their services make for browsers: Stripe's publishable ones, Mapbox's and Google's.
_FOR_BROWSERS = re.compile(r"pk_(?:live|test)_|pk\.eyJ|AIza")
_WEB_TOKEN = re.compile(r"eyJ[\w-]+\.([\w-]+)")


def secret_problems(
    source: Source, variables: Mapping[str, Variable], built: Iterable[str], outputs: Sequence[bytes]
) -> list[FoundProblem]:
    """What of the files that were `built` in must not be in these outputs; no value is told."""
    paths = sorted(set(built))
    texts = {
        path: source.text(path)
        for path in paths
        if not looks_secret(path) and b"\0" not in (source.files.get(path) or b"")
    }
    everything = b"\n".join(outputs)
    told = [*_of_variables(variables, texts, everything), *_of_texts(texts, everything)]
    known = {key for _, _, _, value in told for key in secret_keys(value)}
    # What the bundler put together of parts, and what is written in another way.
    put_together = [_origin(key, texts) for key in sorted({*_keys_in(outputs)} - known)]
    places = dict.fromkeys((path, line, what) for path, line, what, _ in told) | dict.fromkeys(put_together)
    return [
        *(
            _problem(path, 0, f"{path} looks like a file of secrets by its name", "give it another name")
            for path in paths
            if looks_secret(path)
        ),
        *(_problem(path, line, what) for path, line, what in places),
    ]


def _of_variables(
    variables: Mapping[str, Variable], texts: Mapping[str, str], everything: bytes
) -> Iterator[tuple[str, int, str, str]]:
    for name, variable in variables.items():
        if _is_secret_variable(name, variable.value):
            used = _first(rf"\b{re.escape(name)}\b", texts)
            # Without its name it may be there by way of the whole environment.
            if used or _is_in(variable.value, everything):
                what = f"The variable {name} of {variable.path} looks like a secret"
                yield *(used or (variable.path, variable.line)), what, variable.value


def _of_texts(texts: Mapping[str, str], everything: bytes) -> Iterator[tuple[str, int, str, str]]:
    for path, text in texts.items():
        for at, what, value in _of_text(text):
            if _is_in(value, everything):
                yield path, _line(text, at), what, value


def _origin(key: str, texts: Mapping[str, str]) -> tuple[str, int, str]:
    """Where the end of a key is, which is nowhere in one piece."""
    found = _first(re.escape(key[-_WORD_LENGTH:]), texts)
    what = "What is built of this line" if found else "What is built of the app"
    path, line = found or ("", 0)
    return path, line, f"{what} has what looks like a key"


def _first(pattern: str, texts: Mapping[str, str]) -> tuple[str, int] | None:
    """The first file and line where this is."""
    found = ((path, re.search(pattern, text)) for path, text in texts.items())
    return next(((path, _line(texts[path], match.start())) for path, match in found if match), None)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _is_in(value: str, everything: bytes) -> bool:
    ways = {value.encode(), value.replace("\\", "\\\\").encode()}
    if len(value) < _WORD_LENGTH:
        ways = {quote + way + quote for way in ways for quote in (b'"', b"'", b"`")}
    return any(way in everything for way in ways)


def _of_text(text: str) -> Iterator[tuple[int, str, str]]:
    """What looks secret in a file of the app: where, in words, and its value."""
    named: set[tuple[int, int]] = set()
    for match in _ASSIGNED.finditer(text):
        if _is_secret(match[1], match[3]):
            named.add(match.span(3))
            yield match.start(), f"The variable {match[1]} looks like a secret", match[3]
    for match in _SIGNS_IN.finditer(text):
        value = match[1] or match[2]
        if len(_DIGITS.findall(value)) >= (1 if match[1] else _KEY_DIGITS):
            yield match.start(), "This line has what looks like a password or a token", value
    for key in dict.fromkeys(secret_keys(text)):
        at = text.find(key)
        if not any(start <= at < end for start, end in named):
            line = text[text.rfind("\n", 0, at) + 1 : at]
            name = re.search(r"([A-Za-z_$][\w$]*)[\"']?\s*[:=]", line)
            what = f"What {name[1]} is set to" if name else "What is in this line"
            yield at, f"{what} looks like a key", key


def _is_secret_variable(name: str, value: str) -> bool:
    """Of the environment, where nothing stands but settings, the name alone says it."""
    words = _words(name)
    if not value or _is_for_everybody(words, value):
        return bool(secret_keys(value))
    return (
        bool(_SECRET.search(words))
        or _is_secret(name, value)
        or bool(_KEY.search(words) and value.isalnum() and len(value) >= _KEY_LENGTH)
    )


def _is_secret(name: str, value: str) -> bool:
    if secret_keys(value):
        return True
    words = _words(name)
    if _is_for_everybody(words, value):
        return False
    digits = len(_DIGITS.findall(value))
    if _SECRET.search(words):
        return bool(digits) or len(value) >= _KEY_LENGTH
    return bool(_KEY.search(words)) and len(value) >= _KEY_LENGTH and digits >= _KEY_DIGITS


def _words(name: str) -> str:
    return " ".join(_WORD.findall(name)).lower()


def _is_for_everybody(words: str, value: str) -> bool:
    return bool(
        _PUBLIC.search(words) or _FOR_BROWSERS.match(value) or value.startswith(("/", "http:", "https:"))
    )


def secret_keys(text: str) -> list[str]:
    """The parts of a text that look like keys, those that are made for browsers left out."""
    return [key for key in known_keys(text) if not _FOR_BROWSERS.match(key) and not _is_word(key, text)]


def _keys_in(outputs: Iterable[bytes]) -> Iterator[str]:
    """The keys in what was built, those within base64 too."""
    for data in outputs:
        if b"\0" not in data:
            yield from secret_keys(data.decode(errors="replace"))
            for encoded in _ENCODED.findall(data):
                with suppress(binascii.Error, UnicodeDecodeError):
                    if secret_keys(base64.b64decode(encoded + b"===").decode("ascii")):
                        yield encoded.decode()


def _is_word(key: str, text: str) -> bool:
    if key.startswith("sk-"):  # a class name may begin like this too
        return len(_DIGITS.findall(key)) < _KEY_DIGITS
    token = _WEB_TOKEN.match(text[text.find(key) :])
    # Supabase's key for browsers is a token whose role is that of somebody who is not signed in.
    with suppress(ValueError, AttributeError):
        payload: Any = json.loads(base64.urlsafe_b64decode(f"{token[1]}===")) if token else None
        return payload.get("role") == "anon"
    return False


def _problem(path: str, line: int, what: str, otherwise: str = "call it public by its name") -> FoundProblem:
    message = (
        f"{what}, and everybody who opens the site could read it. Take it out of what runs in the browser, "
        f"or, if it is for everybody, {otherwise}."
    )
    return FoundProblem(path=path, line=line, column=1 if line else 0, code=CODE, message=message)
