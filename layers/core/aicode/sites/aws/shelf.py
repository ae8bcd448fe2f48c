"""The files of sites in a bucket, read by CloudFront alone.

sites/<site>/owner.json      the app it belongs to
sites/<site>/<version>/...   the files, with the headers that a browser gets
"""

import json
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types; here it ends
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.errors import StoreUnavailable
from aicode.sites.aws.live_keys import LiveKeys
from aicode.sites.file_headers import cache_control, content_type
from aicode.sites.shelf import Owner, Shown

_boto3: Any = boto3
_Refused: Any = ClientError
ROOT = "sites"
_OWNER = "owner.json"
_AT_ONCE = 16
_DELETED_AT_ONCE = 1_000
_LIMITS: dict[str, Any] = {
    "connect_timeout": 1,
    "read_timeout": 4,
    "max_pool_connections": _AT_ONCE,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}


class AwsShelf:
    """A Shelf in a bucket and a key-value store; each site is a host below `domain`."""

    def __init__(
        self, domain: str, bucket: str, live: LiveKeys, endpoint_url: str | None, session: Any = None
    ) -> None:
        """`session` is a boto3 session, the default one if it is None."""
        self._domain = domain
        self._bucket = bucket
        self._live = live
        self._endpoint_url = endpoint_url
        self._session = session or _boto3
        self._lock = threading.Lock()

    @cached_property
    def _s3(self) -> Any:
        with self._lock:  # making a client is not thread-safe
            return self._session.client("s3", endpoint_url=self._endpoint_url, config=Config(**_LIMITS))

    def url(self, site: str) -> str:
        """The address that a browser opens."""
        return f"https://{site}.{self._domain}/"

    def base(self, site: str) -> str:  # noqa: ARG002 - as the interface
        """The path of that address: each site has a host of its own."""
        return "/"

    def write(self, site: str, version: int, owner: Owner, files: Mapping[str, bytes]) -> None:
        """Puts the files of a version there, several at a time."""
        self._put(
            f"{ROOT}/{site}/{_OWNER}", json.dumps(asdict(owner)).encode(), "application/json", "no-store"
        )

        def put(path: str) -> None:
            name = f"{ROOT}/{site}/{version}/{path}"
            self._put(name, files[path], content_type(path), cache_control(path))

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for _ in threads.map(put, files):
                pass

    def _put(self, name: str, data: bytes, kind: str, cached: str) -> None:
        with _failures():
            self._s3.put_object(
                Bucket=self._bucket, Key=name, Body=data, ContentType=kind, CacheControl=cached
            )

    def show(self, site: str, shown: Shown | None) -> None:
        """Makes the site's address show this, or nothing."""
        self._live.show(site, shown)

    def delete(self, site: str, versions: Iterable[int]) -> None:
        """Deletes the files of versions."""
        for version in versions:
            self._delete_below(f"{ROOT}/{site}/{version}/")

    def delete_site(self, site: str) -> None:
        """Deletes all of a site; its owner last, by which what is left would be found."""
        self.show(site, None)
        self._delete_below(f"{ROOT}/{site}/")

    def sites(self, before: int) -> Iterable[tuple[str, Owner | None, set[int]]]:
        """Each site with its owner and its older versions."""
        for prefix in self._folders(f"{ROOT}/"):
            site = prefix.split("/")[1]
            latest: dict[int, int] = {}
            for name, written in self._objects(prefix):
                version = name.split("/")[2]
                if version.isdecimal():
                    latest[int(version)] = max(written, latest.get(int(version), 0))
            old = {version for version, written in latest.items() if written < before}
            yield site, self._owner(site), old

    def _owner(self, site: str) -> Owner | None:
        try:
            with _failures():
                body = self._s3.get_object(Bucket=self._bucket, Key=f"{ROOT}/{site}/{_OWNER}")["Body"]
                return Owner(**json.loads(body.read()))
        except StoreUnavailable as error:
            if _is_absent(error.__cause__):
                return None
            raise

    def _folders(self, prefix: str) -> Iterator[str]:
        for page in self._pages(Prefix=prefix, Delimiter="/"):
            yield from (each["Prefix"] for each in page.get("CommonPrefixes", []))

    def _objects(self, prefix: str) -> Iterator[tuple[str, int]]:
        for page in self._pages(Prefix=prefix):
            for found in page.get("Contents", []):
                yield found["Key"], int(found["LastModified"].timestamp() * 1000)

    def _pages(self, **asked: str) -> Iterator[Any]:
        with _failures():
            yield from self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, **asked)

    def _delete_below(self, prefix: str) -> None:
        # Digits come before letters, so the owner is in the last portion.
        names = [name for name, _ in self._objects(prefix)]
        for start in range(0, len(names), _DELETED_AT_ONCE):
            portion = names[start : start + _DELETED_AT_ONCE]
            asked: dict[str, Any] = {"Objects": [{"Key": name} for name in portion], "Quiet": True}
            with _failures():
                answer = self._s3.delete_objects(Bucket=self._bucket, Delete=asked)
            if answer.get("Errors"):
                raise _unavailable()


@contextmanager
def _failures() -> Generator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _unavailable() from error


def _is_absent(cause: Any) -> bool:
    return bool(isinstance(cause, _Refused) and cause.response["Error"]["Code"] == "NoSuchKey")


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("The store of published apps does not answer.", retry_after=1)
