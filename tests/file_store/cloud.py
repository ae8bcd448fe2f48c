"""A table and a bucket in memory."""

import os
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from moto import mock_aws

from aicode.file_store.dynamodb.table import Item, Key, Table

_boto3: Any = boto3
REGION = "eu-central-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}
KEYS = {"pk": "HASH", "sk": "RANGE"}


class SerialTable(Table):
    """Changes one at a time: moto applies a transaction to a copy of the table, without a lock."""

    _writing = threading.Lock()

    def transact(self, *writes: Mapping[str, Mapping[str, Any]]) -> None:
        with self._writing:
            super().transact(*writes)

    def update(
        self, key: Key, changed: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None
    ) -> None:
        with self._writing:
            super().update(key, changed, condition, values)

    def put_all(self, items: Iterable[Item]) -> None:
        with self._writing:
            super().put_all(items)


class Cloud:
    """What of AWS the store needs; exists as long as `cloud` is open."""

    def __init__(self) -> None:
        self.table = SerialTable("apps", "files", None)
        self._dynamodb = _boto3.client("dynamodb")
        self._s3 = _boto3.client("s3")
        self._s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        self._create_table()

    def _create_table(self) -> None:
        self._dynamodb.create_table(
            TableName="apps",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
            BillingMode="PAY_PER_REQUEST",
        )

    def items(self) -> list[tuple[str, str]]:
        """The keys of all items."""
        found = self._dynamodb.scan(TableName="apps", ProjectionExpression="pk, sk")["Items"]
        return [(item["pk"]["S"], item["sk"]["S"]) for item in found]

    def size(self, prefix: str) -> int:
        """About how many bytes the items whose sort key begins like this have: what a query of them reads."""
        found = self._dynamodb.scan(TableName="apps")["Items"]
        return sum(len(str(item)) for item in found if item["sk"]["S"].startswith(prefix))

    def objects(self) -> list[str]:
        """The keys of all objects."""
        return [found["Key"] for found in self._s3.list_objects_v2(Bucket="files").get("Contents", [])]

    def empty(self) -> None:
        """Forgets everything."""
        self._dynamodb.delete_table(TableName="apps")
        self._create_table()
        for key in self.objects():
            self._s3.delete_object(Bucket="files", Key=key)


@contextmanager
def cloud() -> Generator[Cloud]:
    """An empty table and bucket."""
    before = dict(os.environ)
    os.environ |= CREDENTIALS
    try:
        with mock_aws():
            yield Cloud()
    finally:
        os.environ.clear()
        os.environ.update(before)
