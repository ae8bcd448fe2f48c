"""The bucket, as far as uploads need it: forms that browsers send, and what they brought."""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types; here it ends
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.errors import StoreUnavailable
from aicode.uploads.form import form_conditions, form_fields
from aicode.uploads.record import FORM_MS, Record
from aicode.uploads.shelf import Form

_boto3: Any = boto3
# A call with its retries ends within the time limit of a tool, as those of the table.
_LIMITS: dict[str, Any] = {
    "connect_timeout": 1,
    "read_timeout": 4,
    "retries": {"mode": "standard", "total_max_attempts": 3},
    "signature_version": "s3v4",
}


class Bucket:
    """Signs forms, reads and deletes. Blocking; thread-safe. Raises StoreUnavailable."""

    def __init__(self, name: str, endpoint_url: str | None, session: Any = None) -> None:
        """`session` is a boto3 session, the default one if it is None."""
        self._name = name
        self._endpoint_url = endpoint_url
        self._session = session or _boto3
        self._lock = threading.Lock()

    @cached_property
    def _s3(self) -> Any:
        # Forms name the host of the bucket's own region: another may redirect, which a page cannot follow.
        # An emulator on this machine has no host name for each bucket.
        own_host = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
        addressing = {"addressing_style": "path"} if self._endpoint_url else own_host
        with self._lock:  # making a client is not thread-safe
            return self._session.client(
                "s3", endpoint_url=self._endpoint_url, config=Config(**_LIMITS, s3=addressing)
            )

    def form(self, record: Record) -> Form:
        """The form that puts the bytes of an upload where they belong, and no others.

        It cannot outlive the function's own credentials, which it is signed with.
        """
        with _failures():
            signed = self._s3.generate_presigned_post(
                self._name,
                record.object_name,
                Fields=form_fields(record),
                Conditions=form_conditions(record),
                ExpiresIn=FORM_MS // 1000,
            )
        return Form(signed["url"], cast("Mapping[str, str]", signed["fields"]))

    def read(self, name: str, limit: int) -> bytes | None:
        """The first `limit` bytes of an object, None if there is no such object."""
        with _failures():
            # Who may not list the bucket is told 403 of an object that is not there, as of any failure.
            found = self._s3.list_objects_v2(Bucket=self._name, Prefix=name, MaxKeys=1).get("Contents", [])
            if not found or found[0]["Key"] != name:
                return None
            with closing(self._s3.get_object(Bucket=self._name, Key=name)["Body"]) as body:
                return body.read(limit)

    def delete(self, names: Sequence[str]) -> None:
        """Deletes objects, a thousand at most."""
        asked = {"Objects": [{"Key": name} for name in names], "Quiet": True}
        with _failures():
            answer = self._s3.delete_objects(Bucket=self._name, Delete=asked)
        if answer.get("Errors"):
            raise _unavailable()


@contextmanager
def _failures() -> Generator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _unavailable() from error


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("The store of uploads does not answer.", retry_after=1)
