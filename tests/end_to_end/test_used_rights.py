"""Every request to the emulated AWS is noted as the rights that IAM would ask for."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from functools import cache
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import httpx
import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

from tests.end_to_end import emulated_aws
from tests.template.rights import Right

_boto3: Any = boto3
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/apps"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:chat"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:one-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter/stack/settings"
KEY = {"pk": {"S": "a"}}
OBJECT = {"Bucket": "files", "Key": "app/one"}
CHECK = {"TableName": "apps", "Key": KEY, "ConditionExpression": "attribute_exists(pk)"}
Asked = tuple[str, str, dict[str, Any]]


def write(kind: str, **of: Any) -> dict[str, Any]:
    return {"TransactItems": [{kind: {"TableName": "apps", **of}}]}


@pytest.fixture(scope="module")
def used_by() -> Generator[Callable[[Asked], set[tuple[str, str]]]]:
    """What a call needs, by a client that signs as the chat function; whether it succeeds does not matter."""
    with emulated_aws.recorded() as (known, door), ExitStack() as clients:
        session = _boto3.Session("chat", "local", region_name="eu-central-1")

        @cache
        def client(service: str) -> Any:
            made = session.client(service, endpoint_url=known["AWS_ENDPOINT_URL"])
            clients.callback(made.close)
            return made

        def used(asked: Asked) -> set[tuple[str, str]]:
            service, call, arguments = asked
            door.used.clear()
            with suppress(ClientError):
                getattr(client(service), call)(**arguments)
            assert {right.function for right in door.used} == {"chat"}
            return {(right.action, right.resource) for right in door.used}

        yield used


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        (("dynamodb", "get_item", {"TableName": "apps", "Key": KEY}), {("dynamodb:GetItem", TABLE)}),
        (("dynamodb", "scan", {"TableName": "apps"}), {("dynamodb:Scan", TABLE)}),
        (
            ("dynamodb", "scan", {"TableName": "apps", "IndexName": "by-name"}),
            {("dynamodb:Scan", f"{TABLE}/index/by-name")},
        ),
        (
            ("dynamodb", "batch_get_item", {"RequestItems": {"apps": {"Keys": [KEY]}}}),
            {("dynamodb:BatchGetItem", TABLE)},
        ),
        (
            ("dynamodb", "batch_write_item", {"RequestItems": {"apps": [{"DeleteRequest": {"Key": KEY}}]}}),
            {("dynamodb:BatchWriteItem", TABLE)},
        ),
        (("dynamodb", "transact_write_items", write("Put", Item=KEY)), {("dynamodb:PutItem", TABLE)}),
        (("dynamodb", "transact_write_items", write("Delete", Key=KEY)), {("dynamodb:DeleteItem", TABLE)}),
        (
            ("dynamodb", "transact_write_items", write("Update", Key=KEY, UpdateExpression="REMOVE x")),
            {("dynamodb:UpdateItem", TABLE)},
        ),
        (
            ("dynamodb", "transact_write_items", {"TransactItems": [{"ConditionCheck": CHECK}]}),
            {("dynamodb:ConditionCheckItem", TABLE)},
        ),
        (("dynamodb", "transact_get_items", write("Get", Key=KEY)), {("dynamodb:GetItem", TABLE)}),
        (("s3", "get_object", OBJECT), {("s3:GetObject", "arn:aws:s3:::files/app/one")}),
        (("s3", "head_object", OBJECT), {("s3:GetObject", "arn:aws:s3:::files/app/one")}),
        (("s3", "put_object", {**OBJECT, "Body": b"x"}), {("s3:PutObject", "arn:aws:s3:::files/app/one")}),
        (("s3", "delete_object", OBJECT), {("s3:DeleteObject", "arn:aws:s3:::files/app/one")}),
        (
            (
                "s3",
                "delete_objects",
                {"Bucket": "files", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}},
            ),
            {("s3:DeleteObject", "arn:aws:s3:::files/a"), ("s3:DeleteObject", "arn:aws:s3:::files/b")},
        ),
        (
            ("s3", "list_objects_v2", {"Bucket": "files", "Prefix": "app/", "Delimiter": "/"}),
            {("s3:ListBucket", "arn:aws:s3:::files")},
        ),
        (("s3", "head_bucket", {"Bucket": "files"}), {("s3:ListBucket", "arn:aws:s3:::files")}),
        (
            ("secretsmanager", "get_secret_value", {"SecretId": SECRET}),
            {("secretsmanager:GetSecretValue", SECRET)},
        ),
        (("ssm", "get_parameter", {"Name": "/stack/settings"}), {("ssm:GetParameter", PARAMETER)}),
        (
            ("lambda", "invoke", {"FunctionName": "chat", "Qualifier": "live"}),
            {("lambda:InvokeFunction", f"{FUNCTION}:live")},
        ),
        (
            ("lambda", "invoke", {"FunctionName": f"{FUNCTION}:live", "InvocationType": "Event"}),
            {("lambda:InvokeFunction", f"{FUNCTION}:live")},
        ),
    ],
)
def test_a_call_needs_the_rights_that_iam_asks_for(
    used_by: Callable[[Asked], set[tuple[str, str]]], asked: Asked, needed: set[tuple[str, str]]
):
    assert used_by(asked) == needed


@pytest.mark.parametrize(
    "asked",
    [
        ("s3", "put_object_acl", {**OBJECT, "ACL": "private"}),
        ("s3", "put_object", {**OBJECT, "Body": b"x", "ACL": "private"}),
        ("s3", "put_object", {**OBJECT, "Body": b"x", "Tagging": "a=b"}),
        ("s3", "copy_object", {**OBJECT, "CopySource": "others/one"}),
        ("s3", "get_object", {**OBJECT, "VersionId": "1"}),
        ("s3", "get_bucket_policy", {"Bucket": "files"}),
        ("lambda", "list_functions", {}),
    ],
)
def test_what_no_function_does_needs_a_right_that_no_role_has(
    used_by: Callable[[Asked], set[tuple[str, str]]], asked: Asked
):
    known = {"GetObject", "PutObject", "DeleteObject", "ListBucket", "InvokeFunction"}

    assert not {action.partition(":")[2] for action, _ in used_by(asked)} <= known


def test_a_form_needs_the_right_of_who_signed_it_to_put_the_object_there():
    with emulated_aws.recorded() as (known, door):
        s3 = _boto3.Session("apps", "local", region_name="eu-central-1").client(
            "s3", endpoint_url=known["AWS_ENDPOINT_URL"]
        )
        form = s3.generate_presigned_post("files", "uploads/app/one")
        s3.close()
        httpx.post(form["url"], data=form["fields"], files={"file": b"x"}, trust_env=False)

        assert door.used == {Right("apps", "s3:PutObject", "arn:aws:s3:::files/uploads/app/one")}


def test_a_stack_ends_with_an_error_where_a_function_used_what_its_role_has_not():
    known = {"APPS_TABLE": "apps", "FILES_BUCKET": "files"}
    used = [
        Right("local", "dynamodb:CreateTable", TABLE),  # who makes the table
        Right("chat", "dynamodb:BatchGetItem", TABLE),
        Right("chat", "dynamodb:Scan", TABLE),
        Right("session", "s3:GetObject", "arn:aws:s3:::files/app/one"),
    ]

    assert emulated_aws.not_allowed(known, used) == [
        f"chat: dynamodb:Scan on {TABLE}: used, and not allowed",
        "session: s3:GetObject on arn:aws:s3:::files/*: used, and not allowed",
    ]
