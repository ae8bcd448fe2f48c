"""A message with attachments: who is let in, what is stored, and what a repeated message finds."""

import json
from dataclasses import dataclass
from hashlib import sha256

import pytest
from turn_world import APP, VENDOR, World

from aicode.auth import Authenticator
from aicode.errors import InvalidRequest, MessageIdReused, NotFound, SessionBusy
from aicode.history.usage import first_call_estimate
from aicode.history.vendor_view import messages
from aicode.http.request import parse_event
from aicode.redis.client import RedisClient
from aicode.request_limits import RequestLimits
from aicode.session_manager.manager import Duplicate, OwnedTurn
from aicode.session_manager.turn_writer import Batch
from chat.admission import admit
from chat.dependencies import Dependencies
from chat.request import NewMessage, parse_message
from tests.function_event import function_event
from tests.memory_uploads import MemoryUploads, png
from tests.observing import Operators
from tests.session_store import counted, ended

LOGO = png(512, 256)


def posted(**members: object) -> NewMessage:
    body = json.dumps({"message": "Use it", "appId": APP, **members})
    event = function_event("POST", "/", headers={"content-type": "application/json"}, body=body)
    return parse_message(parse_event(event))


@dataclass(slots=True)
class Door:
    """The chat function's door, with the uploads of one vendor behind it."""

    world: World
    uploads: MemoryUploads

    async def send(self, *, vendor: str = VENDOR, **members: object) -> OwnedTurn | Duplicate:
        world = self.world
        have = Dependencies(
            settings=world.settings,
            authenticator=Authenticator(world.settings),
            admit=RequestLimits(RedisClient(world.redis.url, "t")).admit,
            sessions=world.sessions,
            telemetry=Operators().telemetry,
            demo=False,
            open_uploads=lambda _: self.uploads,
        )
        return await admit(have, vendor, posted(**members), Operators().observer())

    async def turn(self, **members: object) -> OwnedTurn:
        """A message that is let in; its turn is over when this returns."""
        begun = await self.send(**members)  # pyright: ignore[reportArgumentType] - no vendor
        assert isinstance(begun, OwnedTurn)
        batch = Batch(frames=b"id: 1-9\n\n", last_seq=9, records=[ended()], **counted(begun))
        assert await begun.writer.end(self.world.clock, batch, "idle")
        return begun


@pytest.fixture
async def door(world: World) -> Door:
    await world.begin()  # the store of sessions knows by now whose the app is
    return Door(world, MemoryUploads(VENDOR, APP))


@pytest.mark.parametrize(
    "attachments",
    ["up-1", {"up-1": 1}, None, [1], [None], [["up-1"]], [""], ["../up-1"], ["a", "a"], list("abcdefghijk")],
)
def test_a_list_that_is_none_of_up_to_ten_different_ids_is_refused(attachments: object):
    with pytest.raises(InvalidRequest):
        posted(attachments=attachments)


def test_ten_attachments_are_taken_and_none_is_a_message_without():
    assert posted(attachments=list("abcdefghij")).attachments == tuple("abcdefghij")
    assert posted(messageId="m", attachments=[]) == posted(messageId="m")


async def test_a_message_is_stored_and_shown_with_what_its_attachments_are(door: Door):
    logo, notes = door.uploads.add("logo.png", LOGO), door.uploads.add("notes.txt", b"Blue.")

    begun = await door.turn(attachments=[notes, logo])

    view = await door.world.view(begun.writer.sid)
    shown = messages(view.entries)[0]["content"]
    assert shown == [
        {
            "type": "attachment",
            "uploadId": notes,
            "name": "notes.txt",
            "mediaType": "text/plain",
            "size": 5,
            "sha256": sha256(b"Blue.").hexdigest(),
        },
        {
            "type": "attachment",
            "uploadId": logo,
            "name": "logo.png",
            "mediaType": "image/png",
            "size": len(LOGO),
            "sha256": sha256(LOGO).hexdigest(),
            "width": 512,
            "height": 256,
        },
        {"type": "text", "text": "Use it"},
    ]
    assert begun.history == view.entries[:1]
    assert door.uploads.kept == [notes, logo]


async def test_its_attachments_are_counted_before_the_first_call(door: Door):
    plain = await door.turn()
    begun = await door.turn(attachments=[door.uploads.add("a.png", png(1000, 750))])

    assert plain.writer.day is not None
    assert plain.writer.day.reserved == first_call_estimate("Use it")
    assert begun.writer.day is not None
    assert begun.writer.day.reserved == plain.writer.day.reserved + 1001


async def test_the_same_message_again_is_known_even_when_its_uploads_are_gone(door: Door):
    logo = door.uploads.add("logo.png", LOGO)
    begun = await door.turn(messageId="m", attachments=[logo])
    door.uploads.sweep_away(logo)

    again = await door.send(messageId="m", attachments=[logo])

    assert again == Duplicate(begun.writer.sid, begun.writer.turn)


async def test_the_same_id_with_other_attachments_is_another_message(door: Door):
    one, two = door.uploads.add("a.png", LOGO), door.uploads.add("b.txt", b"B")
    await door.turn(messageId="m", attachments=[one, two])

    for others in ([], [one], [two, one], [one, two, "gone"]):
        with pytest.raises(MessageIdReused):
            await door.send(messageId="m", attachments=others)


async def test_an_upload_that_cannot_be_attached_is_refused_and_nothing_is_stored(door: Door):
    logo = door.uploads.add("logo.png", LOGO)
    begun = await door.turn()
    before = await door.world.view(begun.writer.sid)

    with pytest.raises(InvalidRequest, match="no such upload"):
        await door.send(sessionId=begun.writer.sid, attachments=[logo, "unknown"])

    assert await door.world.view(begun.writer.sid) == before


async def test_what_refuses_a_message_anyway_comes_before_what_its_attachments_are(door: Door):
    running = await door.send()
    assert isinstance(running, OwnedTurn)

    with pytest.raises(SessionBusy):
        await door.send(sessionId=running.writer.sid, attachments=["unknown"])
    with pytest.raises(NotFound):
        await door.send(sessionId="unknown", attachments=["unknown"])
    with pytest.raises(NotFound):
        await door.send(vendor="bob", attachments=["unknown"])
    with pytest.raises(NotFound):
        await door.send(vendor="bob", attachments=[door.uploads.add("logo.png", LOGO)])


async def test_a_refused_message_leaves_an_abandoned_turn_to_the_next(door: Door):
    begun = await door.send()
    assert isinstance(begun, OwnedTurn)
    await begun.writer.release()

    with pytest.raises(InvalidRequest):
        await door.send(sessionId=begun.writer.sid, attachments=["unknown"])

    assert (await door.world.sessions.state(VENDOR, begun.writer.sid)).status == "interrupted"


async def test_a_message_that_replaces_another_takes_its_attachments_again(door: Door):
    logo = door.uploads.add("logo.png", LOGO)
    begun = await door.turn(messageId="one", attachments=[logo])
    sid = begun.writer.sid

    again = await door.turn(sessionId=sid, replaces="one", message="Use it well", attachments=[logo])

    [entry] = again.history
    assert entry["record"]["kind"] == "user"
    assert [each["uploadId"] for each in entry["record"].get("attachments", [])] == [logo]


@pytest.mark.parametrize("preview", ["true", 1, None])
def test_whether_a_preview_is_open_is_said_by_true_or_false(preview: object):
    with pytest.raises(InvalidRequest):
        posted(preview=preview)
    assert posted(preview=True).preview
    assert not posted(preview=False).preview
