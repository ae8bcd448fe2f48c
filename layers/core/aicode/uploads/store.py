"""The interface of the uploads' store."""

from collections.abc import Sequence
from typing import Protocol

from aicode.api_types import Attachment, NewUpload, Upload


class UploadStore(Protocol):
    """A vendor's uploads, by app.

    Every call may raise StoreUnavailable, and NotFound both for an app or upload that is absent and for one
    of somebody else.
    """

    async def create(  # noqa: PLR0913 - what is known of an upload
        self, vendor: str, app_id: str, *, name: str, media_type: str, size: int, sha256: str
    ) -> NewUpload:
        """An upload that waits for its bytes, and the form by which a browser sends them to the bucket.

        Raises InvalidRequest for a type that is not taken or a value of another shape, and TooLarge beyond
        the type's limit or the vendor's quota.
        """
        ...

    async def find(self, vendor: str, app_id: str, upload_id: str) -> Upload:
        """The upload. Bytes that have arrived since are looked at now, once."""
        ...

    async def attachments(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> list[Attachment]:
        """What a message with these uploads refers to, in their order.

        They are kept from now on as long as a session may last. Raises InvalidRequest, with a sentence for
        the vendor, for one that is absent, of another vendor or app, not ready, refused or expired.
        """
        ...

    async def keep(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> None:
        """Keeps these as long as a session may last from now; those that are gone are passed over."""
        ...

    async def read(self, vendor: str, app_id: str, upload_id: str) -> bytes:
        """The bytes of an upload that is ready. Raises NotFound once they have been removed."""
        ...

    async def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes all uploads of an app."""
        ...

    async def sweep(self) -> int:
        """Removes uploads that nobody refers to, and what is left of apps that are gone; returns how many."""
        ...
