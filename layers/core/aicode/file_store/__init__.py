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
    if settings.apps_table and settings.files_bucket:
        from aicode.file_store.dynamodb.store import DynamoFileStore  # noqa: PLC0415 - loads boto3
        from aicode.file_store.dynamodb.table import Table  # noqa: PLC0415

        return DynamoFileStore(Table(settings.apps_table, settings.files_bucket, settings.aws_endpoint_url))
    from pathlib import Path  # noqa: PLC0415 - what AWS never needs

    from aicode.file_store.sqlite.store import SqliteFileStore  # noqa: PLC0415

    return SqliteFileStore(Path(settings.data_dir) / DATABASE)
