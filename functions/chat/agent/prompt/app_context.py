"""What Claude is sent about the app beside a message: its list of files and the vendor's rules."""

from collections.abc import Sequence

from aicode.api_types import FileInfo
from aicode.file_store.store import RULES_PATH
from aicode.history import Entry
from chat.agent.prompt.conversation import context_of
from chat.agent.sections import APP_FILES, PROJECT_RULES, section

RULES_LIMIT = 16_000
LISTED_FILES = 300
LISTING_LIMIT = 12_000


def app_context(
    files: Sequence[FileInfo], rules: str, entries: Sequence[Entry], *, waiting: bool = False
) -> list[str]:
    """The sections about the app that must be sent, because these entries do not end with them already.

    One section lists the files, another has the vendor's rules; both are bounded. File sizes are left out, so
    that an edit does not change the list. `waiting` says that the file itself holds another text than these
    rules, which the vendor has not accepted: Claude must not be sent there for what is cut off.
    """
    found = [section(APP_FILES, _listing(files))]
    known_rules = context_of(entries, PROJECT_RULES)
    if rules.strip():
        found.append(section(PROJECT_RULES, rules[:RULES_LIMIT] + _cut(rules, waiting=waiting)))
    elif known_rules:
        found.append(section(PROJECT_RULES, "(none any more)"))
    return [text for text in found if text not in (context_of(entries, APP_FILES), known_rules)]


def _cut(rules: str, *, waiting: bool) -> str:
    if len(rules) <= RULES_LIMIT:
        return ""
    return "\n[cut]" if waiting else f"\n[cut: read {RULES_PATH} for the rest]"


def _listing(files: Sequence[FileInfo]) -> str:
    listed: list[str] = []
    room = LISTING_LIMIT
    for file in files[:LISTED_FILES]:
        room -= len(file["path"]) + 1
        if room < 0:
            break
        listed.append(file["path"])
    if len(files) > len(listed):
        listed.append(f"... and {len(files) - len(listed)} more; use list_files to see all")
    return "\n".join(listed) or "(the app is empty)"
