"""What a function is told by its environment, by one secret and by one parameter."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types of its own
import pytest

from aicode.secrets import read_values
from aicode.secrets.service import NoAnswer, ask, endpoint
from aicode.settings import SettingsError
from dev import secret_store
from dev.secret_store import PARAMETER, ROLE_PATH, ROLE_TOKEN, SECRET, SecretStore
from tests.end_to_end import emulated_aws

_boto3: Any = boto3


@pytest.fixture
async def store() -> AsyncGenerator[SecretStore]:
    async with secret_store.serve({"REDIS": "of the secret"}, {"ORIGIN": "of the parameter"}) as store:
        yield store


async def values(env: Mapping[str, str]) -> dict[str, str]:
    return await asyncio.to_thread(read_values, env, tries=1)


async def refusal(env: Mapping[str, str]) -> SettingsError:
    with pytest.raises(SettingsError) as refused:
        await values(env)
    assert "\n" not in str(refused.value)
    return refused.value


async def test_secret_and_parameter_are_put_together(store: SecretStore):
    assert await values(store.variables) == {"REDIS": "of the secret", "ORIGIN": "of the parameter"}
    assert sorted(store.asked) == ["AmazonSSM.GetParameter", "secretsmanager.GetSecretValue"]


async def test_the_secret_wins_over_the_parameter_unless_it_is_empty_there(store: SecretStore):
    store.secret = '{"BOTH": "secret", "EMPTY": " "}'
    store.parameter = '{"BOTH": "parameter", "EMPTY": "parameter", "NOTHING": ""}'

    assert await values(store.variables) == {"BOTH": "secret", "EMPTY": "parameter"}


@pytest.mark.parametrize(
    ("left_out", "asked"),
    [
        ({"SECRETS_ARN": ""}, ["AmazonSSM.GetParameter"]),
        ({"SETTINGS_PARAMETER": " "}, ["secretsmanager.GetSecretValue"]),
        ({"SECRETS_ARN": "", "SETTINGS_PARAMETER": ""}, []),
    ],
)
async def test_only_what_is_named_is_asked_for(
    store: SecretStore, left_out: dict[str, str], asked: list[str]
):
    await values({**store.variables, **left_out})

    assert store.asked == asked


@pytest.mark.parametrize("value", ["[]", '"hush"', "null", "hush", '{"KEY": 5}'])
async def test_what_is_no_object_of_texts_is_refused_without_its_value(store: SecretStore, value: str):
    store.secret = value
    of_secret = await refusal(store.variables)
    store.secret, store.parameter = "{}", value
    of_parameter = await refusal(store.variables)

    assert "secret of SECRETS_ARN must be" in str(of_secret)
    assert "parameter of SETTINGS_PARAMETER must be" in str(of_parameter)
    assert "hush" not in f"{of_secret}{of_secret.__cause__!r}{of_parameter}{of_parameter.__cause__!r}"


async def test_what_aws_refuses_is_told_by_its_name_and_not_asked_for_again(store: SecretStore):
    variables = {**store.variables, "SETTINGS_PARAMETER": ""}
    store.errors = ["AccessDeniedException"]

    with pytest.raises(SettingsError) as refused:
        await asyncio.to_thread(read_values, variables)

    assert str(refused.value) == "The secret of SECRETS_ARN cannot be read: AccessDeniedException."
    assert len(store.asked) == 1


async def test_without_credentials_nothing_is_asked_for(store: SecretStore):
    refused = await refusal({**store.variables, "AWS_ACCESS_KEY_ID": ""})

    assert str(refused) == "The parameter of SETTINGS_PARAMETER cannot be read: no AWS credentials."
    assert store.asked == []


async def test_a_function_that_starts_from_a_snapshot_asks_for_its_roles_credentials(store: SecretStore):
    restored = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{store.url}{ROLE_PATH}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": ROLE_TOKEN,
    }

    found = await values({**store.variables, **restored})

    assert found["REDIS"] == "of the secret"
    assert store.credentials == ["of-the-role", "of-the-role"]
    assert "no AWS credentials" not in str(
        await refusal({**store.variables, **restored, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"})
    )


async def asked(store: SecretStore, waits: list[float]) -> Mapping[str, Any]:
    return await asyncio.to_thread(
        ask,
        store.variables,
        "secretsmanager",
        "secretsmanager.GetSecretValue",
        {"SecretId": SECRET},
        sleep=waits.append,
    )


@pytest.mark.parametrize("error", ["ThrottlingException", "InternalServiceError"])
async def test_a_service_that_is_busy_for_a_moment_is_asked_again(store: SecretStore, error: str):
    store.errors, waits = [error, error], list[float]()

    assert (await asked(store, waits))["SecretString"] == store.secret
    assert len(waits) == 2


@pytest.mark.parametrize("away", [True, False])
async def test_a_service_that_stays_busy_or_away_is_asked_three_times(store: SecretStore, away: bool):
    store.errors, store.away = ["ThrottlingException"] * 4, away

    with pytest.raises(NoAnswer, match="no answer from 127" if away else "ThrottlingException"):
        await asked(store, [])

    assert len(store.asked) == 3


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "secretsmanager.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "secretsmanager.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "secretsmanager.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_each_partition_has_its_own_domain(region: str, host: str):
    assert endpoint({"AWS_REGION": region}, "secretsmanager") == f"https://{host}"


def test_an_endpoint_of_the_service_wins_over_one_for_all():
    env = {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_SSM": "http://own"}

    assert (endpoint(env, "ssm"), endpoint(env, "secretsmanager")) == ("http://own", "http://all")


def test_an_emulator_of_aws_understands_both_questions():
    with emulated_aws.serve() as known:
        env = {
            "AWS_ENDPOINT_URL": known["AWS_ENDPOINT_URL"],
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "SETTINGS_PARAMETER": PARAMETER,
        }
        secrets, parameters = (
            _boto3.client(
                service,
                endpoint_url=env["AWS_ENDPOINT_URL"],
                region_name=env["AWS_REGION"],
                aws_access_key_id="x",
                aws_secret_access_key="x",
            )
            for service in ("secretsmanager", "ssm")
        )
        made = secrets.create_secret(Name="ai-code", SecretString=json.dumps({"REDIS": "of the secret"}))
        parameters.put_parameter(Name=PARAMETER, Type="String", Value=json.dumps({"ORIGIN": "parameter"}))
        arn = cast("str", made["ARN"])

        assert read_values({**env, "SECRETS_ARN": arn}) == {"REDIS": "of the secret", "ORIGIN": "parameter"}
        with pytest.raises(SettingsError, match="ResourceNotFoundException"):
            read_values({**env, "SECRETS_ARN": f"{arn}x"})
