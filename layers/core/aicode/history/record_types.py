"""The one table of record types: what of each is sent to Claude, shown to the vendor, and kept for good."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from aicode.api_types import ContentBlock
from aicode.history import model_blocks, small_form, vendor_blocks
from aicode.history.records import (
    AnsweredRecord,
    ApiBlock,
    BegunRecord,
    CheckRecord,
    ContextRecord,
    EndRecord,
    NoticeRecord,
    OpaqueRecord,
    PartialRecord,
    Record,
    ReplacedRecord,
    ResultsRecord,
    SpentRecord,
    StepRecord,
    SummaryRecord,
    TrimRecord,
    UserRecord,
    WaitingRecord,
    encode,
)
from aicode.history.vendor_blocks import Event

# In characters. A record that is hardly longer than its small form is stored whole.
WORTH_SPLITTING = 250
Role = Literal["user", "assistant"]
RecordT = TypeVar("RecordT", bound=Record)


def _nothing(_record: object) -> list[Any]:
    return []


def _itself(record: Any) -> Any:
    return record


@dataclass(frozen=True, kw_only=True)  # no slots: python/cpython#90562
class RecordType(Generic[RecordT]):
    """What becomes of one kind of record. By default it has no blocks and no events, and stays whole.

    `model_blocks` are sent to Claude in a message of `model_role`. `vendor_blocks` are shown in a message of
    `vendor_role`; `makes_message` is true if they are hardly ever empty. `replayed` gives the events that
    show the record in a replay, and `small` the form that the history keeps for good.
    """

    model_role: Role = "user"
    model_blocks: Callable[[RecordT], list[ApiBlock]] = _nothing
    vendor_role: Role = "assistant"
    vendor_blocks: Callable[[RecordT], list[ContentBlock]] = _nothing
    makes_message: bool = False
    replayed: Callable[[RecordT], Iterator[Event] | list[Event]] = _nothing
    small: Callable[[RecordT], RecordT] = _itself


RECORD_TYPES: Mapping[str, RecordType[Any]] = {
    "user": RecordType[UserRecord](
        model_blocks=model_blocks.user_blocks,
        vendor_role="user",
        vendor_blocks=vendor_blocks.user_blocks,
        makes_message=True,
    ),
    "context": RecordType[ContextRecord](
        model_blocks=model_blocks.text_blocks, small=small_form.small_context
    ),
    "step": RecordType[StepRecord](
        model_role="assistant",
        model_blocks=model_blocks.step_blocks,
        vendor_blocks=vendor_blocks.step_blocks,
        makes_message=True,
        replayed=vendor_blocks.step_events,
        small=small_form.small_step,
    ),
    "begun": RecordType[BegunRecord](),
    "waiting": RecordType[WaitingRecord](replayed=vendor_blocks.waiting_events),
    "answered": RecordType[AnsweredRecord](
        vendor_role="user",
        vendor_blocks=vendor_blocks.answered_blocks,
        makes_message=True,
        replayed=vendor_blocks.answered_events,
    ),
    "results": RecordType[ResultsRecord](
        model_blocks=model_blocks.results_blocks,
        vendor_role="user",
        vendor_blocks=vendor_blocks.results_blocks,
        makes_message=True,
        replayed=vendor_blocks.results_events,
        small=small_form.small_results,
    ),
    "check": RecordType[CheckRecord](
        vendor_blocks=vendor_blocks.check_blocks,
        makes_message=True,
        replayed=vendor_blocks.check_events,
    ),
    "partial": RecordType[PartialRecord](
        model_role="assistant",
        model_blocks=model_blocks.text_blocks,
        vendor_blocks=vendor_blocks.partial_blocks,
        makes_message=True,
        replayed=vendor_blocks.partial_events,
    ),
    "notice": RecordType[NoticeRecord](
        vendor_blocks=vendor_blocks.notice_blocks,
        makes_message=True,
        replayed=vendor_blocks.notice_events,
    ),
    "summary": RecordType[SummaryRecord](
        model_blocks=model_blocks.text_blocks, small=small_form.small_summary
    ),
    "trim": RecordType[TrimRecord](),
    "replaced": RecordType[ReplacedRecord](),
    "spent": RecordType[SpentRecord](),
    "end": RecordType[EndRecord](vendor_blocks=vendor_blocks.end_blocks, replayed=vendor_blocks.end_events),
    "opaque": RecordType[OpaqueRecord](),
}
MESSAGE_KINDS = tuple(kind for kind, found in RECORD_TYPES.items() if found.makes_message)


def record_type(record: Record) -> RecordType[Any]:
    """The record's entry in the table."""
    return RECORD_TYPES[record["kind"]]


def stored_forms(record: Record) -> tuple[str, str]:
    """The record's JSON that the history keeps for good, and its whole JSON, empty if that is the same."""
    whole, small_record = encode(record), record_type(record).small(record)
    if small_record is record:
        return whole, ""
    small = encode(small_record)
    return (small, whole) if len(whole) - len(small) >= WORTH_SPLITTING else (whole, "")
