"""Messages with attachments, from the browser's form to what Claude sees and the page shows."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from aicode.api_types import Attachment
from dev.claude import Reply, Text
from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.stack import APPS, BASE, Json, session_of
from tests.memory_uploads import png

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOGO = png(512, 256)
NOTES = "Blue, größer.\n".encode()


def logo(upload_id: str) -> Attachment:
    """What a message tells of the picture that is attached to it."""
    return {
        "uploadId": upload_id,
        "name": "logo.png",
        "mediaType": "image/png",
        "size": len(LOGO),
        "sha256": sha256(LOGO).hexdigest(),
        "width": 512,
        "height": 256,
    }


def kinds(message: Json) -> list[str]:
    return [block["type"] for block in message["content"]]


async def test_what_is_attached_is_seen_by_claude_and_shown_with_the_message(vendor: Vendor):
    picture = await vendor.upload(LOGO, "image/png", "logo.png")
    notes = await vendor.upload(NOTES, "text/plain", "notes.txt")
    message = vendor.says(Reply(Text("A logo.")))

    events = await vendor.turn(message, attachments=[picture, notes])

    assert events[-1].type == "message_complete"
    [asked] = vendor.plays.asked(message)
    image, text, listed, said, *_ = asked.messages[0]["content"]
    assert (image["type"], image["source"]["type"]) == ("image", "file")
    assert NOTES.decode().strip() in text["text"]
    assert f"id {picture}: logo.png" in listed["text"]
    assert said["text"] == message
    [shown, _] = (await vendor.session(session_of(events)))["messages"]
    first, second, words = shown["content"]
    assert first == {"type": "attachment", **logo(picture)}
    assert (second["type"], second["name"], second["mediaType"]) == ("attachment", "notes.txt", "text/plain")
    assert words == {"type": "text", "text": message}


async def test_an_endpoint_that_answers_messages_alone_is_sent_a_picture_with_its_bytes_before_the_words(
    limited: Vendor,
):
    limited.model.files = None
    picture = await limited.upload(LOGO, "image/png", "logo.png")
    message = limited.says(Reply(Text("A logo.")))

    events = await limited.turn(message, attachments=[picture])

    assert events[-1].type == "message_complete"
    [asked] = limited.plays.asked(message)
    image, *texts = asked.messages[0]["content"]
    data = b64encode(LOGO).decode()
    assert image == {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": data},
    }
    assert {block["type"] for block in texts} == {"text"}
    assert message in [block["text"] for block in texts]


async def test_an_attachment_can_be_used_in_a_later_message_and_in_another_session(vendor: Vendor):
    picture = await vendor.upload(LOGO, "image/png", "logo.png")
    session = session_of(await vendor.turn("One", attachments=[picture]))

    for known in (session, None):
        message = vendor.says(Reply(Text("Seen.")))
        await vendor.turn(message, known, attachments=[picture])
        [asked] = vendor.plays.asked(message)
        images = [b for m in asked.messages for b in m["content"] if b["type"] == "image"]
        assert len(images) == (2 if known else 1)
        assert len({image["source"]["file_id"] for image in images}) == 1


async def test_the_same_message_again_replays_its_turn_and_other_attachments_are_another_message(
    vendor: Vendor,
):
    picture = await vendor.upload(LOGO, "image/png", "logo.png")
    events = await vendor.turn("Use it", messageId="m", attachments=[picture])

    again = await vendor.turn("Use it", messageId="m", attachments=[picture])
    other = await vendor.client.post(
        BASE, json={"message": "Use it", "appId": vendor.app, "messageId": "m", "attachments": []}
    )

    assert [(event.type, event.data) for event in again] == [(event.type, event.data) for event in events]
    assert_error(other, 409, "message_id_reused")


async def test_a_message_that_is_edited_keeps_its_attachments(vendor: Vendor):
    picture = await vendor.upload(LOGO, "image/png", "logo.png")
    session = session_of(await vendor.turn("Use it", messageId="one", attachments=[picture]))

    await vendor.turn("Use it well", session, replaces="one", attachments=[picture])

    [shown, _] = (await vendor.session(session))["messages"]
    assert kinds(shown) == ["attachment", "text"]


@pytest.mark.parametrize("attachments", [["unknown"], "unknown", [1], ["a", "a"], list("abcdefghijk")])
async def test_a_message_with_what_cannot_be_attached_begins_no_turn(vendor: Vendor, attachments: Any):
    session = session_of(await vendor.turn("One"))
    before = await vendor.session(session)
    body = {"message": "Two", "appId": vendor.app, "sessionId": session, "attachments": attachments}

    assert_error(await vendor.client.post(BASE, json=body), 400, "invalid_request")

    assert await vendor.session(session) == before


async def test_an_upload_that_has_not_arrived_or_is_another_vendors_is_refused(
    vendor: Vendor, stranger: Vendor
):
    theirs = await stranger.upload(LOGO, "image/png", "logo.png")
    elsewhere = await vendor.upload(LOGO, "image/png", "logo.png")
    about = {"name": "a.png", "type": "image/png", "size": 3, "sha256": sha256(b"abc").hexdigest()}
    announced = await vendor.client.post(f"{APPS}/{vendor.app}/uploads", json=about)
    waiting = announced.json()["upload"]["uploadId"]
    body = {"message": "Use it", "appId": vendor.app}

    for upload_id in (theirs, waiting):
        answer = await vendor.client.post(BASE, json={**body, "attachments": [upload_id]})
        assert_error(answer, 400, "invalid_request")
    app = await vendor.new_app()
    answer = await vendor.client.post(BASE, json={"message": "Hi", "appId": app, "attachments": [elsewhere]})
    assert_error(answer, 400, "invalid_request")
    for unknown in (stranger.app, "unknown"):
        answer = await vendor.client.post(
            BASE, json={"message": "Hi", "appId": unknown, "attachments": [elsewhere]}
        )
        assert_error(answer, 404, "not_found")
