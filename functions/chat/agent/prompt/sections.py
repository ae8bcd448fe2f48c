"""Text from elsewhere as a section of its own: `<tag>` on a line, the text, `</tag>` on a line.

Names and contents of files, and whatever a summary quotes, are data. A text that holds one of the product's
own tags could end its section and go on in the product's name, so these tags are taken apart in it.
"""

import re

APP_FILES = "app_files"
PROJECT_RULES = "project_rules"
SUMMARY = "conversation_summary"
TRANSCRIPT = "transcript"
CUT_CALL = "cut_call"
# What may stand between ends at the next `<`, so that each character is read once.
_TAGS = re.compile(
    rf"<(?=[^\w<]*(?:{APP_FILES}|{PROJECT_RULES}|{SUMMARY}|{TRANSCRIPT}|{CUT_CALL})\b)", re.IGNORECASE
)


def section(tag: str, text: str) -> str:
    """The text between its tags; it cannot end the section."""
    return f"<{tag}>\n{_TAGS.sub('&lt;', text)}\n</{tag}>"


def is_section(tag: str, text: str) -> bool:
    """Whether the text is, or begins with, such a section."""
    return text.startswith(f"<{tag}>\n")
