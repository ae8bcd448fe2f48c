"""What each function is told: by its variables, its secret, and the stack's parameter."""

import json
import re
from typing import Any

import pytest

from aicode.settings import Settings, SettingsError
from chat.dependencies import make
from dev import stand_ins
from dev.template import read_template

LOCAL_ONLY = {"PORT", "SITES_PORT", "DATA_DIR", "AWS_ENDPOINT_URL", "FUNCTION_TIMEOUT_SECONDS"}
OTHERS = {"GIT_TOKEN_KEY"}  # of a function beside the conversation
# Who needs one adds it to the secret: the SDK would take an empty variable for an address.
BASE_URLS = {"ANTHROPIC_BASE_URL", "EXA_BASE_URL"}
MODELS_OWN = {"ANTHROPIC_API_KEY", "EXA_API_KEY"}
FUNCTIONS = ["ChatFunction", "SessionFunction", "AppsFunction", "GitFunction"]
FILLED = {
    "ANTHROPIC_API_KEY": "a key",
    "UPSTASH_REDIS_REST_URL": "https://redis.example",
    "UPSTASH_REDIS_REST_TOKEN": "token",
    "VENDOR_JWT_SECRET": "a secret of at least thirty-two bytes",
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read_template()


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    return template["Resources"][name]["Properties"]


def variables(template: dict[str, Any], function: str) -> dict[str, Any]:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    return {**shared, **properties(template, function)["Environment"]["Variables"]}


def secret(template: dict[str, Any], function: str) -> dict[str, str]:
    """What the secret of a function holds at first."""
    return json.loads(
        properties(template, variables(template, function)["SECRETS_ARN"]["Ref"])["SecretString"]
    )


def parameter(template: dict[str, Any]) -> dict[str, str]:
    """What the parameter holds, with a word for each place that is filled in."""
    text, places = properties(template, "StackSettings")["Value"]["Sub"]
    assert set(re.findall(r"\$\{(\w+)\}", text)) == places.keys()
    return json.loads(re.sub(r"\$\{(\w+)\}", r"\1", text))


def test_every_variable_of_the_product_reaches_the_conversation(template: dict[str, Any]) -> None:
    told = variables(template, "ChatFunction").keys() | secret(template, "ChatFunction").keys()

    assert set(stand_ins.NAMES) - LOCAL_ONLY - OTHERS - BASE_URLS <= told | parameter(template).keys()


@pytest.mark.parametrize("function", ["SessionFunction", "AppsFunction", "GitFunction"])
def test_only_the_conversation_is_told_the_models_key(template: dict[str, Any], function: str) -> None:
    assert secret(template, "ChatFunction").keys() - secret(template, function).keys() == MODELS_OWN
    assert not MODELS_OWN & variables(template, function).keys()


def test_the_function_that_builds_what_strangers_wrote_is_told_no_secret(template: dict[str, Any]) -> None:
    told = variables(template, "BuildFunction")
    secrets = secret(template, "ChatFunction").keys() | {"ORIGIN_SECRET"}

    assert "SECRETS_ARN" not in told
    assert {name: told[name] for name in secrets & told.keys()} == dict.fromkeys(secrets & told.keys(), "")
    assert "secretsmanager" not in json.dumps(told)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_parameter_that_is_read_is_the_stacks(template: dict[str, Any], function: str) -> None:
    name = properties(template, "StackSettings")["Name"]

    assert variables(template, function)["SETTINGS_PARAMETER"] == name


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_secret_says_nothing_until_it_is_filled_with_values_under_its_names(
    template: dict[str, Any], function: str
) -> None:
    empty = secret(template, function)
    filled = {**empty, **{name: value for name, value in FILLED.items() if name in empty}}
    stores = {"APPS_TABLE": "apps", "FILES_BUCKET": "files"}

    assert not any(empty.values())
    with pytest.raises(SettingsError, match="is not set"):
        Settings.from_env({**stores, **empty})
    settings = Settings.from_env({**stores, **filled})
    assert settings.anthropic_api_key == (FILLED["ANTHROPIC_API_KEY"] if function == "ChatFunction" else None)
    if function == "ChatFunction":
        assert make({**stores, **filled}, key_refused=lambda: None)


def test_everything_under_a_secret_or_a_parameters_name_is_a_variable_of_the_product(
    template: dict[str, Any],
) -> None:
    told = secret(template, "ChatFunction").keys() | parameter(template).keys()

    assert told <= {*stand_ins.NAMES, "SIGN_IN_PAGE"}
    # Named also as empty variables: `sam local invoke --env-vars` sets only what the template names.
    named = variables(template, "ChatFunction")
    assert not any(named[name] for name in secret(template, "ChatFunction"))
