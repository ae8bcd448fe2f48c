"""In which form Claude is sent a vendor's pictures and documents, so that every process sends the same.

The prompt cache knows a request by its bytes: what came as base64 must not come by an id next time.
"""

from collections.abc import Sequence
from typing import cast

from aicode.redis import RedisClient, keys


class SentForms:
    """The forms of one vendor, by the hash of the bytes: an id of a file, or "" for the bytes themselves.

    Each is kept for `life_ms`, then chosen anew. Every call may raise StoreUnavailable.
    """

    def __init__(self, client: RedisClient, vendor: str, life_ms: int) -> None:
        self._client = client
        self._vendor = vendor
        self._life_ms = life_ms

    async def find(self, hashes: Sequence[str]) -> dict[str, str]:
        """The forms of those of these, at least one, for which one was chosen."""
        found = await self._client.command("MGET", *map(self._key, hashes))
        forms = zip(hashes, cast("list[str | None]", found), strict=True)
        return {sha256: form.removeprefix("=") for sha256, form in forms if form is not None}

    async def choose(self, sha256: str, form: str) -> str:
        """Chooses the form, unless another process was faster; the form that holds."""
        key = self._key(sha256)
        # No value is empty: a client may take an empty one for none.
        choice = ["SET", key, f"={form}", "NX", "PX", self._life_ms]
        _, chosen = await self._client.pipeline([choice, ["GET", key]])
        return chosen.removeprefix("=") if isinstance(chosen, str) else form

    async def forget(self, sha256: str) -> None:
        """Has the form chosen anew."""
        await self._client.command("DEL", self._key(sha256))

    def _key(self, sha256: str) -> str:
        return keys.sent_form(self._vendor, sha256)
