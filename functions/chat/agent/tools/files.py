"""All tools for the app's files, in one list."""

from typing import Any

from chat.agent.tools.change_files import changing_tools
from chat.agent.tools.read_files import reading_tools
from chat.agent.tools.search import search_tool
from chat.agent.tools.tool import Tool
from chat.agent.tools.workspace import Workspace


# Any, because a list holds tools of different inputs and Tool is invariant in its input.
def file_tools(workspace: Workspace) -> list[Tool[Any]]:
    """All file tools over one workspace, always in the same order and with the same definitions."""
    return [*reading_tools(workspace), search_tool(workspace), *changing_tools(workspace)]
