"""Table and bucket in an emulator of AWS, such as moto's server, made where they are missing."""

import asyncio
import contextlib
from collections.abc import Generator, Mapping
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.settings import SettingsError
from dev.function_url.function import REGION
from dev.stand_ins import Emulator

_boto3: Any = boto3
# As in template.yaml.
KEYS = {"pk": "HASH", "sk": "RANGE"}


def region(variables: Mapping[str, str]) -> str:
    """The region that the functions work in: the one that is set, else the profile's, else this machine's."""
    named = variables.get("AWS_DEFAULT_REGION") or variables.get("AWS_REGION")
    if named is None and "AWS_PROFILE" in variables:
        with _one_line("AWS_PROFILE"):
            named = _boto3.Session(profile_name=variables["AWS_PROFILE"]).region_name
    return named or REGION


def session(variables: Mapping[str, str]) -> Any:
    """A boto3 session that sees what the functions see. An emulator takes any credentials."""
    if "AWS_PROFILE" in variables and "AWS_ACCESS_KEY_ID" not in variables:
        return _boto3.Session(profile_name=variables["AWS_PROFILE"], region_name=region(variables))
    keys = (variables.get(name, "local") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    return _boto3.Session(*keys, variables.get("AWS_SESSION_TOKEN"), region_name=region(variables))


async def make(emulator: Emulator, own: Any) -> bool:
    """Makes what is missing, by a boto3 session; whether nothing is in the table.

    Raises SettingsError for an emulator that does not answer as AWS.
    """
    with _one_line("AWS_ENDPOINT_URL"):
        return await asyncio.to_thread(_make, emulator, own)


@contextlib.contextmanager
def _one_line(name: str) -> Generator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        told = " ".join(str(error).split())
        raise SettingsError(f"{name}: {told}") from error


def _make(emulator: Emulator, own: Any) -> bool:
    limits: Any = Config(
        connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}
    )
    s3, dynamodb = (
        own.client(service, endpoint_url=emulator.url, config=limits) for service in ("s3", "dynamodb")
    )
    # The first region is the one that S3 does not let itself be told.
    place = {"CreateBucketConfiguration": {"LocationConstraint": own.region_name}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=emulator.bucket, **(place if own.region_name != "us-east-1" else {}))
    # Uploads come from the page's origin, which is another one.
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["POST"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=emulator.bucket, CORSConfiguration={"CORSRules": [rule]})
    try:
        dynamodb.create_table(
            TableName=emulator.table,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
            BillingMode="PAY_PER_REQUEST",
        )
    except dynamodb.exceptions.ResourceInUseException:
        return dynamodb.scan(TableName=emulator.table, Limit=1)["Count"] == 0
    return True
