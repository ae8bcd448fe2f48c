"""A message's way into its session: admitted as a turn, recognised as known, or refused."""

import asyncio
from collections.abc import Sequence

from aicode.api_types import Attachment
from aicode.errors import InvalidRequest, NotFound, SessionBusy
from aicode.session_manager import NOTHING_THERE, Abandoned, Duplicate, NewTurn, OwnedTurn, OwnerUnknown
from aicode.telemetry import Observer
from chat.agent import load_agent
from chat.dependencies import Dependencies
from chat.request import NewMessage


async def admit(
    dependencies: Dependencies, vendor: str, message: NewMessage, observer: Observer
) -> OwnedTurn | Duplicate:
    """Begins a turn, in one round trip unless the app is new to Redis or the last turn lost its owner.

    Raises the errors of SessionManager.begin, and those of UploadStore.attachments if there is no other
    reason to refuse the message.
    """
    attachments, refused = await _attachments(dependencies, vendor, message)
    new = NewTurn(
        vendor=vendor,
        app=message.app_id,
        session_id=message.session_id,
        message_id=message.message_id,
        text=message.text,
        model=dependencies.settings.model,
        title=message.title,
        replaces=message.replaces,
        preview=message.preview,
        upload_ids=message.attachments,
        attachments=attachments,
        refused=refused,
    )
    begun = await dependencies.sessions.begin(new)
    if isinstance(begun, OwnerUnknown):
        from aicode.file_store import open_store  # noqa: PLC0415 - seldom needed, slow to import

        if not await open_store(dependencies.settings).owns(vendor, message.app_id):
            raise NotFound(NOTHING_THERE)
        begun = await dependencies.sessions.begin(new, owner_known=True)
    if isinstance(begun, Abandoned):
        agent = await asyncio.to_thread(load_agent)
        await agent.close_abandoned(dependencies, vendor, str(message.session_id), observer)
        begun = await dependencies.sessions.begin(new, owner_known=True)
    if isinstance(begun, (OwnerUnknown, Abandoned)):
        turn = {"turnId": begun.turn} if isinstance(begun, Abandoned) else None
        raise SessionBusy("Claude is still answering in this session.", retry_after=2, details=turn)
    return begun


async def _attachments(
    dependencies: Dependencies, vendor: str, message: NewMessage
) -> tuple[Sequence[Attachment], InvalidRequest | None]:
    """What the message refers to, or why it cannot: it may still be known, with uploads that are gone now."""
    if not message.attachments:
        return (), None
    try:
        uploads = dependencies.open_uploads(dependencies.settings)
        return await uploads.attachments(vendor, message.app_id, message.attachments), None
    except InvalidRequest as error:
        return (), error
