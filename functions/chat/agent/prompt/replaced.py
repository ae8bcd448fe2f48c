"""Puts the sentences of ReplacedRecords in the places of the blocks that Claude refused. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aicode.history import (
    MEDIA,
    THINKING,
    ApiBlock,
    Entry,
    EntryId,
    ReplacedRecord,
    is_served,
    is_server_result,
    result_blocks,
    text_block,
)

# An index that no block has. It stands for all that the API's own tools put into an answer.
SERVED = -1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a block comes from: the `index`-th of the blocks that the record at the place `entry` gives."""

    entry: EntryId
    index: int


ReplacedPlace = tuple[Origin, int | None]
"""A block, or with a number a part of its content."""


@dataclass(frozen=True, slots=True)
class Replacements:
    """The sentences of the replaced blocks of a history, by place and by the hash of their bytes."""

    by_place: dict[ReplacedPlace, str] = field(default_factory=dict[ReplacedPlace, str])
    by_sha256: dict[str, str] = field(default_factory=dict[str, str])

    def applied(self, blocks: Iterable[tuple[Origin, ApiBlock]]) -> Iterator[tuple[Origin, ApiBlock]]:
        """The blocks with the sentences in the places of those that are replaced."""
        if not self.by_place and not self.by_sha256:
            yield from blocks
            return
        for origin, block in blocks:
            new = self._one(origin, block)
            if not (is_served(new) and (Origin(origin.entry, SERVED), None) in self.by_place):
                yield origin, new

    def _one(self, origin: Origin, block: ApiBlock) -> ApiBlock:
        text = self.by_place.get((origin, None)) or self._of_bytes(block)
        if block["type"] in THINKING:
            return block
        if block["type"] == "tool_result":
            return {**block, "content": text or self._content(origin, block)}
        return text_block(text) if text and (block["type"] == MEDIA or is_server_result(block)) else block

    def _content(self, origin: Origin, result: ApiBlock) -> object:
        if not isinstance(result.get("content"), list):
            return result.get("content")
        parts = enumerate(result_blocks(result))
        texts = [(part, self.by_place.get((origin, n)) or self._of_bytes(part)) for n, part in parts]
        return [text_block(text) if text else part for part, text in texts]

    def _of_bytes(self, block: ApiBlock) -> str:
        return self.by_sha256.get(str(block.get("sha256")), "") if block.get("type") == MEDIA else ""


def replacements(entries: Sequence[Entry]) -> Replacements:
    """What these entries, which need not be all that Claude is sent, replace."""
    found = Replacements()
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "replaced":
            if record["sha256"]:
                found.by_sha256[record["sha256"]] = record["text"]
            else:
                found.by_place[replaced_place(record)] = record["text"]
    return found


def replaced_place(record: ReplacedRecord) -> ReplacedPlace:
    """The place of the block that the record replaces."""
    turn, n = record["at_entry"]
    return Origin((turn, n), record["index"]), record.get("inner")


def numbered(entry: EntryId, blocks: Iterable[ApiBlock]) -> Iterator[tuple[Origin, ApiBlock]]:
    """The blocks of one record with their places. Thinking is not counted: not every request has it."""
    index = 0
    for block in blocks:
        yield Origin(entry, index), block
        index += block["type"] not in THINKING
