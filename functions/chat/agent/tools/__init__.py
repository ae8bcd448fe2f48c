"""What Claude can do: the executor of a batch of tool calls, and one module for each family of tools."""

from chat.agent.tools.attachments import Attachments, attached_in, text_path
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.executor import Effects, ToolExecutor
from chat.agent.tools.files import file_tools
from chat.agent.tools.outcome import (
    CallOutcome,
    changes_rules,
    failed_outcome,
    recalled_outcome,
    unknown_outcome,
)
from chat.agent.tools.partial_input import PartialInput, Place
from chat.agent.tools.tool import Tool, ToolOutput
from chat.agent.tools.uninterrupted import uninterrupted
from chat.agent.tools.web_search import Searches, WebSearch, told_before, web_search_tool
from chat.agent.tools.workspace import Workspace

__all__ = [
    "Attachments",
    "BatchOutcome",
    "CallOutcome",
    "Effects",
    "PartialInput",
    "Place",
    "Searches",
    "Tool",
    "ToolExecutor",
    "ToolOutput",
    "WebSearch",
    "Workspace",
    "attached_in",
    "changes_rules",
    "failed_outcome",
    "file_tools",
    "recalled_outcome",
    "text_path",
    "told_before",
    "uninterrupted",
    "unknown_outcome",
    "web_search_tool",
]
