"""Tells Claude about the app's files and rules, at a turn's beginning and after a compaction."""

from aicode.errors import NotFound, TurnError
from aicode.file_store.store import FileStore
from chat.agent.prompt.app_context import RULES_PATH, app_context
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal


class AppLook:
    """Looks at the app's files and rules, for Claude."""

    def __init__(self, turn: TurnContext, journal: Journal, store: FileStore) -> None:
        self._turn = turn
        self._journal = journal
        self._store = store

    async def tell_claude(self) -> None:
        """Adds to the next request what Claude does not know yet. Raises TurnError if the app is gone."""
        vendor, app = self._turn.writer.vendor, self._turn.writer.app
        try:
            listing = await self._store.list_files(vendor, app)
            has_rules = any(file["path"] == RULES_PATH for file in listing.files)
            rules = (await self._store.read_file(vendor, app, RULES_PATH))["content"] if has_rules else ""
        except NotFound as error:
            raise TurnError("internal", "The app is gone.") from error
        for context in app_context(listing.files, rules, self._journal.entries_and_context()):
            self._journal.tell_claude(context)
