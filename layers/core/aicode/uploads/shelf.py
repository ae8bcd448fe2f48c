"""Where uploads lie: their records and their bytes. Blocking; every call may raise StoreUnavailable."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aicode.uploads.record import Record


@dataclass(frozen=True, slots=True)
class Form:
    """Where the bytes of an upload are sent to by POST, and what goes before them in the form."""

    url: str
    fields: Mapping[str, str]


class Shelf(Protocol):
    """Records and bytes of all vendors' uploads."""

    def add(self, record: Record, check: Callable[[Iterable[Record]], None]) -> Form:
        """Writes a record, if `check` lets it pass by all that its vendor has at that very moment.

        Returns the form for its bytes.
        """
        ...

    def get(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> dict[str, Record]:
        """Those of the named records that exist, by their ids."""
        ...

    def settle(self, record: Record) -> Record:
        """Writes what was found of an upload, if it still waits; returns what is stored of it then.

        Of two looks at the same upload the first counts. One that is gone is returned as it was given.
        """
        ...

    def extend(self, records: Sequence[Record], keep_until: int) -> None:
        """Keeps records for longer; those that are gone are passed over."""
        ...

    def read(self, record: Record) -> bytes | None:
        """The bytes that have arrived, None if there are none; one more than announced at most."""
        ...

    def drop_bytes(self, record: Record) -> None:
        """Deletes the bytes, not the record."""
        ...

    def delete_app(self, vendor: str, app_id: str) -> None:
        """Deletes records and bytes of an app."""
        ...

    def sweep(self, now: int) -> int:
        """Deletes what is to be kept no longer, and bytes without a record; returns how many records and
        objects."""
        ...
