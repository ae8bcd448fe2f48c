"""Applies Claude's edits to a text: finds the place of each, fits the new text to it, applies all or none.

Other rooms use `apply`. `match` finds a place, in texts that `normalise` makes comparable. `fit` gives the
new text the file's own indentation (`indent`) and spelling (`spelling`), `own_tags` its own form of tags that
Claude is shown taken apart.
"""

from chat.agent.tools.edit.apply import (
    EditMissedError,
    Replacement,
    apply_edits,
    change_summary,
    changed_lines,
)
from chat.agent.tools.edit.own_tags import spelled_as

__all__ = [
    "EditMissedError",
    "Replacement",
    "apply_edits",
    "change_summary",
    "changed_lines",
    "spelled_as",
]
