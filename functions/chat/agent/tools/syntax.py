"""Checks the syntax of a file's text, and finds the first line with a problem."""

import ast
import functools
import importlib
import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from chat.agent.tools.excerpt import BOM, shortened
from chat.agent.tools.stopping import expect_wanted, in_thread

# A text that is longer, or takes tree-sitter longer, is not checked: some are made to slow parsers down.
CHARACTERS = 200_000
SECONDS = 0.5
_CHUNK_BYTES = 4_096

# At-rules whose block holds rules or declarations. The blocks of others, which tools add to CSS, may hold
# anything.
_CSS_BLOCKS = frozenset(
    {"media", "supports", "layer", "container", "scope", "starting-style", "font-face", "page", "keyframes"}
)
# https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
_OPTIONAL_END = (
    *("html", "head", "body", "li", "dt", "dd", "p", "rt", "rp", "optgroup", "option", "colgroup"),
    *("caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
)
# https://html.spec.whatwg.org/multipage/syntax.html#void-elements
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
_WITHOUT_END = frozenset({*_OPTIONAL_END, *_VOID})

_warnings = threading.Lock()


@dataclass(frozen=True, slots=True)
class Problem:
    """The first line, counted from 1, where a parser stumbled, and why."""

    line: int
    reason: str


Parse = Callable[[str], Problem | None]


async def new_problem(path: str, before: str | None, after: str) -> Problem | None:
    """The first problem of the text `after`, unless the text `before` had one too; None if there is none.

    Checks JSON, Python, JavaScript, TypeScript, JSX, CSS and HTML, by the file's name; all others give None.
    `before` is None for a new file. A grammar can be older than the language, so a problem is only a hint.
    """
    parse = _parser_for(path)
    return parse and await in_thread(_compare, parse, before, after)


def _compare(parse: Parse, before: str | None, after: str) -> Problem | None:
    problem = _check(parse, after)
    return problem if problem and (before is None or _check(parse, before) is None) else None


def _check(parse: Parse, text: str) -> Problem | None:
    expect_wanted()
    if len(text) > CHARACTERS or not text.strip():
        return None
    try:
        return parse(text.removeprefix(BOM))
    except (RecursionError, MemoryError):  # nested too deeply to be parsed, which need not be wrong
        return None


def _parser_for(path: str) -> Parse | None:
    name = PurePosixPath(path).name.lower()
    if name.startswith(("tsconfig", "jsconfig")):
        return None  # JSON with comments
    return _PARSERS.get(PurePosixPath(name).suffix)


def _json(text: str) -> Problem | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Problem(error.lineno, error.msg)
    except ValueError:  # a number of too many digits
        return None
    return None


def _python(text: str) -> Problem | None:
    with _warnings, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as error:
            return Problem(error.lineno or 1, error.msg)
    return None


def _css(text: str) -> Problem | None:
    # Imported late, as are the grammars below, because most turns need only one of them or none.
    import tinycss2  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    library: Any = tinycss2
    # CSS closes all open blocks at its end. So a brace is added, which is an error only if no block is open.
    *values, last = library.parse_component_value_list(text + "\n}")
    if not (last.type == "error" and last.kind == "}"):
        blocks = [value for value in [*values, last] if value.type == "{} block"]
        return Problem(blocks[-1].source_line if blocks else 1, "a block, string or comment is not closed")
    rules = library.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return next(_css_problems(library, rules, "this is no rule; is a brace missing or too many?"), None)


def _css_problems(library: Any, nodes: Any, reason: str) -> Iterator[Problem]:
    for node in nodes:
        if node.type == "error":
            yield Problem(node.source_line, reason)
        elif node.type == "declaration":
            yield from (
                Problem(part.source_line, part.message) for part in node.value if part.type == "error"
            )
        elif node.content and (node.type == "qualified-rule" or node.lower_at_keyword in _CSS_BLOCKS):
            inside = library.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            yield from _css_problems(library, inside, "this is neither a declaration nor a rule")


def _tree_sitter(package: str, language: str = "language") -> Parse:
    def parse(text: str) -> Problem | None:
        data = text.encode()
        root = _root(package, language, data)
        if root is None:
            return None
        return _unparsed(root, data) if root.has_error else next(_unmatched_tags(root), None)

    return parse


def _root(package: str, language: str, data: bytes) -> Any:
    """The syntax tree of UTF-8 text; None if it takes too long."""
    tree_sitter: Any = importlib.import_module("tree_sitter")
    parser = tree_sitter.Parser(_language(package, language))
    # The limit is for this thread's own time: loading a grammar and other threads' work do not count.
    end = time.thread_time() + SECONDS

    # Read piece by piece, because a parse can only be ended by ending its text.
    def read(offset: int, _point: object) -> bytes:
        return data[offset : offset + _CHUNK_BYTES] if time.thread_time() < end else b""

    tree = parser.parse(read)
    return tree.root_node if time.thread_time() < end else None


@functools.cache
def _language(package: str, language: str) -> Any:
    tree_sitter: Any = importlib.import_module("tree_sitter")
    return tree_sitter.Language(getattr(importlib.import_module(package), language)())


def _unparsed(root: Any, data: bytes) -> Problem:
    """The first place that did not parse; if such places are nested, the innermost one."""
    node = root
    while inner := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = inner
    line = node.start_point.row + 1
    if node.is_missing:
        return Problem(line, f"{node.type} is missing")
    found = data[node.start_byte : node.end_byte].decode(errors="replace").strip().split("\n")[0]
    return Problem(line, f"this does not parse: {shortened(found, 80)}")


def _unmatched_tags(root: Any) -> Iterator[Problem]:
    """Tags of HTML or JSX that the grammar lets pass although they do not belong together."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        line = node.start_point.row + 1
        match node.type:
            case "erroneous_end_tag":
                yield Problem(line, f"{node.text.decode()} closes nothing")
            case "element" if node.children[0].type == "start_tag" and node.children[-1].type != "end_tag":
                name = node.children[0].children[1].text.decode()
                if name.lower() not in _WITHOUT_END:
                    yield Problem(line, f"<{name}> is not closed")
            case "jsx_element" if _tag_name(node.children[0]) != _tag_name(node.children[-1]):
                yield Problem(line, f"<{_tag_name(node.children[0])}> is not closed")
            case _:
                pass
        nodes += reversed(node.children)


def _tag_name(tag: Any) -> str:
    name = tag.child_by_field_name("name")
    return name.text.decode() if name else ""


_javascript = _tree_sitter("tree_sitter_javascript")
_typescript = _tree_sitter("tree_sitter_typescript", "language_typescript")
_PARSERS: dict[str, Parse] = {
    ".json": _json,
    ".py": _python,
    ".css": _css,
    ".html": _tree_sitter("tree_sitter_html"),
    ".htm": _tree_sitter("tree_sitter_html"),
    ".js": _javascript,
    ".jsx": _javascript,
    ".mjs": _javascript,
    ".cjs": _javascript,
    ".ts": _typescript,
    ".mts": _typescript,
    ".cts": _typescript,
    ".tsx": _tree_sitter("tree_sitter_typescript", "language_tsx"),
}
