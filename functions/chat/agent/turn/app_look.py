"""Tells Claude about the app's files and rules, at a turn's beginning and after a compaction."""

from aicode.errors import NotFound, TurnError
from aicode.file_store.store import FileStore
from chat.agent.prompt import app_context
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal


class AppLook:
    """Looks at the app's files and rules, for Claude; `rules` are those of the latest look."""

    def __init__(self, turn: TurnContext, journal: Journal, store: FileStore) -> None:
        self._turn = turn
        self._journal = journal
        self._store = store
        self.rules = ""

    async def tell_claude(self) -> None:
        """Adds to the next request what Claude does not know yet. Raises TurnError if the app is gone."""
        vendor, app = self._turn.writer.vendor, self._turn.writer.app
        try:
            listing = await self._store.list_files(vendor, app)
            self.rules = await self._store.read_rules(vendor, app) if listing.rules.accepted else ""
        except NotFound as error:
            raise TurnError("internal", "The app is gone.") from error
        told = self._journal.entries_and_context()
        for context in app_context(listing.files, self.rules, told, waiting=listing.rules.pending > 0):
            self._journal.tell_claude(context)
