"""Sends Claude pictures, documents and texts in the places of the blocks that stand for them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from aicode.history import ApiBlock
from chat.agent.model import Answer, AnswerListener, Model, Request
from chat.agent.prompt import shown_media
from chat.agent.turn.file_ids import FileIds
from chat.agent.turn.originals import Originals

READS_AT_ONCE = 8


class Media:
    """A Model that is asked with blocks that stand for media; the model behind it gets what they stand for.

    Pictures and documents are sent by the ids of files, without `file_ids` with their bytes. `sent` are the
    messages of the latest request for an answer, as they went out.
    """

    def __init__(self, model: Model, originals: Originals, file_ids: FileIds | None) -> None:
        self._model = model
        self._originals = originals
        self._file_ids = file_ids
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self.sent: Sequence[Mapping[str, object]] = ()

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt of the model behind it. Raises StoreUnavailable if bytes cannot be read just now."""
        messages = cast("list[dict[str, object]]", request["messages"])
        blocks = shown_media.media_in(messages)
        if blocks:
            messages = shown_media.with_shown(messages, await self._shown(blocks))
            request = {**request, "messages": messages}
        if listener.purpose == "answer":
            self.sent = messages
        return await self._model.ask(request, listener)

    async def _shown(self, blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
        out = shown_media.left_out(blocks)
        files = [n for n, block in enumerate(blocks) if n not in out and not shown_media.is_text(block)]
        await self._upload([blocks[n] for n in files])
        inline = [n for n in files if not self._file_id(blocks[n])]
        out |= shown_media.left_out_inline(blocks, inline)
        shown = (self._one(block, out.get(n)) for n, block in enumerate(blocks))
        return list(await asyncio.gather(*shown))

    async def _upload(self, blocks: Sequence[ApiBlock]) -> None:
        """Uploads what is to be sent for the first time."""
        by_hash = {str(block["sha256"]): block for block in blocks}
        if by_hash and self._file_ids is not None:
            new = await self._file_ids.without(list(by_hash))
            await asyncio.gather(*(self._upload_one(self._file_ids, by_hash[sha256]) for sha256 in new))

    async def _upload_one(self, file_ids: FileIds, block: ApiBlock) -> None:
        data = await self._read(block)
        if data is not None:
            await file_ids.upload(str(block["sha256"]), data, str(block["mediaType"]))

    async def _one(self, block: ApiBlock, why_not: str | None) -> ApiBlock:
        if why_not is not None:
            return shown_media.sentence(block, why_not)
        if not shown_media.is_text(block) and self._file_id(block):
            return shown_media.by_file_id(block, self._file_id(block))
        data = await self._read(block)
        if data is None:
            return shown_media.sentence(block, shown_media.GONE)
        return shown_media.by_bytes(block, data)

    def _file_id(self, block: ApiBlock) -> str:
        return self._file_ids.of(str(block["sha256"])) if self._file_ids is not None else ""

    async def _read(self, block: ApiBlock) -> bytes | None:
        async with self._reading:
            return await self._originals.read(block)
