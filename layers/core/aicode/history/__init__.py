"""The records of a conversation, and what becomes of each for Claude and for its vendor.

It knows nothing of how records are stored: `session_manager` does that.
"""

from aicode.history.branches import Branches
from aicode.history.content import result_blocks, text_block, text_of
from aicode.history.media import MEDIA, attachment_media, file_media, media_tokens
from aicode.history.model_blocks import RESULT_LIMIT, SERVER_CALL, THINKING, is_server_result
from aicode.history.record_types import MESSAGE_KINDS, record_type, stored_forms
from aicode.history.records import (
    ApiBlock,
    BegunRecord,
    Entry,
    EntryId,
    NoticeRecord,
    PartialRecord,
    Record,
    ReplacedRecord,
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
from aicode.history.usage import (
    ANSWER_TOKENS,
    FIRST_REQUEST_TOKENS,
    add_usage,
    cached_weight,
    estimated_tokens,
    first_call_estimate,
    no_usage,
    subtract_usage,
    total_tokens,
    weighed_tokens,
)
from aicode.history.vendor_blocks import shown_step

__all__ = [
    "ANSWER_TOKENS",
    "FIRST_REQUEST_TOKENS",
    "INLINE_TEXT_LIMIT",
    "MEDIA",
    "MESSAGE_KINDS",
    "RESULT_LIMIT",
    "SERVER_CALL",
    "THINKING",
    "ApiBlock",
    "BegunRecord",
    "Branches",
    "Entry",
    "EntryId",
    "NoticeRecord",
    "PartialRecord",
    "Record",
    "ReplacedRecord",
    "ResultsRecord",
    "SpentRecord",
    "StepRecord",
    "SummaryRecord",
    "TrimRecord",
    "Unfinished",
    "UserRecord",
    "add_usage",
    "attachment_media",
    "cached_weight",
    "cut_texts",
    "decode",
    "encode",
    "end_of",
    "end_record",
    "entry_id",
    "estimated_tokens",
    "file_media",
    "first_call_estimate",
    "is_server_result",
    "media_text",
    "media_tokens",
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
    "weighed_tokens",
]
