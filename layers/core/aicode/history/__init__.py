"""The records of a conversation, and what becomes of each for Claude and for its vendor.

It knows nothing of how records are stored: `session_manager` does that.
"""

from aicode.history.branches import Branches
from aicode.history.content import result_blocks, text_block, text_of
from aicode.history.model_blocks import RESULT_LIMIT, SERVER_CALL, is_server_result
from aicode.history.record_types import MESSAGE_KINDS, record_type, stored_forms
from aicode.history.records import (
    ApiBlock,
    BegunRecord,
    Entry,
    EntryId,
    NoticeRecord,
    PartialRecord,
    Record,
    ResultsRecord,
    SpentRecord,
    StepRecord,
    SummaryRecord,
    TrimRecord,
    UserRecord,
    decode,
    encode,
    end_record,
    entry_id,
)
from aicode.history.small_form import cut_texts
from aicode.history.turn_view import Unfinished, end_of, turn_of, used_in
from aicode.history.usage import add_usage, no_usage, subtract_usage, total_tokens
from aicode.history.vendor_blocks import shown_step

__all__ = [
    "MESSAGE_KINDS",
    "RESULT_LIMIT",
    "SERVER_CALL",
    "ApiBlock",
    "BegunRecord",
    "Branches",
    "Entry",
    "EntryId",
    "NoticeRecord",
    "PartialRecord",
    "Record",
    "ResultsRecord",
    "SpentRecord",
    "StepRecord",
    "SummaryRecord",
    "TrimRecord",
    "Unfinished",
    "UserRecord",
    "add_usage",
    "cut_texts",
    "decode",
    "encode",
    "end_of",
    "end_record",
    "entry_id",
    "is_server_result",
    "no_usage",
    "record_type",
    "result_blocks",
    "shown_step",
    "stored_forms",
    "subtract_usage",
    "text_block",
    "text_of",
    "total_tokens",
    "turn_of",
    "used_in",
]
