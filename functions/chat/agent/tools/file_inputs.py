"""The inputs of the file tools; their JSON schemas are part of what Claude is sent."""

import json
from typing import Annotated, cast

from pydantic import BeforeValidator, Field

from chat.agent.tools.tool import ToolInput


class ListFiles(ToolInput):
    """Nothing."""


class ReadFile(ToolInput):
    """A file, or some of its lines."""

    path: str = Field(
        description=(
            "Path of the file, relative to the app, as list_files shows it, or of an attachment: "
            "attachments/{uploadId}/{name}."
        )
    )
    start_line: int | None = Field(default=None, ge=1, description="First line to read, counted from 1.")
    end_line: int | None = Field(default=None, ge=1, description="Last line to read, included.")


class SearchFiles(ToolInput):
    """What to look for, and where."""

    pattern: str = Field(
        max_length=1_000,
        description=(
            "Regular expression in RE2 syntax, matched against each line by itself. (?i) in front ignores "
            "case. Look-around and back-references are not supported. Empty: list the paths only."
        ),
    )
    glob: str | None = Field(
        default=None,
        max_length=512,
        description=(
            "Only files whose path fits: *.tsx (in any folder), src/**/*.ts, src/*.{ts,tsx}. "
            "Square brackets stand for themselves, so that src/app/[slug]/* works. "
            "attachments/** searches the texts that the vendor attached, which are left out otherwise."
        ),
    )
    context: int | None = Field(
        default=None, ge=0, le=10, description="Lines to show before and after each match; 0 by default."
    )


class CreateFile(ToolInput):
    """A file with all of its text."""

    path: str = Field(description="Path of the new file; its folders need not exist.")
    content: str = Field(description="The whole text of the file.")
    overwrite: bool = Field(
        default=False, description="Replace the file if it exists; it must have been read before."
    )


class Edit(ToolInput):
    """One replacement."""

    old: str = Field(
        description=(
            "The text to replace, exactly as in the file, without the line numbers of read_file, with enough "
            "lines around it to be found once. Empty only to fill an empty file."
        )
    )
    new: str = Field(description="The text to put there; empty to delete.")
    replace_all: bool = Field(default=False, description="Replace every place where old stands.")


def _list_of_json(value: object) -> object:
    """The list that a string holds as JSON, which models send now and then in its place; else the value."""
    try:
        parsed: object = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
    return cast("object", parsed) if isinstance(parsed, list) else value


class EditFile(ToolInput):
    """Replacements in one file."""

    path: str = Field(description="Path of an existing file.")
    edits: Annotated[list[Edit], BeforeValidator(_list_of_json)] = Field(
        min_length=1, max_length=100, description="Applied in order, each to the result of the one before."
    )


class UseAttachment(ToolInput):
    """An attachment and the file that it becomes."""

    upload_id: str = Field(alias="uploadId", description="Id of the attachment, as the message gives it.")
    path: str = Field(description="Path of the file in the app; its folders need not exist.")


class RenameFile(ToolInput):
    """A file and its new path."""

    path: str = Field(description="Path of an existing file.")
    new_path: str = Field(description="Its new path; nothing may be there.")


class DeleteFile(ToolInput):
    """A file."""

    path: str = Field(description="Path of an existing file.")
