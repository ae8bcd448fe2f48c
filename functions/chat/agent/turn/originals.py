"""The bytes of what the vendor attached and of the app's files; a process reads each once."""

import contextlib
import hashlib
from collections import OrderedDict

from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.store import FileStore
from aicode.history import ApiBlock
from aicode.session_manager import OwnedTurn
from aicode.uploads.store import UploadStore
from chat.agent.tools import upload_ids_in

CACHE_BYTES = 64_000_000


class ByteCache:
    """Bytes by their hash, of which those that were not asked for the longest go first."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._room = limit
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(self, sha256: str) -> bytes | None:
        """The bytes, if they are still there."""
        data = self._kept.get(sha256)
        if data is not None:
            self._kept.move_to_end(sha256)
        return data

    def put(self, sha256: str, data: bytes) -> None:
        """Keeps these bytes, and lets others go for them."""
        if sha256 in self._kept:
            return
        self._kept[sha256] = data
        self._room -= len(data)
        while self._room < 0:
            _, gone = self._kept.popitem(last=False)
            self._room += len(gone)


class Originals:
    """The bytes for the blocks that stand for media, of one vendor's app."""

    def __init__(
        self, uploads: UploadStore, store: FileStore, vendor: str, app_id: str, cache: ByteCache
    ) -> None:
        self._uploads = uploads
        self._store = store
        self._owner = vendor, app_id
        self._cache = cache

    async def read(self, block: ApiBlock) -> bytes | None:
        """The bytes of the block; None if they are not kept any more. Raises StoreUnavailable."""
        sha256 = str(block["sha256"])
        known = self._cache.get(sha256)
        if known is not None:
            return known
        try:
            data = await self._stored(block)
        except NotFound:
            return None
        if hashlib.sha256(data).hexdigest() != sha256:
            return None
        self._cache.put(sha256, data)
        return data

    async def _stored(self, block: ApiBlock) -> bytes:
        if "uploadId" in block:
            return await self._uploads.read(*self._owner, str(block["uploadId"]))
        version = int(str(block["version"]))
        return (await self._store.read_raw(*self._owner, str(block["path"]), version)).data


async def kept_alive(uploads: UploadStore, turn: OwnedTurn) -> None:
    """Keeps what earlier messages of the conversation refer to for as long as the session may last from now.

    If the store does not answer, the next turn does it: uploads are kept a day longer than sessions.
    """
    at = turn.writer.turn
    earlier = [e for e in turn.history if e["turn"] < at or e["record"]["kind"] == "summary"]
    upload_ids = upload_ids_in(earlier)
    if upload_ids:
        with contextlib.suppress(NotFound, StoreUnavailable):
            await uploads.keep(turn.writer.vendor, turn.writer.app, upload_ids)
