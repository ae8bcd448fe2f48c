"""Marks text that is data for Claude: `<tag>` on a line, the text, `</tag>` on a line.

Such texts come from files, from the web or from a conversation. One that holds a tag of the product could end
its section and go on in the product's name, so these tags are taken apart: Claude is shown `&lt;` for `<`.

Sections stand in messages of the user. The API takes each address there for one that the vendor wrote, and
opens it if Claude asks: one that a file brought in, or one that Claude made up of what stands in the files.
So addresses are broken: Claude is shown `https[:]//` for `https://`, and is told so.
"""

import os
import re

APP_FILES = "app_files"
PROJECT_RULES = "project_rules"
APP_CHECK = "app_check"
SUMMARY = "conversation_summary"
TRANSCRIPT = "conversation_transcript"
CUT_CALL = "cut_call"
ATTACHED = "attached_files"
FILE_CONTENTS = "file_contents"
WEB_RESULTS = "untrusted_web_results"
PREVIEW_CONSOLE = "preview_console"
CLOSING_ROOM = 40
BROKEN = (
    "(In what stands above, addresses are written with [:]//. Wherever you write one, write it with ://.)"
)
_IN_RESULTS = (FILE_CONTENTS, WEB_RESULTS, PREVIEW_CONSOLE)
_NAMES = "|".join(
    (APP_FILES, PROJECT_RULES, APP_CHECK, SUMMARY, TRANSCRIPT, CUT_CALL, ATTACHED, *_IN_RESULTS)
)
# Between `<` and the tag no further `<` may stand, so that each character is read once.
_TAGS = re.compile(rf"<(?=[^\w<]*(?:{_NAMES})\b)", re.IGNORECASE)
TAGS_IN_ANY_FORM = re.compile(rf"(<|&lt;)(?=([^\w<]*(?:{_NAMES})\b))", re.IGNORECASE)
"""The beginning of a tag of the product, whole or taken apart; the second group is the rest of it."""

# Also as JSON may have it, with `\/` for `/`.
_ADDRESS = re.compile(r":(?=\\?/\\?/)")

# No file and no web page can know it. It is in tags only until a tool's result is finished.
_SEAL = os.urandom(8).hex()


def section(tag: str, text: str) -> str:
    """The text as a section with this tag, which it cannot end, and from which the API opens no address."""
    whole = f"<{tag}>\n{taken_apart(text)}\n</{tag}>"
    if tag == TRANSCRIPT:  # it is read for a summary, without any tool
        return whole
    broken = _ADDRESS.sub("[:]", whole)
    return whole if broken == whole else f"{broken}\n{BROKEN}"


def is_section(tag: str, text: str) -> bool:
    """True if the text is, or begins with, a section with this tag."""
    return text.startswith(f"<{tag}>\n")


def taken_apart(text: str) -> str:
    """The text with `&lt;` for the `<` of every tag of the product."""
    return _TAGS.sub("&lt;", text)


def file_contents(text: str) -> str:
    """What stands in files, marked as such within a tool's result."""
    return _sealed(FILE_CONTENTS, text)


def web_results(text: str) -> str:
    """What stands on web pages, marked as such within a tool's result."""
    return _sealed(WEB_RESULTS, text)


def preview_console(text: str) -> str:
    """What the app wrote to its console in the preview, marked as such within a tool's result."""
    return _sealed(PREVIEW_CONSOLE, text)


def _sealed(tag: str, text: str) -> str:
    return f"<{_SEAL}{tag}>\n{text}\n</{_SEAL}{tag}>"


def finished(result: str) -> str:
    """A tool's whole result; every tag in it that did not come from `_sealed` is taken apart."""
    return taken_apart(result).replace(_SEAL, "")


def left_open(result: str) -> str:
    """The tag that closes the section in which a finished result was cut; empty if it was cut elsewhere."""
    for tag in _IN_RESULTS:
        if result.rfind(f"<{tag}>\n") > result.rfind(f"\n</{tag}>"):
            return f"\n</{tag}>"
    return ""
