"""What Claude can do: the executor of a batch of tool calls, and one module for each family of tools."""

from chat.agent.tools.ask_user import ask_user_tool
from chat.agent.tools.attachments import Attachments, attached_in, text_path, upload_ids_in
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.check_app import AppCheck, check_app_tool, count_errors, known_errors, listed
from chat.agent.tools.executor import Effects, Instead, ToolExecutor
from chat.agent.tools.files import file_tools
from chat.agent.tools.git_function import GitPusher, git_function
from chat.agent.tools.look_at_preview import look_at_preview_tool
from chat.agent.tools.outcome import (
    CallOutcome,
    changes_rules,
    failed_outcome,
    recalled_outcome,
    shown_input,
    unknown_outcome,
)
from chat.agent.tools.partial_input import PartialInput, Place
from chat.agent.tools.publish_app import publish_app_tool
from chat.agent.tools.push_app import push_app_tool
from chat.agent.tools.tool import Tool, ToolOutput, Wait
from chat.agent.tools.uninterrupted import uninterrupted
from chat.agent.tools.web_fetch import (
    WEB_FETCH,
    WebAccess,
    address_form,
    addresses_in,
    served_web_fetch,
    web_fetch_tool,
)
from chat.agent.tools.web_search import WebSearch, told_before, web_search_tool
from chat.agent.tools.workspace import Workspace

__all__ = [
    "WEB_FETCH",
    "AppCheck",
    "Attachments",
    "BatchOutcome",
    "CallOutcome",
    "Effects",
    "GitPusher",
    "Instead",
    "PartialInput",
    "Place",
    "Tool",
    "ToolExecutor",
    "ToolOutput",
    "Wait",
    "WebAccess",
    "WebSearch",
    "Workspace",
    "address_form",
    "addresses_in",
    "ask_user_tool",
    "attached_in",
    "changes_rules",
    "check_app_tool",
    "count_errors",
    "failed_outcome",
    "file_tools",
    "git_function",
    "known_errors",
    "listed",
    "look_at_preview_tool",
    "publish_app_tool",
    "push_app_tool",
    "recalled_outcome",
    "served_web_fetch",
    "shown_input",
    "text_path",
    "told_before",
    "uninterrupted",
    "unknown_outcome",
    "upload_ids_in",
    "web_fetch_tool",
    "web_search_tool",
]
