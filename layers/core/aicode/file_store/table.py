"""One DynamoDB table and one S3 bucket: items, values of any size, transactions that land or do not.

    pk             sk           holds
    VENDOR#<v>     APP#<app>    name, created, updated: a line of the vendor's list
    APP#<app>      META         vendor, name, rev, created, updated, tree: every path at its latest version
                   C#<rev>      a commit: author, message, session, turn, created, changes, rows, tree
                   K#<key>      what a keyed commit gave: rev, changes
                   E#<session>  epoch: the highest seen
                   B#<sha256>   data: a content

The tree is one value of one item, so that a reader sees a commit of any size whole or not at all, and in
one request. Values are compressed; one beyond INLINE_BYTES lies in S3 as `<app>/<its sha256>`, written
before the item that names it. Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import hashlib
import time
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
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

INLINE_BYTES = 100_000
_boto3: Any = boto3
_GET_LIMIT = 100
_WRITE_LIMIT = 25
_UNPROCESSED_ATTEMPTS = 8
_CONFIG = Config(connect_timeout=2, read_timeout=10, max_pool_connections=50, retries={"mode": "standard"})

Key = tuple[str, str]
Item = Mapping[str, Any]
T = TypeVar("T")


class Contended(AICodeError):
    """A transaction was refused: another writer was first, or a condition did not hold."""


class Table:
    """Blocking access to table and bucket; safe to use from several threads. Raises StoreUnavailable."""

    def __init__(self, name: str, bucket: str, endpoint_url: str | None) -> None:
        self._name = name
        self._bucket = bucket
        self._endpoint_url = endpoint_url

    @cached_property
    def _dynamodb(self) -> Any:
        # The resource's client translates Python's types.
        return _boto3.resource("dynamodb", endpoint_url=self._endpoint_url, config=_CONFIG).meta.client

    @cached_property
    def _s3(self) -> Any:
        return _boto3.client("s3", endpoint_url=self._endpoint_url, config=_CONFIG)

    def get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items that exist under these keys, strongly consistent, a hundred to a request."""
        found: dict[Key, Item] = {}
        for chunk in _chunks(sorted(set(keys)), _GET_LIMIT):
            asked = {self._name: {"Keys": [_key(key) for key in chunk], "ConsistentRead": True}}
            for answer in self._whole("batch_get_item", asked, "UnprocessedKeys"):
                for item in answer["Responses"].get(self._name, []):
                    found[item["pk"], item["sk"]] = item
        return found

    def query(self, pk: str, start: str, end: str, *, only: Sequence[str] = ()) -> Generator[Item]:
        """Items from sort key `start` to `end`, in order, strongly consistent; `only` these attributes."""
        asked: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
            "ExpressionAttributeValues": {":pk": pk, ":start": start, ":end": end},
            "ConsistentRead": True,
        }
        if only:
            names = {f"#{name}": name for name in only}
            asked |= {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
        with _failures():
            for page in self._dynamodb.get_paginator("query").paginate(**asked):
                yield from page["Items"]

    def put_all(self, items: Iterable[Item]) -> None:
        """Writes items in any order; for what nobody looks for yet."""
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

    def _whole(self, call: str, asked: Any, rest: str) -> Generator[Any]:
        """Answers until a batch is done; DynamoDB leaves out what it has no capacity for."""
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
        """Up to a hundred writes that land together; raises Contended where a condition does not hold."""
        named = [
            {kind: {"TableName": self._name, **write} for kind, write in each.items()} for each in writes
        ]
        with _failures():
            self._dynamodb.transact_write_items(TransactItems=named)

    def pack(self, app_id: str, name: str, text: str) -> dict[str, Any]:
        """The attribute that holds a text, which is in S3 by then if it is large."""
        data = zlib.compress(text.encode())
        if len(data) <= INLINE_BYTES:
            return {name: data}
        where = f"{app_id}/{hashlib.sha256(data).hexdigest()}"
        with _failures():
            self._s3.put_object(Bucket=self._bucket, Key=where, Body=data)
        return {f"{name}_s3": where}

    def unpack(self, item: Item, name: str) -> str:
        """The text that an item's attribute holds."""
        if name in item:
            return zlib.decompress(bytes(item[name])).decode()
        with _failures():
            body = self._s3.get_object(Bucket=self._bucket, Key=item[f"{name}_s3"])["Body"]
            return zlib.decompress(body.read()).decode()

    def delete_objects(self, app_id: str) -> None:
        """Deletes all of an app's objects in S3."""
        with _failures():
            for page in self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{app_id}/"
            ):
                objects = [{"Key": found["Key"]} for found in page.get("Contents", [])]
                if objects:
                    self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})


@contextmanager
def _failures() -> Generator[None]:
    try:
        yield
    except ClientError as error:
        if cast("Any", error).response["Error"]["Code"] == "TransactionCanceledException":
            raise Contended from error
        raise StoreUnavailable("The file store does not answer.", retry_after=1) from error
    except BotoCoreError as error:
        raise StoreUnavailable("The file store does not answer.", retry_after=1) from error


def _key(key: Key) -> dict[str, str]:
    return {"pk": key[0], "sk": key[1]}


def _chunks(items: Iterable[T], size: int) -> Generator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
