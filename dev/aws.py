"""Table and bucket in an emulator of AWS, such as moto's server, made where they are missing."""

import asyncio
import contextlib
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

from dev.function_url.function import REGION

_boto3: Any = boto3
# As in template.yaml.
KEYS = {"pk": "HASH", "sk": "RANGE"}


def session() -> Any:
    """A boto3 session for an emulator, which takes any credentials; a developer's own are not shown to it."""
    return _boto3.Session("local", "local", region_name=REGION)


async def make(table: str, bucket: str, endpoint_url: str) -> bool:
    """Makes what is missing; whether the table was. Raises botocore's errors for an emulator out of reach."""
    return await asyncio.to_thread(_make, table, bucket, endpoint_url)


def _make(table: str, bucket: str, endpoint_url: str) -> bool:
    limits: Any = Config(
        connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}
    )
    own = session()
    s3, dynamodb = (
        own.client(service, endpoint_url=endpoint_url, config=limits) for service in ("s3", "dynamodb")
    )
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
            BillingMode="PAY_PER_REQUEST",
        )
    except dynamodb.exceptions.ResourceInUseException:
        return False
    return True
