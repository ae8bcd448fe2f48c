"""What `make dev` makes in an emulator of AWS, and where."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest

from aicode.settings import SettingsError
from dev import aws, composition
from dev.composition import Stack
from dev.sign_in import LOCAL_VENDOR
from tests.end_to_end import emulated_aws
from tests.end_to_end.documented_client import documented_client
from tests.end_to_end.stack import APPS, bearer
from tests.file_store.texts import noise

_boto3: Any = boto3
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@contextmanager
def dynamodb(url: str, region: str) -> Generator[Any]:
    client = _boto3.Session("test", "test", region_name=region).client("dynamodb", endpoint_url=url)
    yield client
    client.close()


async def apps_of(stack: Stack) -> list[str]:
    async with documented_client(stack.url, bearer(LOCAL_VENDOR)) as client:
        answer = await client.get(APPS)
    return [app["appId"] for app in answer.json()["apps"]]


@pytest.mark.parametrize(
    ("known", "region"),
    [
        ({}, "eu-central-1"),
        ({**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
        ({**KEYS, "AWS_REGION": "us-west-2"}, "us-west-2"),
    ],
)
async def test_table_and_bucket_are_made_where_the_functions_look_for_them(
    tmp_path: Path, known: dict[str, str], region: str
):
    large = {"path": "large.txt", "content": noise(1, 400_000), "baseVersion": 0}
    with emulated_aws.serve() as emulated:
        async with (
            composition.serve({**emulated, **known}, port=0, data_dir=tmp_path) as stack,
            documented_client(stack.url, bearer(LOCAL_VENDOR)) as client,
        ):
            apps = await apps_of(stack)
            saved = await client.put(f"{APPS}/demo-app/file", json=large)
        with dynamodb(emulated["AWS_ENDPOINT_URL"], region) as client:
            made = client.list_tables()["TableNames"]

    assert apps == ["demo-app"]
    assert saved.status_code == 200
    assert emulated["APPS_TABLE"] in made


async def test_a_table_that_is_there_and_empty_gets_the_demo_app_once(tmp_path: Path):
    with emulated_aws.serve() as known:
        with dynamodb(known["AWS_ENDPOINT_URL"], "eu-central-1") as client:
            client.create_table(
                TableName=known["APPS_TABLE"],
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in aws.KEYS.items()],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in aws.KEYS],
                BillingMode="PAY_PER_REQUEST",
            )
        for _ in range(2):
            async with composition.serve(known, port=0, data_dir=tmp_path) as stack:
                assert await apps_of(stack) == ["demo-app"]


async def test_an_emulator_that_does_not_answer_is_told_in_one_line(tmp_path: Path):
    known = {"APPS_TABLE": "apps", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}

    with pytest.raises(SettingsError, match=r"^AWS_ENDPOINT_URL: [^\n]*$"):
        async with composition.serve(known, port=0, data_dir=tmp_path):
            pass
