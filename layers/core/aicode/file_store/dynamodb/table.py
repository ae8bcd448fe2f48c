"""One DynamoDB table and one S3 bucket: items, values of any size, and atomic transactions.

    pk             sk           holds
    VENDOR#<v>     APP#<app>    name, created, updated: for the vendor's list of apps
                   IDS          ids: the vendor's apps, by which they are counted; made when first needed
    APP#<app>      META         vendor, name, rev, created, updated, tree: every path at its latest version;
                                oldest, kept, counted: what it keeps of its past (see `retention`);
                                accepts: how often rules were accepted
                   C#<rev>      a commit: author, message, session, turn, created, changes, rows
                   F#<rev>      tree: every path as that commit left it
                   G#<session>#<turn>  revs: the revisions that the turn made
                   K#<key>      the result of the commit with this key: rev, changes
                   E#<session>  epoch: the highest seen of this session
                   D#<name>     value: a JSON object of the app's, and its version
                   B#<sha256>   data: the content of a file; at: when it was last written

The tree is one value of one item, so that a reader needs one request and sees a commit of any size whole or
not at all. Values are compressed. A value of more than INLINE_BYTES is an object in S3, `<app>/<random>`,
which is written before the item that names it. Its name is never used again, so an object without an item can
be deleted. Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import secrets
import threading
import time
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types; here it ends
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.errors import AICodeError, StoreUnavailable
from aicode.file_store import UPLOADS

INLINE_BYTES = 100_000
_boto3: Any = boto3
_GET_LIMIT = 100
_WRITE_LIMIT = 25
_DELETE_LIMIT = 1_000
_UNPROCESSED_ATTEMPTS = 8
# A call with its retries, which are for throttling too, ends within the time limit of a tool. There are as
# many connections as asyncio.to_thread can have threads (https://docs.python.org/3/library/concurrent.futures.html).
_LIMITS: dict[str, Any] = {
    "connect_timeout": 1,
    "read_timeout": 4,
    "max_pool_connections": 32,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_WORTH_ANOTHER_TRY = frozenset(
    {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)

Key = tuple[str, str]
Item = Mapping[str, Any]
T = TypeVar("T")


class Contended(AICodeError):
    """A write was refused: another writer was first, or a condition did not hold."""


class Table:
    """Reads and writes the table and the bucket. Blocking; thread-safe. Raises StoreUnavailable."""

    def __init__(self, name: str, bucket: str, endpoint_url: str | None, session: Any = None) -> None:
        """`session` is a boto3 session, the default one if it is None."""
        self._name = name
        self._bucket = bucket
        self._endpoint_url = endpoint_url
        self._session = session or _boto3
        self._lock = threading.Lock()

    @cached_property
    def _dynamodb(self) -> Any:
        # The client of a resource converts Python's types. Making a client is not thread-safe.
        with self._lock:
            resource = self._session.resource(
                "dynamodb", endpoint_url=self._endpoint_url, config=Config(**_LIMITS)
            )
            return resource.meta.client

    @cached_property
    def _s3(self) -> Any:
        # An emulator on this machine has no host name for each bucket.
        addressing = {"addressing_style": "path" if self._endpoint_url else "auto"}
        with self._lock:
            return self._session.client(
                "s3", endpoint_url=self._endpoint_url, config=Config(**_LIMITS, s3=addressing)
            )

    def get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items that exist under these keys, strongly consistent, a hundred to a request."""
        found: dict[Key, Item] = {}
        for chunk in _chunks(sorted(set(keys)), _GET_LIMIT):
            asked = {self._name: {"Keys": [_key(key) for key in chunk], "ConsistentRead": True}}
            for answer in self._whole("batch_get_item", asked, "UnprocessedKeys"):
                for item in answer["Responses"].get(self._name, []):
                    found[item["pk"], item["sk"]] = item
        return found

    def query(
        self, pk: str, start: str, end: str, *, only: Sequence[str] = (), backwards: int | None = None
    ) -> Generator[Item]:
        """Items from sort key `start` to `end`, in order, strongly consistent; `only` these attributes.

        With `backwards` they come in the opposite order, and so many to a request.
        """
        asked: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
            "ExpressionAttributeValues": {":pk": pk, ":start": start, ":end": end},
            "ConsistentRead": True,
        }
        if only:
            names = {f"#{name}": name for name in only}
            asked |= {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
        if backwards is not None:
            asked |= {"ScanIndexForward": False, "PaginationConfig": {"PageSize": backwards}}
        with _failures():
            for page in self._dynamodb.get_paginator("query").paginate(**asked):
                yield from page["Items"]

    def partitions(self) -> set[str]:
        """Every `pk` of the table."""
        with _failures():
            pages = self._dynamodb.get_paginator("scan").paginate(
                TableName=self._name, ProjectionExpression="pk"
            )
            return {item["pk"] for page in pages for item in page["Items"]}

    def put_all(self, items: Iterable[Item]) -> None:
        """Writes items in any order, so only items that nobody refers to yet."""
        for chunk in _chunks(items, _WRITE_LIMIT):
            asked = {self._name: [{"PutRequest": {"Item": item}} for item in chunk]}
            for _ in self._whole("batch_write_item", asked, "UnprocessedItems"):
                pass

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Deletes items in any order."""
        for chunk in _chunks(keys, _WRITE_LIMIT):
            asked = {self._name: [{"DeleteRequest": {"Key": _key(key)}} for key in chunk]}
            for _ in self._whole("batch_write_item", asked, "UnprocessedItems"):
                pass

    def delete_older(self, key: Key, before: int) -> None:
        """Deletes an item written before this time (epoch milliseconds); raises Contended for a newer one."""
        with _failures():
            self._dynamodb.delete_item(
                TableName=self._name,
                Key=_key(key),
                ConditionExpression="attribute_not_exists(#at) OR #at < :before",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":before": before},
            )

    def _whole(self, call: str, asked: Any, rest: str) -> Generator[Any]:
        """The answers to a batch request, repeated for the keys that DynamoDB had no capacity for."""
        for attempt in range(_UNPROCESSED_ATTEMPTS):
            with _failures():
                answer = getattr(self._dynamodb, call)(RequestItems=asked)
            yield answer
            asked = answer.get(rest)
            if not asked:
                return
            time.sleep(0.05 * 2**attempt)
        raise StoreUnavailable("The file store is busy.", retry_after=5)

    def transact(self, *writes: Mapping[str, Mapping[str, Any]]) -> None:
        """Makes up to a hundred writes, all or none; raises Contended if a condition does not hold."""
        named = [
            {kind: {"TableName": self._name, **write} for kind, write in each.items()} for each in writes
        ]
        with _failures():
            self._dynamodb.transact_write_items(TransactItems=named)

    def update(
        self, key: Key, changed: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None
    ) -> None:
        """Sets attributes of one item; raises Contended if the condition does not hold, and only then.

        Costs half of a transaction. `values` are those of the condition, which may name `#<attribute>`.
        """
        with _failures():
            self._dynamodb.update_item(
                TableName=self._name,
                Key=_key(key),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in changed},
                ExpressionAttributeValues={f":{name}": value for name, value in changed.items()}
                | {**(values or {})},
            )

    def pack(self, app_id: str, name: str, value: bytes, inline: int = INLINE_BYTES) -> dict[str, Any]:
        """The attribute for a value: compressed, or a new object in S3 if that exceeds `inline` bytes."""
        data = zlib.compress(value)
        if len(data) <= inline:
            return {name: data}
        where = f"{app_id}/{secrets.token_hex(16)}"
        with _failures():
            self._s3.put_object(Bucket=self._bucket, Key=where, Body=data)
        return {f"{name}_s3": where}

    def unpack(self, item: Item, name: str) -> bytes:
        """The value that an item's attribute holds."""
        if name in item:
            return zlib.decompress(bytes(item[name]))
        with _failures():
            body = self._s3.get_object(Bucket=self._bucket, Key=item[f"{name}_s3"])["Body"]
            return zlib.decompress(body.read())

    def folders(self) -> set[str]:
        """The ids of the apps that have objects in S3; uploads are another store's."""
        with _failures():
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Delimiter="/")
            found = {each["Prefix"].rstrip("/") for page in pages for each in page.get("CommonPrefixes", [])}
            return found - {UPLOADS}

    def objects(self, app_id: str) -> Iterator[tuple[str, int]]:
        """An app's objects in S3, and when each was written (epoch milliseconds)."""
        with _failures():
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{app_id}/"
            )
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"], int(found["LastModified"].timestamp() * 1000)

    def delete_objects(self, names: Iterable[str]) -> None:
        """Deletes objects in S3."""
        for chunk in _chunks(names, _DELETE_LIMIT):
            asked = {"Objects": [{"Key": name} for name in chunk], "Quiet": True}
            with _failures():
                answer = self._s3.delete_objects(Bucket=self._bucket, Delete=asked)
            if answer.get("Errors"):
                raise StoreUnavailable("The file store does not answer.", retry_after=1)


@contextmanager
def _failures() -> Generator[None]:
    try:
        yield
    except ClientError as error:
        if _is_contended(cast("Any", error).response):
            raise Contended from error
        raise StoreUnavailable("The file store does not answer.", retry_after=1) from error
    except BotoCoreError as error:
        raise StoreUnavailable("The file store does not answer.", retry_after=1) from error


def _is_contended(response: Mapping[str, Any]) -> bool:
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        reasons = {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])}
        return reasons - {"None"} <= _WORTH_ANOTHER_TRY
    return code in {"ConditionalCheckFailedException", "TransactionInProgressException"}


def _key(key: Key) -> dict[str, str]:
    return {"pk": key[0], "sk": key[1]}


def _chunks(items: Iterable[T], size: int) -> Generator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
