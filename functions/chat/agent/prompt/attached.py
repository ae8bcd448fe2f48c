"""Tells Claude of the attachments of a message by their ids, so that tools can be asked for them. Pure."""

from collections.abc import Iterable

from aicode.api_types import Attachment
from aicode.history import ApiBlock, Record, text_block
from chat.agent.sections import ATTACHED, section


def listed(record: Record, blocks: Iterable[ApiBlock]) -> list[ApiBlock]:
    """The record's blocks; behind the attachments of the vendor's message stands a list of them."""
    found = list(blocks)
    attachments = record.get("attachments", []) if record["kind"] == "user" else []
    if attachments:
        lines = "\n".join(map(_line, attachments))
        found.insert(len(attachments), text_block(section(ATTACHED, lines)))
    return found


def _line(attachment: Attachment) -> str:
    about = [attachment["mediaType"], f"{attachment['size']:,} bytes"]
    if "width" in attachment and "height" in attachment:
        about.append(f"{attachment['width']}x{attachment['height']} pixels")
    if "pages" in attachment:
        about.append(f"{attachment['pages']} pages")
    name = " ".join(attachment["name"].split())
    return f"id {attachment['uploadId']}: {name} ({', '.join(about)})"
