"""Heals a conversation that the API refuses for a block in it: a sentence takes the block's place for good.

Without this, one picture with too many pixels would end each turn of its session, because each request holds
all that came before: https://github.com/anthropics/claude-code/issues/29551
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from aicode.history import ApiBlock, NoticeRecord, Record, ReplacedRecord, entry_id, result_blocks
from chat.agent.model import Place, RefusedBlock
from chat.agent.prompt import (
    Conversation,
    Outside,
    all_outside,
    may_be,
    outside_at,
    replaced_place,
    served_in,
)
from chat.agent.sections import taken_apart
from chat.agent.turn.context import TurnContext
from chat.agent.turn.file_ids import FileIds
from chat.agent.turn.journal import Journal
from chat.agent.turn.media import Media

MOST_REFUSALS = 20
NOTICE = "Claude could not read the {what} ({reason}). It was left out of the conversation, which goes on."
NOTICE_OF_SEVERAL = (
    "Claude could not read {which} of these: {what} ({reason}). They were left out of the conversation, "
    "which goes on."
)
SENTENCE = "[The {what} could not be sent to Claude: {reason}.]"
GO_ON = "A part of your last answer, which came from the web, was left out. Go on without it."


class Healing:
    """Heals the conversation of one turn, which `media` sends, and in which it names files by `file_ids`."""

    def __init__(self, turn: TurnContext, journal: Journal, media: Media, file_ids: FileIds | None) -> None:
        self._turn = turn
        self._journal = journal
        self._media = media
        self._file_ids = file_ids
        self._forgotten: set[str] = set()
        self._left = MOST_REFUSALS

    async def heal(self, conversation: Conversation, refused: RefusedBlock) -> bool:
        """True if the request can be made again without what was refused in this conversation, sent last.

        A file that the API has lost is sent anew, once; of other refusals a turn stands MOST_REFUSALS.
        Only what came from outside is left out, never what the vendor or Claude wrote. The vendor is told so,
        and all is stored before this returns, so that whoever takes the turn over knows it too.
        """
        found = self._found(conversation, refused)
        if refused.is_unknown_file and await self._forget_files(found):
            return True
        if not found or self._left == 0:
            return False
        self._left -= 1
        now, blocks = self._turn.now_ms(), _each_once(found)
        records: list[Record] = [_replaced(block, refused.reason, now) for block in blocks]
        records.append(_notice(blocks, refused, now))
        if conversation.messages[-1]["role"] == "assistant":
            # A paused answer is sent back as it came, but without its last result it cannot be the end.
            records.append({"kind": "context", "text": GO_ON, "at": now})
        await self._journal.store_between_steps(records)
        self._turn.observer.info("refused block replaced", reason=refused.reason, blocks=len(blocks))
        return True

    def _found(self, conversation: Conversation, refused: RefusedBlock) -> list[Outside]:
        """The blocks that were refused, as far as they came from outside and still stand there."""
        records = (entry["record"] for entry in self._turn.entries)
        done = {replaced_place(record) for record in records if record["kind"] == "replaced"}
        places = refused.places or [*_places_of_file(self._media.sent, refused.file_id)]
        named = [block for place in places if (block := outside_at(conversation, place)) is not None]
        found = [
            block
            for block in named
            if (block.origin, block.inner) not in done and (not refused.kinds or may_be(block, refused.kinds))
        ]
        # The API counts the parts of results in its own way at times, and its older sentences name no place.
        everywhere = range(len(conversation.messages))
        near = [place[0] for place in places if place[0] in everywhere]
        # Last comes what an answer has of the API's own tools, where its words and calls may be all right.
        return (
            found
            or list(all_outside(conversation, refused.kinds, near))
            or self._latest(list(all_outside(conversation, refused.kinds, everywhere)))
            or served_in(conversation, near)
            or (served_in(conversation, everywhere) if refused.names_served else [])
        )

    def _latest(self, blocks: Sequence[Outside]) -> list[Outside]:
        """Those that came with Claude's last answer or since, as all others were taken; else all of them."""
        steps = (entry_id(entry) for entry in self._turn.entries if entry["record"]["kind"] == "step")
        answered = max(steps, default=(0, 0))
        return [block for block in blocks if block.origin.entry >= answered] or list(blocks)

    async def _forget_files(self, blocks: Sequence[Outside]) -> bool:
        """Has the ids of these files forgotten; False if that was done before."""
        hashes = {block.sha256 for block in blocks if block.sha256} - self._forgotten
        if self._file_ids is None or not hashes:
            return False
        for sha256 in sorted(hashes):
            await self._file_ids.forget(sha256)
        self._forgotten |= hashes
        return True


def _places_of_file(sent: Sequence[Mapping[str, object]], file_id: str) -> Iterator[Place]:
    """The places at which the conversation as it was sent names a file by this id."""
    for message, blocks in enumerate(cast("list[ApiBlock]", each["content"]) for each in sent):
        for at, block in enumerate(blocks):
            if _file_id(block) == file_id:
                yield message, at
            for inner, part in enumerate(result_blocks(block)):
                if _file_id(part) == file_id:
                    yield message, at, inner


def _file_id(block: ApiBlock) -> object:
    source = block.get("source")
    return cast("dict[str, object]", source).get("file_id") if isinstance(source, dict) else None


def _each_once(blocks: Sequence[Outside]) -> list[Outside]:
    """The blocks, of those with the same bytes only the first."""
    known: dict[object, Outside] = {}
    for block in blocks:
        known.setdefault(block.sha256 or (block.origin, block.inner), block)
    return list(known.values())


def _replaced(block: Outside, reason: str, now: int) -> ReplacedRecord:
    # By its bytes it stands in other places too, where they may have another name.
    has_one_name = block.name and not block.sha256
    what = f'{block.what} "{taken_apart(block.name)}"' if has_one_name else block.what
    record: ReplacedRecord = {
        "kind": "replaced",
        "at_entry": block.origin.entry,
        "index": block.origin.index,
        "sha256": block.sha256,
        "text": SENTENCE.format(what=what, reason=reason),
        "at": now,
    }
    if block.inner is not None:
        record["inner"] = block.inner
    return record


def _notice(blocks: Sequence[Outside], refused: RefusedBlock, now: int) -> NoticeRecord:
    named = (f"{block.what} “{block.name}”" if block.name else block.what for block in blocks)
    names = list(dict.fromkeys(named))
    text = NOTICE if len(names) == 1 else NOTICE_OF_SEVERAL
    which = "any" if refused.places else "one"
    said = text.format(what=", ".join(names), reason=refused.reason, which=which)
    return {"kind": "notice", "noticeKind": "other", "text": said, "at": now}
