"""The Files API: files are uploaded once and named by their id in requests, until they expire. In memory.

After https://platform.claude.com/docs/en/build-with-claude/files.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from dev.claude.api_error import ApiError, invalid

_LIFE = range(3_600, 7_776_000 + 1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file; `expires_at` is in seconds since the epoch, None for one that stays."""

    id: str
    name: str
    media_type: str
    data: bytes
    created_at: float
    expires_at: float | None

    def metadata(self) -> dict[str, Any]:
        """The answer to its upload."""
        return {
            "id": self.id,
            "type": "file",
            "filename": self.name,
            "mime_type": self.media_type,
            "size_bytes": len(self.data),
            "created_at": _date(self.created_at),
            "downloadable": False,
            "expires_at": None if self.expires_at is None else _date(self.expires_at),
        }


class Files:
    """The files that were uploaded, in `uploaded`, expired ones included; `now` tells the seconds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.uploaded: list[StoredFile] = []

    def upload(self, headers: Mapping[str, str], body: bytes) -> StoredFile:
        """Stores the file of a form. Raises ApiError 400 for what is no such form."""
        fields = _fields(headers.get("content-type", ""), body)
        file = fields.get("file")
        if file is None:
            raise invalid("file: Field required")
        life = _life(fields.get("expires_in_seconds"))
        stored = StoredFile(
            id=f"file_01{secrets.token_hex(11)}",
            name=file.get_filename() or "unnamed",
            media_type=file.get_content_type(),
            data=_data(file),
            created_at=self.now(),
            expires_at=None if life is None else self.now() + life,
        )
        if not stored.data:
            raise invalid("file: File is empty")
        self.uploaded.append(stored)
        return stored

    def find(self, file_id: object) -> StoredFile:
        """The file that a request names. Raises ApiError 404 for one that is unknown or has expired."""
        found = next((file for file in self.uploaded if file.id == file_id), None)
        if found is None:
            raise ApiError(404, f"File not found: {file_id}")
        if found.expires_at is not None and found.expires_at <= self.now():
            raise ApiError(404, f"File has expired: {file_id}", {"error_code": "file_expired"})
        return found


def _fields(content_type: str, body: bytes) -> dict[str, EmailMessage]:
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if form.get_content_type() != "multipart/form-data" or not form.is_multipart():
        raise invalid("The request body must be multipart/form-data")
    parts = [part for part in form.iter_parts() if isinstance(part, EmailMessage)]
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


def _data(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _life(field: EmailMessage | None) -> int | None:
    if field is None:
        return None
    written = _data(field).decode("utf-8", "replace")
    if not written.isdecimal() or int(written) not in _LIFE:
        raise invalid(f"expires_in_seconds: Input should be from {_LIFE[0]} to {_LIFE[-1]}")
    return int(written)


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
