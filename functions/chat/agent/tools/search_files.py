"""The tool that searches the app's files: search_files."""

import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, cast

from aicode.errors import ToolError
from chat.agent.sections import file_contents
from chat.agent.tools.attachments import FOLDER
from chat.agent.tools.excerpt import lines_of
from chat.agent.tools.file_inputs import SearchFiles
from chat.agent.tools.stopping import expect_wanted, in_thread
from chat.agent.tools.tool import Tool, ToolOutput
from chat.agent.tools.workspace import Workspace

MATCHES = 100
PATHS = 500
OUTPUT_CHARACTERS = 30_000
_LEFT_OUT = f" What the vendor attached was not searched: that takes the glob {FOLDER}/**."
LINE_CHARACTERS = 300
FILES_AT_ONCE = 100
SECONDS = 8.0
# Even in linear time a large pattern takes half a minute for a megabyte, so texts are searched in pieces,
# and the clock is looked at in between.
PIECE_BYTES = 32_768
OVERLAP_BYTES = 16_384


class _Found(Protocol):
    def start(self) -> int: ...


class _Pattern(Protocol):
    """A compiled expression of google-re2, which carries no types; its time is linear in the text."""

    def search(self, text: bytes, pos: int, endpos: int) -> _Found | None: ...
    def fullmatch(self, text: str) -> object | None: ...


@dataclass(slots=True)
class _Results:
    """What has been found, up to the limits; `stopped` says why the search ended early, if it did."""

    matches: int = 0
    files: int = 0
    searched: int = 0
    rows: list[str] = field(default_factory=list[str])
    characters: int = 0
    stopped: str = ""

    def add(self, row: str) -> None:
        self.rows.append(row)
        self.characters += len(row) + 1

    def stop_at_limit(self, *, late: bool) -> None:
        if self.matches >= MATCHES:
            self.stopped = f"{MATCHES} matches are shown, there may be more"
        elif self.characters > OUTPUT_CHARACTERS:
            self.stopped = "the result is full, there may be more matches"
        elif late:
            self.stopped = f"stopped after {SECONDS:.0f} s"


def search_tool(workspace: Workspace, *, clock: Callable[[], float] = time.monotonic) -> Tool[SearchFiles]:
    """A tool that only reads; a file found by it does not count as read. `clock` is in seconds."""

    async def search_files(request: SearchFiles, _call_id: str) -> ToolOutput:
        expression = _compiled(f"(?m){request.pattern}", "pattern")
        files = await workspace.paths()
        attached = workspace.attachments.text_paths()
        leaves_out = bool(attached) and not _is_in_attachments(request.glob)
        paths = _chosen([*files, *(() if leaves_out else attached)], request.glob)
        if not request.pattern:
            return _listed(paths, request.glob)
        paths = [path for path in paths if path not in files or not files[path].media_type]
        deadline = clock() + SECONDS

        def is_late() -> bool:
            return clock() > deadline

        results = _Results()
        for start in range(0, len(paths), FILES_AT_ONCE):
            texts = await workspace.texts(paths[start : start + FILES_AT_ONCE])
            # In a thread, so that a long search holds up neither the stream nor the other tools.
            await in_thread(_search, texts, expression, request.context or 0, results, is_late)
            if results.stopped:
                break
        return _output(results, len(paths), _LEFT_OUT if leaves_out else "")

    return Tool(
        name="search_files", description=_SEARCH, input_type=SearchFiles, run=search_files, effect="read"
    )


def _is_in_attachments(glob: str | None) -> bool:
    """True for a glob that asks for what the vendor attached; a search of the app leaves that out."""
    return (glob or "").removeprefix("./").removeprefix("/").startswith(f"{FOLDER}/")


def _compiled(expression: str, what: str) -> _Pattern:
    # Imported late, because most turns do not need it.
    re2 = importlib.import_module("re2")
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    options.never_capture = True
    try:
        return cast(_Pattern, re2.compile(expression, options))
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ToolError(
            f"The {what} is not a regular expression that can be searched for: {text[:200]}. "
            "It is RE2 syntax: no look-around, no back-references, repetitions up to 1,000."
        ) from None


def _chosen(paths: Sequence[str], glob: str | None) -> list[str]:
    if not glob:
        return list(paths)
    glob = glob.removeprefix("./").removeprefix("/")
    pattern = _compiled(_glob_expression(f"{glob}**" if glob.endswith("/") else glob), "glob")
    in_any_folder = "/" not in glob
    return [path for path in paths if pattern.fullmatch(path.rsplit("/", 1)[-1] if in_any_folder else path)]


def _glob_expression(glob: str) -> str:
    """The glob as a regular expression: `**` crosses folders, `*` and `?` don't, `{a,b}` is a choice."""
    parts: list[str] = []
    position = depth = 0
    while position < len(glob):
        part = next(sign for sign in ("**/", "**", glob[position]) if glob.startswith(sign, position))
        position += len(part)
        if part == "{" and "}" in glob[position:]:
            depth += 1
            parts.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            parts.append(")")
        elif part == "," and depth:
            parts.append("|")
        else:
            parts.append(_WILDCARDS.get(part) or _quoted(part))
    return "".join(parts) + ")" * depth


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _quoted(char: str) -> str:
    return f"\\{char}" if char in "\\.+*?()|[]{}^$-" else char


def _search(
    texts: Mapping[str, str],
    expression: _Pattern,
    context: int,
    results: _Results,
    is_late: Callable[[], bool],
) -> None:
    for path, text in texts.items():
        if results.stopped:
            return
        results.searched += 1
        unix = text.replace("\r\n", "\n")
        found = _hits(unix.encode(), expression, is_late)
        hits = dict(islice(found, MATCHES - results.matches))
        if hits:
            results.files += 1
            results.matches += len(hits)
            results.add(path)
            for row in _rows(lines_of(unix), hits, context):
                results.add(row)
        results.stop_at_limit(late=is_late())


def _hits(data: bytes, expression: _Pattern, is_late: Callable[[], bool]) -> Iterator[tuple[int, int]]:
    """The first match of each matching line: its line number, and its offset there in characters."""
    number, position = 1, 0
    for start, end in _pieces(data):
        while (at := max(position, start)) < end and (found := expression.search(data, at, end)):
            line_start = data.rfind(b"\n", 0, found.start()) + 1
            if line_start >= len(data):
                return
            number += data.count(b"\n", position, line_start)
            yield number, len(data[line_start : found.start()].decode(errors="replace"))
            line_end = data.find(b"\n", found.start())
            if line_end < 0:
                return
            number, position = number + 1, line_end + 1
        expect_wanted()
        if is_late():
            return


def _pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each piece: whole lines, or overlapping parts of a very long line."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PIECE_BYTES, start + 2 * PIECE_BYTES) + 1
        if end:
            yield start, end
            start = end
        else:
            end = start + 2 * PIECE_BYTES
            yield start, min(end, len(data))
            start = end - OVERLAP_BYTES if end < len(data) else end


def _rows(lines: Sequence[str], hits: Mapping[int, int], context: int) -> Iterator[str]:
    wanted = sorted(
        {n for hit in hits for n in range(max(1, hit - context), min(len(lines), hit + context) + 1)}
    )
    previous = wanted[0] - 1
    for number in wanted:
        if context and number > previous + 1:
            yield "  ..."
        previous = number
        mark = ":" if number in hits else "-"
        yield f"{number:>5}{mark} {_window(lines[number - 1], hits.get(number, 0))}"


def _window(line: str, offset: int) -> str:
    """The line, or the part of a long one around the match."""
    if len(line) <= LINE_CHARACTERS:
        return line
    start = max(0, min(offset - 60, len(line) - LINE_CHARACTERS))
    end = start + LINE_CHARACTERS
    return f"{'...' if start else ''}{line[start:end]}{'...' if end < len(line) else ''}"


def _output(results: _Results, chosen: int, left_out: str) -> ToolOutput:
    files = f"{chosen:,} file{'s' if chosen != 1 else ''}"
    if not results.matches:
        end = f" ({results.stopped}, after {results.searched:,} of them)" if results.stopped else ""
        return ToolOutput(content=f"No match in {files}{end}.{left_out}", summary=f"No match in {files}")
    lines = f"{results.matches:,} line{'s' if results.matches != 1 else ''}"
    summary = f"{lines} in {results.files:,} of {files}"
    head = f"{summary}{f' [{results.stopped}; narrow the pattern or the glob]' if results.stopped else ''}"
    return ToolOutput(content="\n".join([head, file_contents("\n".join(results.rows))]), summary=summary)


def _listed(paths: Sequence[str], glob: str | None) -> ToolOutput:
    summary = f"{len(paths):,} file{'s' if len(paths) != 1 else ''}{f' match {glob}' if glob else ''}"
    rows = [summary, *paths[:PATHS]]
    if len(paths) > PATHS:
        rows.append(f"[{len(paths) - PATHS:,} more; narrow the glob]")
    return ToolOutput(content="\n".join(rows), summary=summary)


_SEARCH = """\
Searches the contents of the app's files, line by line, with a regular expression, and shows the matching \
lines with their numbers under each path. Use it to find where something is defined or used, before \
reading whole files. glob limits it to some paths; context shows lines around each match. At most 100 \
matching lines are shown; binary files are passed over. With an empty pattern it lists the paths that fit \
the glob instead.
Example: {"pattern": "useState\\\\(", "glob": "src/**/*.{ts,tsx}", "context": 2}"""
