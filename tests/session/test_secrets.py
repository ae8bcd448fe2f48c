"""Settings out of the environment and, where SECRETS_ARN is set, out of a secret."""

import json
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types of its own
import pytest
from moto import mock_aws

from aicode import secrets
from aicode.settings import SettingsError

ENVIRONMENT = {
    "SECRETS_ARN": "arn:aws:secretsmanager:eu-central-1:000000000000:secret:ai-code",
    "APPS_TABLE": "apps",
    "FILES_BUCKET": "files",
    "VENDOR_JWKS_URL": "",
}
SECRET = {
    "ANTHROPIC_API_KEY": "key-of-the-secret",
    "UPSTASH_REDIS_REST_URL": "https://redis.example",
    "UPSTASH_REDIS_REST_TOKEN": "token-of-the-secret",
    "VENDOR_JWT_SECRET": "a secret of at least thirty-two bytes",
}


def test_a_secret_completes_the_environment() -> None:
    settings = secrets.settings(ENVIRONMENT, fetch={ENVIRONMENT["SECRETS_ARN"]: SECRET}.get)

    assert settings.anthropic_api_key == "key-of-the-secret"
    assert settings.redis_token == "token-of-the-secret"
    assert settings.apps_table == "apps"


def test_a_variable_that_is_set_wins_and_an_empty_one_does_not() -> None:
    environment = ENVIRONMENT | {"ANTHROPIC_API_KEY": "own", "VENDOR_JWT_SECRET": " "}

    settings = secrets.settings(environment, fetch=lambda _: SECRET)

    assert settings.anthropic_api_key == "own"
    assert settings.jwt_secret == SECRET["VENDOR_JWT_SECRET"]


def test_without_an_arn_no_secret_is_asked_for() -> None:
    asked: list[str] = []

    with pytest.raises(SettingsError, match="is not set"):
        secrets.settings({}, fetch=asked.append)

    assert asked == []


@pytest.mark.parametrize("value", [[], "text", None, {"ANTHROPIC_API_KEY": 5}])
def test_a_secret_of_another_shape_is_refused_without_its_value(value: object) -> None:
    with pytest.raises(SettingsError, match=r"secret of SECRETS_ARN") as refused:
        secrets.settings(ENVIRONMENT, fetch=lambda _: value)

    assert "\n" not in str(refused.value)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.usefixtures("cloud")
@mock_aws
def test_the_secret_comes_from_secrets_manager() -> None:
    manager = cast("Any", boto3).client("secretsmanager")
    made = manager.create_secret(Name="ai-code", SecretString=json.dumps(SECRET))
    not_json = manager.create_secret(Name="not-json", SecretString="hush-hush")

    settings = secrets.settings(ENVIRONMENT | {"SECRETS_ARN": made["ARN"]})

    assert settings.redis_url == "https://redis.example"
    with pytest.raises(SettingsError, match="must be a JSON object") as refused:
        secrets.settings(ENVIRONMENT | {"SECRETS_ARN": not_json["ARN"]})
    assert "hush" not in repr(refused.value.__cause__)
    with pytest.raises(SettingsError, match="cannot be read"):
        secrets.settings(ENVIRONMENT | {"SECRETS_ARN": made["ARN"] + "x"})
