"""A stack in AWS, as the commands that work with it find it."""

import contextlib
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
    NoCredentialsError,
)

_boto3: Any = boto3


class NotDone(Exception):
    """The command cannot be carried out; the message is one line that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """What a stack says of itself."""

    name: str
    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


def session() -> Any:
    """A boto3 session in AWS_REGION, which boto3 itself does not read, else in the profile's region."""
    return _boto3.Session(region_name=os.environ.get("AWS_REGION"))


def look_up(cloudformation: Any, name: str) -> DeployedStack:
    """The stack of this name, by a client of CloudFormation. Raises NotDone where there is none."""
    try:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        region = cloudformation.meta.region_name
        raise NotDone(
            f"There is no stack {name} in {region}: make it with `make deploy`, or name yours and "
            "its region: STACK=ai-code AWS_REGION=us-east-1"
        ) from error
    return DeployedStack(
        name=name,
        status=found["StackStatus"],
        outputs={each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])},
    )


@contextlib.contextmanager
def in_one_line() -> Generator[None]:
    """Raises NotDone for whatever AWS's SDK raises."""
    try:
        yield
    except NoCredentialsError as error:
        raise NotDone(
            "There are no AWS credentials: run `aws configure` or `aws sso login`, or set AWS_PROFILE."
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise NotDone(f"AWS: {' '.join(str(cast('object', error)).split())}") from error
