"""Apps and files: one interface, kept in SQLite on a laptop and in DynamoDB and S3 in AWS."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aicode.file_store.store import FileStore
    from aicode.settings import Settings

DATABASE = "apps.sqlite3"


@cache
def open_store(settings: "Settings") -> "FileStore":
    """The store these settings ask for, one a process; loads only that one, and connects when first used."""
    if settings.apps_table:
        from aicode.settings import SettingsError  # noqa: PLC0415 - the callers have it, this package needs none

        raise SettingsError("APPS_TABLE is set, but this build keeps apps in SQLite only.")
    from pathlib import Path  # noqa: PLC0415 - what AWS never needs

    from aicode.file_store.sqlite import SqliteFileStore  # noqa: PLC0415

    return SqliteFileStore(Path(settings.data_dir) / DATABASE)
