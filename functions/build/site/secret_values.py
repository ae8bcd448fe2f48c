"""Finds what must not be public: files and variables that look secret, and are part of what was built."""

import base64
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
    r"""([A-Za-z_$][\w$]*)["']?\s*(?::\s*string\s*)?[:=]\s*(["'`])((?:(?!\2)[^\s\\]){8,})\2"""
)
_DIGITS = re.compile(r"\d")
_KEY_DIGITS = 3
_KEY_LENGTH = 16
# Keys that their services make for browsers: Stripe's publishable ones, those of Google's client libraries.
_FOR_BROWSERS = re.compile(r"pk_(?:live|test)_|AIza")
_WEB_TOKEN = re.compile(r"eyJ[\w-]+\.([\w-]+)")


def secret_problems(
    source: Source, variables: Mapping[str, Variable], built: Iterable[str], outputs: Sequence[bytes]
) -> list[FoundProblem]:
    """What of the files that were `built` in must not be in these outputs; no value is told."""
    everything = b"\n".join(outputs)
    found: list[FoundProblem] = []
    for path in sorted(set(built)):
        if looks_secret(path):
            found.append(_problem(path, 0, f"{path} looks like a file of secrets by its name"))
            continue
        if b"\0" in (source.files.get(path) or b""):
            continue
        for number, line in enumerate(source.text(path).splitlines(), 1):
            found += (_problem(path, number, words) for words in _of_line(line, variables, everything))
    return found


def _of_line(line: str, variables: Mapping[str, Variable], everything: bytes) -> Iterator[str]:
    told: set[str] = set()
    for name, variable in variables.items():
        if re.search(rf"\b{re.escape(name)}\b", line) and _is_secret(name, variable.value):
            told.add(name)
            yield f"The variable {name} of {variable.path} looks like a secret"
    for name, _, value in _ASSIGNED.findall(line):
        if name not in told and _is_secret(name, value) and value.encode() in everything:
            told.add(name)
            yield f"The variable {name} looks like a secret"
    if not told and any(key.encode() in everything for key in secret_keys(line)):
        named = re.search(r"([A-Za-z_$][\w$]*)[\"']?\s*[:=]", line)
        yield (
            f"What {named[1]} is set to looks like a key" if named else "This line has what looks like a key"
        )


def _is_secret(name: str, value: str) -> bool:
    if secret_keys(value):
        return True
    words = " ".join(_WORD.findall(name)).lower()
    if _PUBLIC.search(words) or _FOR_BROWSERS.match(value) or value.startswith(("/", "http:", "https:")):
        return False
    digits = len(_DIGITS.findall(value))
    if _SECRET.search(words):
        return bool(digits) or len(value) >= _KEY_LENGTH
    return bool(_KEY.search(words)) and len(value) >= _KEY_LENGTH and digits >= _KEY_DIGITS


def secret_keys(text: str) -> list[str]:
    """The parts of a text that look like keys, those that are made for browsers left out."""
    return [key for key in known_keys(text) if not _FOR_BROWSERS.match(key) and not _is_word(key, text)]


def _is_word(key: str, text: str) -> bool:
    if key.startswith("sk-"):  # a class name may begin like this too
        return len(_DIGITS.findall(key)) < _KEY_DIGITS
    token = _WEB_TOKEN.match(text[text.find(key) :])
    # Supabase's key for browsers is a token whose role is that of somebody who is not signed in.
    with suppress(ValueError, AttributeError):
        payload: Any = json.loads(base64.urlsafe_b64decode(f"{token[1]}===")) if token else None
        return payload.get("role") == "anon"
    return False


def _problem(path: str, line: int, what: str) -> FoundProblem:
    message = (
        f"{what}, and everybody who opens the site could read it. Take it out of what runs in the browser."
    )
    return FoundProblem(path=path, line=line, column=1 if line else 0, code=CODE, message=message)
