"""A conversation with a block that the API refuses: it heals, says so, and stays healed."""

import base64
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aicode.api_types import Attachment
from aicode.history.media import attachment_media
from aicode.history.records import ApiBlock, Record, end_record
from aicode.history.usage import no_usage
from aicode.history.vendor_view import messages
from aicode.session_manager.manager import OwnedTurn
from aicode.session_manager.turn_writer import Batch
from chat.client_buffer import ClientBuffer
from chat.event_log import EventLog
from dev.claude import Reply, Text, ToolUse
from dev.claude.received import Received
from tests.end_to_end.stack import Event, assert_well_formed
from tests.faults_of_model.model_world import MODEL, VENDOR, FaultWorld, fault_world
from tests.memory_uploads import MemoryUploads, png
from tests.session_store import new_turn

HUGE, SMALL = 9_000, 900
Refuses = Callable[[Received, int], Reply | None]


def call(call_id: str, name: str = "read_file") -> ApiBlock:
    return {"type": "tool_use", "id": call_id, "name": name, "input": {"path": "a"}}


def result(call_id: str, *content: ApiBlock) -> ApiBlock:
    return {"type": "tool_result", "tool_use_id": call_id, "content": list(content)}


def text(words: str) -> ApiBlock:
    return {"type": "text", "text": words}


def fetched(call_id: str, url: str) -> list[ApiBlock]:
    source = {"type": "text", "media_type": "text/plain", "data": "It is so."}
    page = {"type": "web_fetch_result", "url": url, "content": {"type": "document", "source": source}}
    return [
        {"type": "server_tool_use", "id": call_id, "name": "web_fetch", "input": {"url": url}},
        {"type": "web_fetch_tool_result", "tool_use_id": call_id, "content": page},
        {**text("So it says."), "citations": [{"type": "char_location", "cited_text": "It is so."}]},
    ]


def step(*content: ApiBlock, number: int = 1) -> Record:
    return {
        "kind": "step",
        "step": number,
        "content": list(content),
        "stopReason": "end_turn",
        "model": MODEL,
        "usage": no_usage(),
        "at": 1,
    }


def results(*content: ApiBlock, number: int = 1) -> Record:
    return {
        "kind": "results",
        "step": number,
        "content": list(content),
        "tools": [],
        "changes": [],
        "seen": {},
        "at": 1,
    }


def shown(*content: ApiBlock) -> list[Record]:
    """A tool showed this to Claude."""
    return [step(call("toolu_a")), results(result("toolu_a", text("Here it is."), *content))]


class Session:
    """A session with a history that was stored before, and a model that refuses requests as it is told."""

    def __init__(self, world: FaultWorld, app: str) -> None:
        self.world = world
        self.app = app
        self.sid = ""
        self.uploads = world.uploads = MemoryUploads(VENDOR, app)

    async def attachment(self, name: str, side: int) -> Attachment:
        """A picture with so many pixels a side that the vendor uploaded."""
        upload_id = self.uploads.add(name, png(side, side, filling=name.encode()))
        [found] = await self.uploads.attachments(VENDOR, self.app, [upload_id])
        return found

    async def picture(self, name: str, side: int = SMALL) -> ApiBlock:
        """The block for such a picture."""
        return attachment_media(await self.attachment(name, side))

    async def seed(self, *records: Record, attachments: Sequence[Attachment] = ()) -> None:
        """A first turn with these attachments and records, which ended well."""
        new = new_turn("Look at it", vendor=VENDOR, app=self.app, model=MODEL, title="Title")
        new = replace(new, attachments=attachments)
        begun = await self.world.sessions.begin(new, owner_known=True)
        assert isinstance(begun, OwnedTurn)
        data: dict[str, object] = {"usage": no_usage()}
        batch = Batch(records=[*records, end_record("message_complete", data, 1)])
        log = EventLog(begun.writer, ClientBuffer(), self.world.sessions.now_ms)
        await log.end(batch, ("message_complete", data), state="idle")
        self.sid = begun.writer.sid

    async def turn(self, words: str = "And now?", attachments: Sequence[Attachment] = ()) -> list[Event]:
        self.sid, events = await self.world.turn(self.app, words, self.sid or None, attachments)
        assert_well_formed(events)
        return events

    @property
    def statuses(self) -> list[int]:
        return [request.status or 0 for request in self.world.server.requests]

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The conversation of the latest request."""
        return self.world.server.requests[-1].messages

    async def notices(self) -> list[str]:
        view = await self.world.sessions.read(VENDOR, self.sid)
        blocks = [block for one in messages(view.entries) for block in one["content"]]
        return [block["text"] for block in blocks if block["type"] == "notice"]


@asynccontextmanager
async def session(
    folder: Path, refuses: Refuses, *records: Record, **variables: str
) -> AsyncGenerator[Session]:
    def reply(request: Received, n: int) -> Reply:
        return refuses(request, n) or Reply(Text("Done."))

    async with fault_world(folder, reply, "refused", variables) as world:
        yield Session(world, await world.new_app())


def told(what: str, reason: str) -> str:
    return f"Claude could not read the {what} ({reason}). It was left out of the conversation, which goes on."


def notices_in(events: list[Event]) -> list[str]:
    return [event.data["text"] for event in events if event.type == "notice"]


def images(body: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each picture of a conversation with its place, in the words of the API."""
    for n, block in enumerate(body):
        at = f"{place}.content.{n}" if place else f"messages.{n}"
        if block.get("type") == "image":
            yield f"{at}.image", block
        elif isinstance(block.get("content"), list):
            yield from images(block["content"], f"{at}.tool_result" if "type" in block else at)


def takes_all(_request: Received, _n: int) -> None:
    """Refuses nothing that the API would take."""


async def seed_all_kinds(poisoned: Session) -> None:
    """A picture and words in results of tools, and a page of the web."""
    shown_result = result("toolu_a", text("Here."), await poisoned.picture("x.png"))
    await poisoned.seed(
        step(call("toolu_a"), call("toolu_b")),
        results(shown_result, result("toolu_b", text("Words."))),
        step(text("I look it up."), *fetched("srvtoolu_1", "https://a.example/b"), number=2),
    )


def bad_ones_one_by_one(request: Received, _n: int) -> Reply | None:
    """Refuses the first picture whose bytes say that it is bad."""
    for place, image in images(request.messages):
        if b"bad" in base64.b64decode(image["source"]["data"]):
            return Reply(status=400, message=f"{place}.source.base64.data: Could not process image")
    return None


def first(message: str, status: int = 400) -> Refuses:
    """Refuses the first request with this sentence."""
    return lambda _, n: Reply(status=status, message=message) if n == 0 else None


async def test_a_history_with_a_huge_picture_heals_and_stays_healed(tmp_path: Path):
    async with session(tmp_path, takes_all) as poisoned:
        await poisoned.seed(attachments=[await poisoned.attachment("x.png", HUGE)])
        events = await poisoned.turn()
        again = await poisoned.turn("Again")

        notice = told("picture “x.png”", "too many pixels")
        assert poisoned.statuses == [400, 200, 200]
        assert [each[-1].type for each in (events, again)] == ["message_complete"] * 2
        assert (notices_in(events), notices_in(again)) == ([notice], [])
        assert await poisoned.notices() == [notice]
        assert poisoned.sent[0]["content"][0]["text"] == (
            "[The picture could not be sent to Claude: too many pixels.]"
        )


async def test_a_new_message_with_a_huge_picture_is_answered_without_it(tmp_path: Path):
    async with session(tmp_path, takes_all) as poisoned:
        events = await poisoned.turn(attachments=[await poisoned.attachment("x.png", HUGE)])

        assert poisoned.statuses == [400, 200]
        assert events[-1].type == "message_complete"
        assert list(images(poisoned.sent)) == []


async def test_all_pictures_that_have_too_many_pixels_are_left_out_at_once(tmp_path: Path):
    async with session(tmp_path, takes_all) as poisoned:
        huge = [await poisoned.picture(name, HUGE) for name in ("x.png", "y.png")]
        await poisoned.seed(*shown(huge[0], await poisoned.picture("good.png"), huge[1]))
        events = await poisoned.turn()

        assert poisoned.statuses == [400, 200]
        assert notices_in(events) == [
            "Claude could not read any of these: picture “x.png”, picture “y.png” (too many pixels). "
            "They were left out of the conversation, which goes on."
        ]
        assert len(list(images(poisoned.sent))) == 1


async def test_bad_pictures_are_left_out_one_by_one_and_a_good_one_is_not(tmp_path: Path):
    async with session(tmp_path, bad_ones_one_by_one) as poisoned:
        bad = [await poisoned.picture(f"bad{n}.png") for n in range(3)]
        twin = {**bad[0], "name": "twin.png"}
        await poisoned.seed(*shown(bad[0], await poisoned.picture("good.png"), bad[1], twin, bad[2]))
        events = await poisoned.turn()

        assert poisoned.statuses == [400, 400, 400, 200]
        assert len(notices_in(events)) == 3
        assert len(list(images(poisoned.sent))) == 1
        sentence = "[The picture could not be sent to Claude: cannot be opened.]"
        assert json.dumps(poisoned.sent).count(sentence) == 4  # the same bytes stood in two places


PIXELS, SIZE, PAGES, PASSWORD = "too many pixels", "too large", "too many pages", "protected by a password"
OPENED, KIND, ACCEPTED = "cannot be opened", "of another kind than it says", "not accepted"
X, PAGE, RESULT = "picture “x.png”", "web page “https://a.example/b”", "result of read_file"
TOO_WIDE = "At least one of the image dimensions exceed max allowed size"
INNER = "messages.2.content.0.tool_result.content.1.image.source.base64"
FETCHED = "messages.3.content.2.web_fetch_tool_result.content.content"
NAMED = [
    (f"{INNER}.data: {TOO_WIDE}: 8000 pixels", X, PIXELS),
    (f"{INNER}.data: {TOO_WIDE} for many-image requests: 2000 pixels", X, PIXELS),
    (f"{INNER}: image exceeds 5 MB maximum: 5649924 bytes > 5242880 bytes", X, SIZE),
    (f"{INNER}.data: Image does not match the provided media type image/png", X, KIND),
    (
        f"{INNER}: The image was specified using the image/png media type, but the image appears to be",
        X,
        KIND,
    ),
    (f"{INNER}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'", X, KIND),
    ("messages.2.content.0.content.1: Could not process image", X, OPENED),
    # Places as in a flat list of blocks: https://github.com/anthropics/claude-code/issues/5147, 4778
    (f"messages.2.content.1.image.source.base64.data: {TOO_WIDE}: 8000 pixels", X, PIXELS),
    (f"messages.2.content.7.image.source.base64.data: {TOO_WIDE}: 8000 pixels", X, PIXELS),
    ("Could not process image", X, OPENED),
    ("messages.2.content.1.tool_result.content.0.text: invalid characters", RESULT, OPENED),
    ("messages.2.content.1.tool_result.content: Input should be a valid string", RESULT, ACCEPTED),
    ("messages.2.content.0.tool_result.content.0.text: refused", f"part of the {RESULT}", ACCEPTED),
    (f"{FETCHED}.document.source.base64.data: The PDF specified was not valid.", PAGE, OPENED),
    (f"{FETCHED}.pdf.source.base64.data: The PDF specified is password protected.", PAGE, PASSWORD),
    ("messages.3.content.2.web_fetch_tool_result.encrypted_content: refused", PAGE, ACCEPTED),
    ("A maximum of 100 PDF pages may be provided.", PAGE, PAGES),
]


async def test_whatever_came_from_outside_and_is_refused_is_left_out(tmp_path: Path):
    refusals: list[str] = []

    def refuses(_request: Received, _n: int) -> Reply | None:
        return Reply(status=400, message=refusals.pop()) if refusals else None

    async with session(tmp_path, refuses) as poisoned:
        for sentence, what, reason in NAMED:
            await seed_all_kinds(poisoned)
            refusals.append(sentence)
            events = await poisoned.turn()

            assert poisoned.statuses[-2:] == [400, 200], sentence
            assert notices_in(events) == [told(what, reason)], sentence
            assert f"could not be sent to Claude: {reason}.]" in json.dumps(poisoned.sent), sentence


async def test_where_no_place_is_named_only_what_came_since_the_last_answer_is_left_out(tmp_path: Path):
    async with session(tmp_path, first("Could not process image")) as poisoned:
        seen = [*shown(await poisoned.picture("seen.png")), step(text("A cat."), number=2)]
        new = result("toolu_b", *[await poisoned.picture(name) for name in ("new.png", "newer.png")])
        await poisoned.seed(*seen, step(call("toolu_b"), number=3), results(new, number=3))
        events = await poisoned.turn()

        assert poisoned.statuses == [400, 200]
        assert notices_in(events)[0].startswith(
            "Claude could not read one of these: picture “new.png”, picture “newer.png” ("
        )
        assert len(list(images(poisoned.sent))) == 1


async def test_a_page_that_is_left_out_leaves_no_call_and_no_citation_of_it(tmp_path: Path):
    sentence = "messages.1.content.4.web_fetch_tool_result.content: refused"
    one, other = (fetched(f"srvtoolu_{n}", f"https://a.example/{n}") for n in (1, 2))
    async with session(tmp_path, first(sentence)) as poisoned:
        await poisoned.seed(step(*one, *other))
        await poisoned.turn()

        assert poisoned.sent[1]["content"] == [
            *one[:2],
            text("So it says."),
            text('[The web page "https://a.example/2" could not be sent to Claude: not accepted.]'),
            text("So it says."),
        ]


OF_AN_ANSWER = [
    "messages.1.content.4.text.citations.0: document_index out of range",
    "messages.1.content.4.text.citations.0.char_location.file_id: Extra inputs are not permitted",
    "messages.1.content.1.server_tool_use.input: Input should be a valid dictionary",
    "messages.1: `web_fetch` tool use with id srvtoolu_1 was found without a corresponding "
    "`web_fetch_tool_result` block",
    "Citation refers to document_index 3, but there are 2",
]


@pytest.mark.parametrize("sentence", OF_AN_ANSWER, ids=lambda each: each[:40])
async def test_an_answer_whose_citations_or_calls_are_refused_goes_on_as_its_words_alone(
    tmp_path: Path, sentence: str
):
    def refuses(request: Received, _n: int) -> Reply | None:
        sent = json.dumps(request.messages)
        return Reply(status=400, message=sentence) if "srvtoolu_" in sent or "citations" in sent else None

    paused = step(text("I look it up. "), *fetched("srvtoolu_1", "https://a.example/b")[:2])
    async with session(tmp_path, refuses) as poisoned:
        await poisoned.seed(paused, step(fetched("", "")[-1], call("toolu_a"), number=2))
        events = await poisoned.turn()
        again = await poisoned.turn("Again")

        assert poisoned.statuses == [400, 200, 200]
        assert (notices_in(events), notices_in(again)) == (
            [told("part from the web of an earlier answer", "not accepted")],
            [],
        )
        assert poisoned.sent[1]["content"] == [text("I look it up. "), text("So it says."), call("toolu_a")]


async def test_an_answer_that_is_refused_without_such_parts_too_ends_the_turn(tmp_path: Path):
    always = Reply(status=400, message="messages.1.content.0.text: refused")
    async with session(tmp_path, lambda _, n: always if n < 2 else None) as refused:
        await refused.seed(step(*fetched("srvtoolu_1", "https://a.example/b")))
        events = await refused.turn()

        assert (events[-1].type, events[-1].data["code"]) == ("error", "model_error")
        assert refused.statuses == [400, 400]
        assert refused.sent[1]["content"] == [text("So it says.")]


async def test_what_the_vendor_wrote_is_never_left_out(tmp_path: Path):
    async with session(tmp_path, first("messages.0.content.0.text: refused")) as refused:
        await seed_all_kinds(refused)
        events = await refused.turn()

        assert (events[-1].type, events[-1].data["code"]) == ("error", "model_error")
        assert (refused.statuses, notices_in(events)) == ([400], [])


async def test_what_is_refused_without_the_block_too_ends_the_turn(tmp_path: Path):
    always = Reply(status=400, message="messages.2.content.1.tool_result.content: secret words")
    async with session(tmp_path, lambda _, n: always if n < 2 else None) as refused:
        await seed_all_kinds(refused)
        events = await refused.turn()
        again = await refused.turn("Again")

        assert events[-1].data["message"] == "Claude did not accept the request."
        assert refused.statuses == [400, 400, 200]
        assert again[-1].type == "message_complete"
        assert "secret" not in json.dumps([refused.world.operators.logged, [e.data for e in events]])


async def test_no_more_than_twenty_refusals_are_healed_in_a_row(tmp_path: Path):
    async with session(tmp_path, bad_ones_one_by_one) as poisoned:
        await poisoned.seed(*shown(*[await poisoned.picture(f"bad{n}.png") for n in range(30)]))
        events = await poisoned.turn()
        again = await poisoned.turn("Again")

        assert [each[-1].type for each in (events, again)] == ["error", "message_complete"]
        assert poisoned.statuses == [400] * 21 + [400] * 10 + [200]


def file_ids(request: Received) -> list[str]:
    """The ids by which a request names pictures, in order."""
    return [image["source"]["file_id"] for _, image in images(request.messages)]


async def test_a_file_that_the_api_has_lost_is_uploaded_anew_without_a_word(tmp_path: Path):
    def lost(request: Received, n: int) -> Reply | None:
        return Reply(status=404, message=f"File not found: {file_ids(request)[1]}") if n == 0 else None

    async with session(tmp_path, lost) as forgetful:
        forgetful.world.uploads_files = True
        await forgetful.seed(*shown(*[await forgetful.picture(f"{n}.png") for n in range(3)]))
        events = await forgetful.turn()

        before, after = map(file_ids, forgetful.world.server.requests)
        assert forgetful.statuses == [404, 200]
        assert notices_in(events) == []
        assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]


async def test_a_file_that_the_api_loses_again_is_left_out(tmp_path: Path):
    def lost(request: Received, _n: int) -> Reply | None:
        ids = file_ids(request)
        place = "messages.2.content.0.tool_result.content.1.image.source.file.file_id"
        return Reply(status=400, message=f"{place}: File {ids[0]} has expired") if ids else None

    async with session(tmp_path, lost) as forgetful:
        forgetful.world.uploads_files = True
        await forgetful.seed(*shown(await forgetful.picture("x.png")))
        events = await forgetful.turn()

        assert forgetful.statuses == [400, 400, 200]
        assert notices_in(events) == [told("picture “x.png”", "no longer there")]


async def test_what_was_left_out_of_a_message_stays_so_when_a_summary_ends_in_its_turn(tmp_path: Path):
    def writes_much(_request: Received, n: int) -> Reply | None:
        return Reply(Text("word " * 1_500), ToolUse("list_files")) if n < 3 else None

    async with session(tmp_path, writes_much, COMPACT_AT_TOKENS="1000") as poisoned:
        events = await poisoned.turn(attachments=[await poisoned.attachment("x.png", HUGE)])
        asked_before = len(poisoned.statuses)
        poisoned.world.settings = replace(poisoned.world.settings, compact_at_tokens=100_000)
        await poisoned.turn("Again")

        assert "compacted" in [event.data["kind"] for event in events if event.type == "notice"]
        assert poisoned.statuses.count(400) == 1
        assert set(poisoned.statuses[asked_before:]) == {200}
        assert "could not be sent to Claude: too many pixels" in json.dumps(poisoned.sent)
