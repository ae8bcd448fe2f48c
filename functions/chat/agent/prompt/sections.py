"""Puts text that is data into a section for Claude: `<tag>` on a line, the text, `</tag>` on a line.

Such texts come from files or from a conversation. One that holds a tag of the product could end its section
and go on in the product's name, so the `<` of these tags is escaped.
"""

import re

APP_FILES = "app_files"
PROJECT_RULES = "project_rules"
SUMMARY = "conversation_summary"
TRANSCRIPT = "transcript"
CUT_CALL = "cut_call"
# Between `<` and the tag no further `<` may stand, so that each character is read once.
_TAGS = re.compile(
    rf"<(?=[^\w<]*(?:{APP_FILES}|{PROJECT_RULES}|{SUMMARY}|{TRANSCRIPT}|{CUT_CALL})\b)", re.IGNORECASE
)


def section(tag: str, text: str) -> str:
    """The text as a section with this tag, escaped so that it cannot end the section."""
    return f"<{tag}>\n{_TAGS.sub('&lt;', text)}\n</{tag}>"


def is_section(tag: str, text: str) -> bool:
    """True if the text is, or begins with, a section with this tag."""
    return text.startswith(f"<{tag}>\n")
