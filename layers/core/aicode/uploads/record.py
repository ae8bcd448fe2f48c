"""What is known of an upload, and what others are told of it."""

from dataclasses import dataclass
from typing import Literal

from aicode.api_types import Attachment, Upload
from aicode.file_store import UPLOADS

FORM_MS = 15 * 60_000
"""For so long after it was announced, the bytes of an upload are taken."""
TOO_LATE = "It did not arrive in time. Send it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An upload; times in epoch milliseconds. `width`, `height` and `pages` are 0 where there are none.

    From `keep_until` on it counts as gone.
    """

    vendor: str
    app_id: str
    upload_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: int
    keep_until: int
    status: Literal["waiting", "ready", "refused"] = "waiting"
    reason: str = ""
    width: int = 0
    height: int = 0
    pages: int = 0

    @property
    def object_name(self) -> str:
        """Where its bytes are in the bucket."""
        return f"{folder_of(self.app_id)}{self.upload_id}"

    @property
    def expires_at(self) -> int:
        """When its bytes are taken no more."""
        return self.created_at + FORM_MS


def folder_of(app_id: str) -> str:
    """Where the bytes of an app's uploads are in the bucket."""
    return f"{UPLOADS}/{app_id}/"


def as_upload(record: Record, now: int) -> Upload:
    """The upload as the routes answer with it; one that waits in vain is refused while it stays away."""
    status, reason = record.status, record.reason
    if status == "waiting" and now >= record.expires_at:
        status, reason = "refused", TOO_LATE
    upload = Upload(
        uploadId=record.upload_id,
        name=record.name,
        type=record.media_type,
        size=record.size,
        sha256=record.sha256,
        status=status,
    )
    if reason:
        upload["reason"] = reason
    if record.width:
        upload["width"], upload["height"] = record.width, record.height
    if record.pages:
        upload["pages"] = record.pages
    return upload


def as_attachment(record: Record) -> Attachment:
    """What a message has of it."""
    attachment = Attachment(
        uploadId=record.upload_id,
        name=record.name,
        mediaType=record.media_type,
        size=record.size,
        sha256=record.sha256,
    )
    if record.width:
        attachment["width"], attachment["height"] = record.width, record.height
    if record.pages:
        attachment["pages"] = record.pages
    return attachment
