"""Which version of each site is shown: one key a site, which a function at the edge reads with every request.

The key is the site, the value `<version>`, or `<version>,indexed`. Writes to the store take effect at the
edge within seconds. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html
"""

import threading
from functools import cached_property
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types; here it ends
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.errors import StoreUnavailable
from aicode.sites.shelf import Shown

_boto3: Any = boto3
# A write names the state of the whole store that it goes by: whoever comes second reads and writes again.
ATTEMPTS = 10
_LATE = frozenset({"ConflictException", "ValidationException"})
_ABSENT = "ResourceNotFoundException"
_LIMITS: dict[str, Any] = {
    "connect_timeout": 1,
    "read_timeout": 4,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}


def client(session: Any = None, endpoint_url: str | None = None) -> Any:
    """A client for key-value stores, of this boto3 session or the default one."""
    from aicode.sites.aws.sigv4a import allow_sigv4a  # noqa: PLC0415 - the build function has no cryptography

    allow_sigv4a()
    return (session or _boto3).client(
        "cloudfront-keyvaluestore", endpoint_url=endpoint_url, config=Config(**_LIMITS)
    )


class LiveKeys:
    """The key-value store of this ARN. Blocking; thread-safe. Raises StoreUnavailable.

    `client` is a boto3 client for `cloudfront-keyvaluestore`, made when first needed if it is None.
    """

    def __init__(self, arn: str, client: Any = None) -> None:
        self._arn = arn
        self._given = client
        self._lock = threading.Lock()

    @cached_property
    def _client(self) -> Any:
        with self._lock:  # making a client is not thread-safe
            return self._given or client()

    def show(self, site: str, shown: Shown | None) -> None:
        """Writes or deletes the site's key, unless it is so already."""
        wanted = live_value(shown) if shown else None
        for _ in range(ATTEMPTS):
            try:
                if self._get(site) == wanted:
                    return
                self._write(site, wanted)
            except ClientError as error:
                if _code(error) not in _LATE:
                    raise _unavailable() from error
            except BotoCoreError as error:
                raise _unavailable() from error
            else:
                return
        raise _unavailable()

    def _get(self, site: str) -> str | None:
        try:
            return self._client.get_key(KvsARN=self._arn, Key=site)["Value"]
        except ClientError as error:
            if _code(error) == _ABSENT:
                return None
            raise

    def _write(self, site: str, value: str | None) -> None:
        state = self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]
        if value is None:
            self._client.delete_key(KvsARN=self._arn, Key=site, IfMatch=state)
        else:
            self._client.put_key(KvsARN=self._arn, Key=site, Value=value, IfMatch=state)


def live_value(shown: Shown) -> str:
    """What the store holds for a site that shows this."""
    return f"{shown.version},indexed" if shown.indexed else str(shown.version)


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("What sites show cannot be changed right now.", retry_after=2)
