"""Files that a vendor gives to a conversation: announced, put into the bucket by the browser, looked at here.

An upload belongs to a vendor and an app. Its bytes pass no function on their way in; once they have arrived,
they are looked at, and the upload is `ready` or `refused`. What no session refers to is removed after a day.

Other rooms use `open_uploads` here, and `store` for the interface. `uploads` implements it over a shelf for
records and bytes: a database on one machine (`sqlite`), a table and a bucket in AWS (`aws`).
"""

from functools import cache
from typing import TYPE_CHECKING

from aicode.file_store import open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aicode.settings import Settings
    from aicode.uploads.shelf import Shelf
    from aicode.uploads.store import UploadStore

DATABASE = "uploads.sqlite3"
LOCAL_PATH = "/uploads"


def open_uploads(settings: "Settings") -> "UploadStore":
    """The store of uploads that the settings name, one for the process; it connects when it is first used."""
    return _opened(
        settings.apps_table,
        settings.files_bucket,
        settings.aws_endpoint_url,
        settings.data_dir,
        # Of this machine's two names `localhost`, under which the page is opened.
        max(settings.public_origins, default=""),
        settings.session_ttl,
        open_store(settings).owns,
    )


@cache
def _opened(  # noqa: PLR0913, PLR0917 - what tells one store from another
    table: str | None,
    bucket: str | None,
    endpoint_url: str | None,
    data_dir: str,
    origin: str,
    session_ttl: int,
    owns: "Callable[[str, str], Awaitable[bool]]",
) -> "UploadStore":
    from aicode.uploads.uploads import Uploads  # noqa: PLC0415 - no start waits for it

    return Uploads(_shelf(table, bucket, endpoint_url, data_dir, origin), owns, session_ttl=session_ttl)


def _shelf(
    table: str | None, bucket: str | None, endpoint_url: str | None, data_dir: str, origin: str
) -> "Shelf":
    if table and bucket:
        from aicode.file_store.dynamodb.table import Table  # noqa: PLC0415 - imports boto3
        from aicode.uploads.aws.bucket import Bucket  # noqa: PLC0415
        from aicode.uploads.aws.shelf import AwsShelf  # noqa: PLC0415

        return AwsShelf(Table(table, bucket, endpoint_url), Bucket(bucket, endpoint_url))
    from pathlib import Path  # noqa: PLC0415 - not needed in AWS

    from aicode.uploads.sqlite.shelf import SqliteShelf  # noqa: PLC0415

    return SqliteShelf(Path(data_dir) / DATABASE, f"{origin}{LOCAL_PATH}")
