"""The ids by which the Files API knows what a turn sends: each picture or document is uploaded once."""

from collections.abc import Sequence

from aicode.session_manager import SentForms
from chat.agent.model import FilesApi

DAY = 86_400
# In seconds; the API takes no other life of a file.
LEAST_LIFE, MOST_LIFE = 3_600, 7_776_000


class FileIds:
    """The ids of one vendor's files, as far as the API takes files; the same for every process.

    Every call may raise StoreUnavailable.
    """

    def __init__(self, forms: SentForms, api: FilesApi, session_ttl: int) -> None:
        self._forms = forms
        self._api = api
        # A day longer than the id is remembered, so that no file expires that a turn has begun with.
        self._life = min(MOST_LIFE, max(LEAST_LIFE, session_ttl + DAY))
        self._known: dict[str, str] = {}

    def of(self, sha256: str) -> str:
        """The id of the file with these bytes; empty if the bytes themselves are sent."""
        return self._known.get(sha256, "")

    async def without(self, hashes: Sequence[str]) -> list[str]:
        """Those of these for which it is not decided yet in which form they are sent."""
        new = [sha256 for sha256 in hashes if sha256 not in self._known]
        if new:
            self._known |= await self._forms.find(new)
        return [sha256 for sha256 in new if sha256 not in self._known]

    async def upload(self, sha256: str, data: bytes, media_type: str) -> None:
        """Gives these bytes an id; if the API does not take them, they are sent themselves from now on."""
        file_id = await self._api.upload(data, media_type, self._life)
        self._known[sha256] = await self._forms.choose(sha256, file_id or "")

    async def forget(self, sha256: str) -> None:
        """Has the file uploaded anew, because the API does not know its id any more."""
        self._known.pop(sha256, None)
        await self._forms.forget(sha256)
