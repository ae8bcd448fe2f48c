"""The tools that change files: create_file, edit_file, use_attachment, rename_file, delete_file."""

import re
from typing import Any

from aicode.errors import ToolError
from aicode.file_store.prepared import FILE_BYTES
from chat.agent.sections import file_contents
from chat.agent.tools.content import Binary, shown_size
from chat.agent.tools.edit import (
    EditMissedError,
    Replacement,
    apply_edits,
    change_summary,
    changed_lines,
    spelled_as,
)
from chat.agent.tools.excerpt import current_text
from chat.agent.tools.file_inputs import CreateFile, DeleteFile, EditFile, RenameFile, UseAttachment
from chat.agent.tools.stopping import in_thread
from chat.agent.tools.syntax import new_problem
from chat.agent.tools.tool import Tool, ToolOutput
from chat.agent.tools.workspace import Workspace

MISSES_BEFORE_TEXT = 2
MARKDOWN = (".md", ".mdx", ".markdown")
_FENCED = re.compile(r"[\s\ufeff]*```+[^`\n]*\n(?:.*\n)?[ \t]*```+\s*", re.DOTALL)


# Any, because a list holds tools of different inputs and Tool is invariant in its input.
def changing_tools(workspace: Workspace) -> list[Tool[Any]]:
    """Tools that stage their changes in the workspace; they are saved when the workspace commits."""

    async def create_file(request: CreateFile, call_id: str) -> ToolOutput:
        return await _create(workspace, request, call_id)

    async def edit_file(request: EditFile, call_id: str) -> ToolOutput:
        return await _edit(workspace, request, call_id)

    async def use_attachment(request: UseAttachment, call_id: str) -> ToolOutput:
        return await _use(workspace, request, call_id)

    async def rename_file(request: RenameFile, call_id: str) -> ToolOutput:
        path, new_path = await workspace.rename(call_id, request.path, request.new_path)
        return ToolOutput(content=f"Renamed {path} to {new_path}.", summary=f"{path} → {new_path}")

    async def delete_file(request: DeleteFile, call_id: str) -> ToolOutput:
        path, content = await workspace.delete(call_id, request.path)
        done = f"Deleted {path}{f' ({content})' if isinstance(content, Binary) else ''}"
        return ToolOutput(content=f"{done}.", summary=done)

    return [
        Tool(
            name="create_file",
            description=_CREATE,
            input_type=CreateFile,
            run=create_file,
            effect="staged",
            text_at=("content",),
        ),
        Tool(
            name="edit_file",
            description=_EDIT,
            input_type=EditFile,
            run=edit_file,
            effect="staged",
            text_at=("edits", None, "new"),
        ),
        Tool(
            name="use_attachment",
            description=_USE,
            input_type=UseAttachment,
            run=use_attachment,
            effect="staged",
        ),
        Tool(
            name="rename_file", description=_RENAME, input_type=RenameFile, run=rename_file, effect="staged"
        ),
        Tool(
            name="delete_file", description=_DELETE, input_type=DeleteFile, run=delete_file, effect="staged"
        ),
    ]


async def _create(workspace: Workspace, request: CreateFile, call_id: str) -> ToolOutput:
    path = workspace.normalised(request.path)
    old = await workspace.to_create(path, overwrite=request.overwrite)
    before = old if isinstance(old, str) else None
    content = (await in_thread(spelled_as, before, request.content) if before else None) or request.content
    workspace.expect_storable(path, content)
    if old == content:
        return ToolOutput(content=f"No change: {path} has exactly this text already.", summary="No change")
    stat = await in_thread(change_summary, before or "", content)
    warnings = await _warnings(path, before, content)
    await workspace.write(call_id, path, content)
    done = f"{'Created' if old is None else 'Replaced'} {path} ({stat}"
    return ToolOutput(content=f"{done} lines).{warnings}", summary=f"{done})")


async def _use(workspace: Workspace, request: UseAttachment, call_id: str) -> ToolOutput:
    attachment = await workspace.attachments.ready(request.upload_id)
    name, size = attachment["name"], attachment["size"]
    path = workspace.normalised(request.path)
    if size > FILE_BYTES:
        raise ToolError(
            f"{name} has {shown_size(size)}, and a file of the app has at most "
            f"{FILE_BYTES:,} bytes. Ask the vendor for a smaller one."
        )
    old = await workspace.to_create(path, overwrite=True)
    content = await workspace.attachments.content(attachment)
    if old == content:
        return ToolOutput(content=f"No change: {path} is this attachment already.", summary="No change")
    await workspace.write(call_id, path, content)
    what = content if isinstance(content, Binary) else f"text, {shown_size(size)}"
    done = f"{'Created' if old is None else 'Replaced'} {path} ({what})"
    return ToolOutput(content=f"{done} from the attachment {name}.", summary=done)


async def _edit(workspace: Workspace, request: EditFile, call_id: str) -> ToolOutput:
    path, text = await workspace.read_to_change(request.path)
    if not isinstance(text, str):
        raise ToolError(
            f"{path} is no text, it is {text}. It cannot be edited, only renamed, deleted or replaced as a "
            "whole."
        )
    edits = [Replacement(edit.old, edit.new, edit.replace_all) for edit in request.edits]
    try:
        # In a thread, because on a large file it takes so long that the turn's stream would stall.
        result, remarks = await in_thread(apply_edits, text, edits)
    except EditMissedError as error:
        reason = f"{path} was not changed, by none of the edits. {error}"
        if workspace.missed(path) >= MISSES_BEFORE_TEXT:
            reason += f"\n{current_text(path, text)}"
        raise ToolError(reason) from None
    note = f" Note: {'; '.join(remarks)}." if remarks else ""
    if result == text:
        return ToolOutput(
            content=f"No change: {path} already reads as the edits want it.{note}", summary="No change"
        )
    workspace.expect_storable(path, result)
    stat = await in_thread(change_summary, text, result)
    shown = await in_thread(changed_lines, text, result)
    warnings = await _warnings(path, text, result)
    await workspace.write(call_id, path, result)
    content = f"Edited {path} ({stat} lines).{note}{warnings}\n{file_contents(shown)}"
    return ToolOutput(content=content, summary=f"Edited {path} ({stat})")


async def _warnings(path: str, before: str | None, after: str) -> str:
    """Remarks on what may be wrong with a new text, which is written all the same."""
    remarks = ""
    if not path.lower().endswith(MARKDOWN) and _FENCED.fullmatch(after):
        remarks = (
            "\nThe file begins and ends with a Markdown fence (```), and both are part of its text now. "
            "Take them out unless they are meant to be there."
        )
    problem = await new_problem(path, before, after)
    if problem is not None:
        remarks += (
            f"\nSyntax check, line {problem.line}: {problem.reason}. The file was written all the same; "
            "correct it unless it is meant to be so."
        )
    return remarks


_CREATE = """\
Creates a file with the given text, and the folders on the way to it. Use it for new files; to change a \
file that exists use edit_file, which is cheaper and safer. An existing path is an error unless overwrite \
is true, and then the file must have been read in this conversation. A file holds UTF-8 text of at most \
1,000,000 bytes. Several files can be created by several calls in one answer; they are saved together."""

_EDIT = """\
Changes an existing file by replacing text in it. Each edit names the old text, copied exactly from the \
file (without the line numbers that read_file puts in front), and the new text. old must stand in the file \
exactly once, so give it a line or two of context, or set replace_all to change every place. Edits are \
applied in order, each to the result of the one before; if one of them does not fit, none is applied and \
the error shows the lines it should have met. Put all changes of one file into one call. White space that \
differs is forgiven where only one place can be meant; line ends are kept as the file has them. The answer \
shows the changed lines, so the file need not be read again, and what a syntax check found. A file that \
somebody else changed since you saw it is not touched; you get its current text instead.
Example: {"path": "src/app.tsx", "edits": [{"old": "const max = 10;", "new": "const max = 20;"}]}"""

_USE = """\
Puts what the vendor attached to a message into the app, byte for byte, as a file: a logo, a photograph, a \
document, a text. uploadId stands beside the message. An existing path is replaced only if the file there \
has been read in this conversation. A file has at most 1,000,000 bytes. Put pictures that the app shows \
into public/ and refer to them as /logo.png, or beside the component that imports them."""

_RENAME = """\
Renames or moves a file. The new path must be free; imports that name the old path are not changed, so \
search for them and edit them."""

_DELETE = """\
Deletes a file. Search first for imports and references to it, and take those out too. The vendor can \
bring it back from an earlier checkpoint."""
