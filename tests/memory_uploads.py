"""Uploads in memory, of one vendor's app."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from aicode.api_types import Attachment, NewUpload, Upload
from aicode.errors import InvalidRequest, NotFound
from aicode.media import PDF, PICTURES, media_of


@dataclass(slots=True)
class MemoryUploads:
    """An UploadStore whose uploads are ready but for those in `refused`, which has the reason of each.

    `kept` and `reads` are the ids of the calls, in order.
    """

    vendor: str
    app: str
    kept: list[str] = field(default_factory=list[str])
    reads: list[str] = field(default_factory=list[str])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    _found: dict[str, tuple[Attachment, bytes]] = field(default_factory=dict[str, tuple[Attachment, bytes]])

    def add(self, name: str, data: bytes, media_type: str = "text/plain", **about: int) -> str:
        """An upload whose bytes have arrived; its id."""
        upload_id = f"up-{len(self._found) + 1}"
        media = media_of(data)
        attachment: Attachment = {
            "uploadId": upload_id,
            "name": name,
            "mediaType": media.type if media.type in {PDF, *PICTURES} else media_type,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        if media.width:
            attachment["width"], attachment["height"] = media.width, media.height
        self._found[upload_id] = ({**attachment, **about}, data)  # pyright: ignore[reportArgumentType]
        return upload_id

    def sweep_away(self, upload_id: str) -> None:
        """What a day without a message does to an upload."""
        del self._found[upload_id]

    async def create(  # noqa: PLR0913 - as the protocol has it
        self, vendor: str, app_id: str, *, name: str, media_type: str, size: int, sha256: str
    ) -> NewUpload:
        raise NotImplementedError

    async def find(self, vendor: str, app_id: str, upload_id: str) -> Upload:
        if (vendor, app_id) != (self.vendor, self.app) or upload_id not in self._found:
            raise NotFound("There is no such upload.")
        about = dict(self._found[upload_id][0])
        found = {**about, "type": about.pop("mediaType"), "status": "ready"}
        if upload_id in self.refused:
            found |= {"status": "refused", "reason": self.refused[upload_id]}
        return cast(Upload, found)

    async def attachments(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> list[Attachment]:
        if (vendor, app_id) != (self.vendor, self.app) or not all(each in self._found for each in upload_ids):
            raise InvalidRequest("There is no such upload.")
        for upload_id in upload_ids:
            if upload_id in self.refused:
                name = self._found[upload_id][0]["name"]
                raise InvalidRequest(f"“{name}” was refused: {self.refused[upload_id]}")
        await self.keep(vendor, app_id, upload_ids)
        return [self._found[upload_id][0] for upload_id in upload_ids]

    async def keep(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> None:
        self.kept += upload_ids

    async def read(self, vendor: str, app_id: str, upload_id: str) -> bytes:
        self.reads.append(upload_id)
        if (vendor, app_id) != (self.vendor, self.app) or upload_id not in self._found:
            raise NotFound("There is no such upload.")
        return self._found[upload_id][1]

    async def delete_app(self, vendor: str, app_id: str) -> None:
        self._found.clear()

    async def sweep(self) -> int:
        return 0


def png(width: int, height: int, *, filling: bytes = b"") -> bytes:
    """The beginning of a PNG of this size: enough for whoever does not draw it."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\2\0\0\0" + filling
