"""What Claude is sent: the request, the history as a valid conversation, the app's files and rules."""

from chat.agent.prompt.app_context import app_context
from chat.agent.prompt.conversation import (
    INTERRUPTED,
    Conversation,
    conversation_of,
    seen_versions,
    to_api,
    without_server_calls,
)
from chat.agent.prompt.cut_answer import CUT_TEXT, how_to_go_on
from chat.agent.prompt.from_outside import Outside, all_outside, may_be, outside_at, served_in
from chat.agent.prompt.replaced import replaced_place
from chat.agent.prompt.request import model_request
from chat.agent.prompt.sent_history import (
    CHARS_PER_TOKEN,
    SHORT_RESULT,
    latest_answer,
    model_view,
    result_size,
    stored_view,
)
from chat.agent.sections import SUMMARY, TRANSCRIPT, section

__all__ = [
    "CHARS_PER_TOKEN",
    "CUT_TEXT",
    "INTERRUPTED",
    "SHORT_RESULT",
    "SUMMARY",
    "TRANSCRIPT",
    "Conversation",
    "Outside",
    "all_outside",
    "app_context",
    "conversation_of",
    "how_to_go_on",
    "latest_answer",
    "may_be",
    "model_request",
    "model_view",
    "outside_at",
    "replaced_place",
    "result_size",
    "section",
    "seen_versions",
    "served_in",
    "stored_view",
    "to_api",
    "without_server_calls",
]
