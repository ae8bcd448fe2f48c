"""Apps and their files, behind one interface: in SQLite on one machine, in DynamoDB and S3 in AWS.

Other rooms use `open_store` and `open_store_to_read` here, `store` for the interface and its types, `paths`
for the rules of paths, and `prepared` and `line_diff` for what a change amounts to: each by itself, since
together they are a tenth of a cold start that most requests for sessions do not need. `sqlite` and `dynamodb`
implement the interface, and share the other pure modules: what a commit makes of an app (`plan`), and
`checkpoints`.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aicode.file_store.store import FileStore
    from aicode.settings import Settings

DATABASE = "apps.sqlite3"
UPLOADS = "uploads"
"""The folder of the bucket that is no app's: `aicode.uploads` keeps bytes there."""


def open_store(settings: "Settings") -> "FileStore":
    """The file store that the settings name, one for the process; it connects when it is first used."""
    # Of all settings these alone, so that a rotated secret opens no other store.
    return _opened(
        settings.apps_table,
        settings.files_bucket,
        settings.aws_endpoint_url,
        settings.data_dir,
        settings.max_apps,
        settings.max_history_bytes,
    )


def open_store_to_read(env: "Mapping[str, str]") -> "FileStore":
    """The file store for a function without secrets, and so without settings; it writes nothing."""
    return _opened(
        env.get("APPS_TABLE") or None,
        env.get("FILES_BUCKET") or None,
        env.get("AWS_ENDPOINT_URL") or None,
        env.get("DATA_DIR") or ".data",
    )


@cache
def _opened(  # noqa: PLR0913, PLR0917 - what tells one store from another
    table: str | None,
    bucket: str | None,
    endpoint_url: str | None,
    data_dir: str,
    max_apps: int = 0,
    max_history_bytes: int = 0,
) -> "FileStore":
    from aicode.file_store.limits import Limits  # noqa: PLC0415 - no start waits for it

    limits = Limits(apps=max_apps, history_bytes=max_history_bytes)
    if table and bucket:
        from aicode.file_store.dynamodb.store import DynamoFileStore  # noqa: PLC0415 - imports boto3
        from aicode.file_store.dynamodb.table import Table  # noqa: PLC0415

        return DynamoFileStore(Table(table, bucket, endpoint_url), limits=limits)
    from pathlib import Path  # noqa: PLC0415 - not needed in AWS

    from aicode.file_store.sqlite.store import SqliteFileStore  # noqa: PLC0415

    return SqliteFileStore(Path(data_dir) / DATABASE, limits=limits)
