"""A message's way into its session: admitted as a turn, recognised as known, or refused."""

from aicode.errors import NotFound, SessionBusy
from aicode.session_manager.admission import NOTHING_THERE, Abandoned, Begun, Duplicate, NewTurn
from aicode.session_manager.reader import OwnerUnknown
from chat.dependencies import Parts
from chat.request import NewMessage


async def admit(have: Parts, vendor: str, message: NewMessage) -> Begun | Duplicate:
    """Begins a turn, in one round trip unless the app is new to Redis or the last turn lost its owner.

    Raises the errors of SessionManager.begin.
    """
    new = NewTurn(
        vendor=vendor,
        app=message.app_id,
        session_id=message.session_id,
        message_id=message.message_id,
        text=message.text,
        model=have.settings.model,
        title=message.title,
    )
    begun = await have.sessions.begin(new)
    if isinstance(begun, OwnerUnknown):
        from aicode.file_store import open_store  # noqa: PLC0415 - seldom needed, slow to import

        if not await open_store(have.settings).owns(vendor, message.app_id):
            raise NotFound(NOTHING_THERE)
        begun = await have.sessions.begin(new, owner_known=True)
    if isinstance(begun, Abandoned):
        from aicode.file_store import open_store  # noqa: PLC0415
        from chat.agent.turn.takeover import close_abandoned  # noqa: PLC0415

        store, sid = open_store(have.settings), str(message.session_id)
        await close_abandoned(have.sessions, store, vendor, sid, have.shown_model)
        begun = await have.sessions.begin(new, owner_known=True)
    if isinstance(begun, (OwnerUnknown, Abandoned)):
        turn = {"turnId": begun.turn} if isinstance(begun, Abandoned) else None
        raise SessionBusy("Claude is still answering in this session.", retry_after=2, details=turn)
    return begun
