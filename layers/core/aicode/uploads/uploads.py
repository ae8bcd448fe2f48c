"""The store of uploads, over a shelf."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from aicode.api_types import Attachment, NewUpload, Upload
from aicode.errors import InvalidRequest, NotFound
from aicode.ids import is_id
from aicode.uploads.inspection import inspected
from aicode.uploads.limits import (
    ATTACHMENTS,
    Quota,
    check_quota,
    check_size,
    digest,
    file_name,
    taken_type,
)
from aicode.uploads.pdf import SECONDS
from aicode.uploads.record import Record, as_attachment, as_upload
from aicode.uploads.shelf import Shelf

DAY_MS = 24 * 3_600_000
# A message waits so long at most for its uploads to be looked at: its stream begins only then, and the edge
# waits a minute. A look is begun only if it can end in that time; what it found stays, whatever follows.
LOOKING_MS = 15_000
LONGEST_LOOK_MS = SECONDS * 1_000
_NO_APP = "There is no such app."
_NO_UPLOAD = "There is no such upload."


class Uploads:
    """An UploadStore; what blocks runs in threads.

    `owns` tells whether an app is a vendor's, `session_ttl` how long a session lives, in seconds.
    """

    def __init__(  # noqa: PLR0913 - two stores, two limits, time and ids
        self,
        shelf: Shelf,
        owns: Callable[[str, str], Awaitable[bool]],
        *,
        session_ttl: int,
        quota: Quota | None = None,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        self._shelf = shelf
        self._owns = owns
        self._session_ms = session_ttl * 1000
        self._quota = quota or Quota()
        self._now = now
        self._new_id = new_id

    async def create(  # noqa: PLR0913 - as the interface
        self, vendor: str, app_id: str, *, name: str, media_type: str, size: int, sha256: str
    ) -> NewUpload:
        """An upload that waits for its bytes, and the form by which a browser sends them."""
        now, media_type = self._now(), taken_type(media_type)
        check_size(media_type, size)
        record = Record(
            vendor=vendor,
            app_id=app_id,
            upload_id=self._new_id(),
            name=file_name(name),
            media_type=media_type,
            size=size,
            sha256=digest(sha256),
            created_at=now,
            keep_until=now + DAY_MS,
        )
        if not await self._owns(vendor, app_id):
            raise NotFound(_NO_APP)
        form = await asyncio.to_thread(self._shelf.add, record, partial(check_quota, self._quota, size, now))
        return NewUpload(
            uploadId=record.upload_id, url=form.url, fields=dict(form.fields), expiresAt=record.expires_at
        )

    async def find(self, vendor: str, app_id: str, upload_id: str) -> Upload:
        """The upload. Bytes that have arrived since are looked at now, once."""
        record = await self._looked_at(await self._record(vendor, app_id, upload_id))
        return as_upload(record, self._now())

    async def attachments(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> list[Attachment]:
        """What a message with these uploads refers to, in their order; keeps them for it."""
        if len(upload_ids) > ATTACHMENTS:
            raise InvalidRequest(f"A message takes at most {ATTACHMENTS} attachments.")
        if len(set(upload_ids)) < len(upload_ids):
            raise InvalidRequest("An attachment is named twice.")
        found = await self._records(vendor, app_id, upload_ids)
        until = self._now() + LOOKING_MS
        records = [await self._ready(found.get(upload_id), until) for upload_id in upload_ids]
        await self._extend(records)
        return [as_attachment(record) for record in records]

    async def _ready(self, record: Record | None, until: int) -> Record:
        """The record, looked at if that is still to be done and there is time; raises InvalidRequest."""
        if record is None:
            raise InvalidRequest(_NO_UPLOAD)
        if record.status == "waiting":
            if self._now() + LONGEST_LOOK_MS > until:
                raise InvalidRequest(f"“{record.name}” is still being looked at; try again in a moment.")
            record = await self._looked_at(record)
        self._expect_ready(record)
        return record

    def _expect_ready(self, record: Record) -> None:
        now, waits = self._now(), record.status == "waiting"
        if record.keep_until <= now or (waits and record.expires_at <= now):
            raise InvalidRequest(f"“{record.name}” has expired; send it again.")
        if waits:
            raise InvalidRequest(f"“{record.name}” has not arrived yet.")
        if record.status == "refused":
            raise InvalidRequest(f"“{record.name}” was refused: {record.reason}")

    async def keep(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> None:
        """Keeps these as long as a session may last from now; those that are gone are passed over."""
        await self._extend((await self._records(vendor, app_id, upload_ids)).values())

    async def read(self, vendor: str, app_id: str, upload_id: str) -> bytes:
        """The bytes of an upload that is ready; raises NotFound once they have been removed."""
        record = await self._record(vendor, app_id, upload_id)
        data = await asyncio.to_thread(self._shelf.read, record) if record.status == "ready" else None
        # Until its form expires, bytes may be sent again; only these were looked at.
        if data is None or hashlib.sha256(data).hexdigest() != record.sha256:
            raise NotFound("This upload has no content.")
        return data

    async def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes all uploads of an app."""
        await asyncio.to_thread(self._shelf.delete_app, vendor, app_id)

    async def sweep(self) -> int:
        """Removes uploads that nobody refers to, and bytes that belong to none; returns how many."""
        return await asyncio.to_thread(self._shelf.sweep, self._now())

    async def _record(self, vendor: str, app_id: str, upload_id: str) -> Record:
        record = (await self._records(vendor, app_id, [upload_id])).get(upload_id)
        if record is None or record.keep_until <= self._now():
            raise NotFound(_NO_UPLOAD)
        return record

    async def _records(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> dict[str, Record]:
        known = [upload_id for upload_id in upload_ids if is_id(upload_id)]
        return await asyncio.to_thread(self._shelf.get, vendor, app_id, known) if known else {}

    async def _looked_at(self, record: Record) -> Record:
        return await asyncio.to_thread(self._look, record) if record.status == "waiting" else record

    def _look(self, record: Record) -> Record:
        data = self._shelf.read(record)
        if data is None:
            return record
        settled = self._shelf.settle(inspected(record, data))
        if settled.status == "refused":
            self._shelf.drop_bytes(settled)
        return settled

    async def _extend(self, records: Iterable[Record]) -> None:
        """Keeps records for a session's life and a day, those that are not kept nearly as long already."""
        needed = self._now() + self._session_ms
        short = [record for record in records if record.keep_until < needed + DAY_MS // 2]
        if short:
            await asyncio.to_thread(self._shelf.extend, short, needed + DAY_MS)
