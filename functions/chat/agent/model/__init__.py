"""The way to Claude: what a model and an answer are, the client, its stream, retries, the table of models."""

from chat.agent.model.answer_endings import NextAction, next_action
from chat.agent.model.answer_options import with_options
from chat.agent.model.catalogue import model_facts
from chat.agent.model.claude import Claude, load_sdk
from chat.agent.model.interface import (
    INVALID_JSON,
    Answer,
    AnswerListener,
    FilesApi,
    Model,
    NullListener,
    Purpose,
    Request,
    ToolCall,
)
from chat.agent.model.refused_blocks import BlockKind, Place, RefusedBlock
from chat.agent.model.retry import (
    TOO_LONG,
    BlockRefused,
    OutOfTime,
    RetryBudget,
    ThinkingRefused,
    TooLong,
    ToolRefused,
    ask_with_retries,
)

__all__ = [
    "INVALID_JSON",
    "TOO_LONG",
    "Answer",
    "AnswerListener",
    "BlockKind",
    "BlockRefused",
    "Claude",
    "FilesApi",
    "Model",
    "NextAction",
    "NullListener",
    "OutOfTime",
    "Place",
    "Purpose",
    "RefusedBlock",
    "Request",
    "RetryBudget",
    "ThinkingRefused",
    "TooLong",
    "ToolCall",
    "ToolRefused",
    "ask_with_retries",
    "load_sdk",
    "model_facts",
    "next_action",
    "with_options",
]
