"""The tools that look at files: list_files and read_file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aicode.errors import ToolError
from chat.agent.sections import file_contents
from chat.agent.tools.excerpt import BOM, lines_of, numbered
from chat.agent.tools.file_inputs import ListFiles, ReadFile
from chat.agent.tools.tool import Tool, ToolOutput
from chat.agent.tools.workspace import Workspace

TREE_LINES = 400
READ_CHARACTERS = 40_000


# Any, because a list holds tools of different inputs and Tool is invariant in its input.
def reading_tools(workspace: Workspace) -> list[Tool[Any]]:
    """Tools that only read; Claude knows the version of a file that it has read."""

    async def list_files(_request: ListFiles, _call_id: str) -> ToolOutput:
        sizes = await workspace.paths()
        summary = f"{len(sizes):,} file{'s' if len(sizes) != 1 else ''}"
        return ToolOutput(content=tree(sizes), summary=summary)

    async def read_file(request: ReadFile, _call_id: str) -> ToolOutput:
        path = workspace.normalised(request.path)
        return _lines(path, await workspace.read(path), request.start_line or 1, request.end_line)

    return [
        Tool(name="list_files", description=_LIST, input_type=ListFiles, run=list_files, effect="read"),
        Tool(
            name="read_file",
            description=_READ,
            input_type=ReadFile,
            run=read_file,
            effect="read",
            read_on=_read_on,
        ),
    ]


def _lines(path: str, text: str, first: int, last: int | None) -> ToolOutput:
    lines = lines_of(text)
    if not lines:
        return ToolOutput(content=f"{path} is empty.", summary=f"{path} (empty)")
    if last is not None and last < first:
        raise ToolError(f"end_line {last} is before start_line {first}.")
    if first > len(lines):
        raise ToolError(f"start_line {first} is beyond the end: {path} has {len(lines):,} lines.")
    excerpt = numbered(lines, first, last, budget=READ_CHARACTERS)
    head = f"{path}: lines {excerpt.first} to {excerpt.last} of {len(lines)}{_peculiarities(text)}"
    content = f"{head}\n{file_contents(excerpt.text)}"
    if excerpt.last < min(last or len(lines), len(lines)):
        content += f"\n[cut here for its size; go on with start_line {excerpt.last + 1}]"
    return ToolOutput(
        content=content, summary=f"{path}, lines {excerpt.first}-{excerpt.last} of {len(lines)}"
    )


def _read_on(shown: str) -> str:
    """Tells Claude how to read on behind these lines of a file."""
    number, tab, _ = shown.rpartition("\n")[2].partition("\t")
    return (
        f"Go on with start_line {int(number) + 1}."
        if tab and number.strip().isdigit()
        else "Read fewer lines."
    )


def _peculiarities(text: str) -> str:
    """Names what numbered lines do not show but edits keep, such as CRLF."""
    crlf = text.count("\r\n")
    kinds = [
        "byte order mark" if text.startswith(BOM) else "",
        ("CRLF line ends" if crlf == text.count("\n") else "mixed line ends") if crlf else "",
        "" if text.endswith("\n") else "no line feed at the end",
    ]
    found = ", ".join(filter(None, kinds))
    return f" ({found})" if found else ""


@dataclass(slots=True)
class _Folder:
    files: dict[str, int] = field(default_factory=dict[str, int])
    folders: dict[str, "_Folder"] = field(default_factory=dict[str, "_Folder"])

    def totals(self) -> tuple[int, int]:
        """Number and bytes of all files below."""
        below = [folder.totals() for folder in self.folders.values()]
        return len(self.files) + sum(n for n, _ in below), sum(self.files.values()) + sum(b for _, b in below)


def tree(sizes: Mapping[str, int]) -> str:
    """Files as an indented tree with sizes; if that gets too long, deep folders are one line each."""
    if not sizes:
        return "The app has no files yet."
    root = _Folder()
    for path, size in sizes.items():
        *folders, name = path.split("/")
        folder = root
        for part in folders:
            folder = folder.folders.setdefault(part, _Folder())
        folder.files[name] = size
    depth = max(path.count("/") for path in sizes)
    while depth and sum(1 for _ in _rows(root, depth)) > TREE_LINES:
        depth -= 1
    rows = list(_rows(root, depth))
    count, total = root.totals()
    head = f"{count:,} file{'s' if count != 1 else ''}, {_size(total)}"
    if len(rows) > TREE_LINES:
        rows = [
            *rows[:TREE_LINES],
            f"[{len(rows) - TREE_LINES:,} more lines; search_files with a glob lists them]",
        ]
    return "\n".join([head, *rows])


def _rows(folder: _Folder, depth: int, indent: str = "") -> Iterator[str]:
    for name, below in folder.folders.items():
        if depth:
            yield f"{indent}{name}/"
            yield from _rows(below, depth - 1, f"{indent}  ")
        else:
            count, size = below.totals()
            yield f"{indent}{name}/  [{count:,} files, {_size(size)}; search_files with a glob lists them]"
    for name, size in folder.files.items():
        yield f"{indent}{name}  {_size(size)}"


def _size(size: int) -> str:
    return f"{size:,} B" if size < 1_000 else f"{size / 1_000:,.1f} KB"


_LIST = """\
Lists all files of the app as a tree with their sizes. Use it to get to know an app, or to find a path; \
the contents are not shown. Folders of a very large app are summed up, and search_files with an empty \
pattern and a glob lists what is in them."""

_READ = """\
Reads a file as numbered lines: number, tab, text. Read a file before changing it. Without a range the \
whole file is read, up to about 40,000 characters; of a longer one the first part is shown and it says \
from which line to go on. The first line of the answer says how many lines there are. Read several files \
by several calls in one answer. The numbers and tabs are not part of the file."""
