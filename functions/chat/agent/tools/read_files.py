"""The tools that look at files: list_files and read_file."""

import hashlib
from typing import Any

from aicode.api_types import FileInfo
from aicode.errors import ToolError
from aicode.history import ApiBlock, attachment_media, file_media
from aicode.media import PDF, SHOWN
from aicode.uploads.limits import PDF_PAGES, PICTURE_SIDE
from aicode.uploads.pdf import UnreadablePdf, count_pages
from chat.agent.sections import file_contents
from chat.agent.tools.attachments import Attachments, described_attachment
from chat.agent.tools.content import Binary
from chat.agent.tools.excerpt import BOM, lines_of, numbered
from chat.agent.tools.file_inputs import ListFiles, ReadFile
from chat.agent.tools.file_tree import tree
from chat.agent.tools.stopping import in_thread
from chat.agent.tools.tool import Tool, ToolOutput
from chat.agent.tools.workspace import Workspace

READ_CHARACTERS = 40_000


# Any, because a list holds tools of different inputs and Tool is invariant in its input.
def reading_tools(workspace: Workspace) -> list[Tool[Any]]:
    """Tools that only read; Claude knows the version of a file that it has read."""

    async def list_files(_request: ListFiles, _call_id: str) -> ToolOutput:
        files = await workspace.paths()
        summary = f"{len(files):,} file{'s' if len(files) != 1 else ''}"
        return ToolOutput(content=tree(files), summary=summary)

    async def read_file(request: ReadFile, _call_id: str) -> ToolOutput:
        upload_id = await workspace.attachments.at(request.path)
        if upload_id:
            return await _attachment(workspace.attachments, upload_id, request)
        file = await workspace.read(workspace.normalised(request.path))
        if isinstance(file.content, str):
            return _lines(file.path, file.content, request)
        if file.stored is None:
            raise ToolError(f"{file.path} is not saved yet: ask for it again in your next answer.")
        return await _binary(file.content, file.stored.info)

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


async def _binary(content: Binary, info: FileInfo) -> ToolOutput:
    """Shows a picture or a document to Claude; of all else it says what it is."""
    path = info["path"]
    if content.media_type not in SHOWN:
        raise ToolError(f"{path} is no text, it is {content}. There is nothing in it to read.")
    if max(info.get("width", 0), info.get("height", 0)) > PICTURE_SIDE:
        raise ToolError(
            f"{path} is {content}. It cannot be shown: a picture may have {PICTURE_SIDE:,} pixels a side."
        )
    block = file_media(info, hashlib.sha256(content.data).hexdigest())
    if content.media_type == PDF:
        block["pages"] = await _pages(path, content.data)
    return _shown(path, str(content), block)


async def _pages(path: str, data: bytes) -> int:
    try:
        pages = await in_thread(count_pages, data)
    except UnreadablePdf as error:
        raise ToolError(f"{path} cannot be shown. {error}") from None
    if pages > PDF_PAGES:
        raise ToolError(
            f"{path} cannot be shown: a PDF document may have {PDF_PAGES} pages, it has {pages:,}."
        )
    return pages


async def _attachment(attachments: Attachments, upload_id: str, request: ReadFile) -> ToolOutput:
    attachment = await attachments.ready(upload_id)
    name = attachment["name"]
    if attachment["mediaType"] in SHOWN:
        return _shown(name, described_attachment(attachment), attachment_media(attachment))
    content = await attachments.content(attachment)
    if not isinstance(content, str):
        raise ToolError(f"{name} is no text, it is {content}. There is nothing in it to read.")
    return _lines(request.path, content, request)


def _shown(name: str, what: str, block: ApiBlock) -> ToolOutput:
    return ToolOutput(content=f"{name} is {what}.", summary=f"{name}, {what}", attachments=[block])


def _lines(path: str, text: str, request: ReadFile) -> ToolOutput:
    first, last = request.start_line or 1, request.end_line
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


_LIST = """\
Lists all files of the app as a tree with their sizes, and the types of binary files. Use it to get to know \
an app, or to find a path; the contents are not shown. Folders of a very large app are summed up, and \
search_files with an empty pattern and a glob lists what is in them."""

_READ = """\
Reads a file as numbered lines: number, tab, text. Read a file before changing it. Without a range the \
whole file is read, up to about 40,000 characters; of a longer one the first part is shown and it says \
from which line to go on. The first line of the answer says how many lines there are. Read several files \
by several calls in one answer. The numbers and tabs are not part of the file. A picture (png, jpeg, gif, \
webp) or a PDF document is shown to you as it is. Of other binary files it only says what they are."""
