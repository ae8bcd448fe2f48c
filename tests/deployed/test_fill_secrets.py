"""`make secrets`: what is written into a deployed stack's secrets, what is asked for, and what is told."""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest
from moto import mock_aws

from aicode.settings import DEVELOPMENT_JWT_SECRET, SettingsError
from dev.deployed.fill_secrets import Secrets, fill, find
from dev.deployed.stack import DeployedStack, NotDone

_boto3: Any = boto3
NAMES = (
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "VENDOR_JWT_SECRET",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "SENTRY_DSN",
)
GIVEN = {
    "ANTHROPIC_API_KEY": "key-hush",
    "UPSTASH_REDIS_REST_URL": "https://hush.upstash.io",
    "UPSTASH_REDIS_REST_TOKEN": "token-hush",
    "EXA_API_KEY": "exa-hush",
    "MODEL": "of this machine alone",
}


@dataclass
class Deployed:
    """A stack whose secrets are as the template makes them, and somebody who answers questions."""

    manager: Any
    secrets: Secrets
    answers: dict[str, str] = field(default_factory=dict[str, str])
    questions: list[str] = field(default_factory=list[str])

    def fill(self, given: Mapping[str, str]) -> list[str]:
        lines = fill(self.manager, self.secrets, given, self._answer)
        assert "hush" not in "".join([*lines, *self.questions])
        return lines

    def _answer(self, question: str) -> str:
        name = question.partition(" ")[0].removesuffix(":")
        self.questions.append(name)
        return self.answers.get(name, "")

    @property
    def chat(self) -> dict[str, str]:
        return self._secret(self.secrets.chat_secret)

    @property
    def api(self) -> dict[str, str]:
        return self._secret(self.secrets.api_secret)

    def _secret(self, arn: str) -> dict[str, str]:
        return json.loads(self.manager.get_secret_value(SecretId=arn)["SecretString"])

    def versions(self) -> int:
        arns = (self.secrets.chat_secret, self.secrets.api_secret)
        return sum(len(self.manager.list_secret_version_ids(SecretId=arn)["Versions"]) for arn in arns)


@pytest.fixture(params=[True, False], ids=["key set", "secret"])
def deployed(request: pytest.FixtureRequest) -> Generator[Deployed]:
    with mock_aws():
        manager = _boto3.client(
            "secretsmanager",
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        chat, api = (
            manager.create_secret(Name=name, SecretString=json.dumps(dict.fromkeys(names, "")))["ARN"]
            for name, names in (("chat", ("ANTHROPIC_API_KEY", "EXA_API_KEY", *NAMES)), ("api", NAMES))
        )
        yield Deployed(manager, Secrets(chat_secret=chat, api_secret=api, has_key_set=request.param))


def test_what_is_given_goes_where_it_is_needed_and_is_told_by_name(deployed: Deployed):
    lines = deployed.fill(GIVEN)

    of_both = {name: GIVEN[name] for name in ("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")}
    models = {name: GIVEN[name] for name in ("ANTHROPIC_API_KEY", "EXA_API_KEY")}
    signing = {"VENDOR_JWT_SECRET": deployed.chat["VENDOR_JWT_SECRET"]}
    seen = {"OTEL_EXPORTER_OTLP_HEADERS": "", "SENTRY_DSN": ""}
    assert deployed.chat == {**models, **of_both, **signing, **seen}
    assert deployed.api == {**of_both, **signing, **seen}
    assert lines[0].startswith("Changed for the chat function: ANTHROPIC_API_KEY, EXA_API_KEY, UPSTASH")
    assert lines[1].startswith(
        "Changed for session and apps: UPSTASH_REDIS_REST_TOKEN, UPSTASH_REDIS_REST_URL"
    )


def test_a_secret_for_tokens_is_made_only_where_no_key_set_verifies_them(deployed: Deployed):
    deployed.fill(GIVEN)

    made = deployed.chat["VENDOR_JWT_SECRET"]
    assert made == deployed.api["VENDOR_JWT_SECRET"]
    assert len(made) >= 48 or deployed.secrets.has_key_set
    assert ("VENDOR_JWT_SECRET" in deployed.questions) == (not deployed.secrets.has_key_set) == bool(made)


def test_what_is_there_stays_and_is_not_asked_for_or_written_again(deployed: Deployed):
    deployed.fill(GIVEN)
    before, versions = deployed.chat, deployed.versions()
    deployed.questions.clear()

    assert deployed.fill({}) == []

    assert deployed.chat == before
    assert deployed.versions() == versions
    assert deployed.questions == ["OTEL_EXPORTER_OTLP_HEADERS", "SENTRY_DSN"]


def test_a_new_value_replaces_the_old_one_and_leaves_what_somebody_added(deployed: Deployed):
    deployed.fill(GIVEN)
    own = json.dumps({**deployed.chat, "ANTHROPIC_BASE_URL": "https://proxy.example"})
    deployed.manager.put_secret_value(SecretId=deployed.secrets.chat_secret, SecretString=own)

    lines = deployed.fill({"ANTHROPIC_API_KEY": "rotated-hush"})

    assert lines == ["Changed for the chat function: ANTHROPIC_API_KEY."]
    assert deployed.chat["ANTHROPIC_API_KEY"] == "rotated-hush"
    assert deployed.chat["ANTHROPIC_BASE_URL"] == "https://proxy.example"


def test_what_is_not_given_is_asked_for(deployed: Deployed):
    deployed.answers = {name: value for name, value in GIVEN.items() if name != "EXA_API_KEY"}

    deployed.fill({})

    assert deployed.chat["ANTHROPIC_API_KEY"] == "key-hush"
    assert deployed.chat["EXA_API_KEY"] == ""
    assert deployed.questions[:3] == [
        "ANTHROPIC_API_KEY",
        "UPSTASH_REDIS_REST_URL",
        "UPSTASH_REDIS_REST_TOKEN",
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is needed"),
        ({"UPSTASH_REDIS_REST_URL": "http://127.0.0.1:8079"}, "UPSTASH_REDIS_REST_URL must be https"),
        ({"UPSTASH_REDIS_REST_URL": "https://"}, "UPSTASH_REDIS_REST_URL must be https"),
    ],
)
def test_what_the_functions_would_refuse_is_refused_before_anything_is_written(
    deployed: Deployed, wrong: dict[str, str], told: str
):
    with pytest.raises(SettingsError, match=told) as refused:
        deployed.fill({**GIVEN, **wrong})

    assert "hush" not in str(refused.value)
    assert not any(deployed.chat.values())
    assert not any(deployed.api.values())


@pytest.mark.parametrize("deployed", [False], indirect=True)
@pytest.mark.parametrize("weak", ["short-hush", DEVELOPMENT_JWT_SECRET])
def test_a_weak_secret_for_tokens_is_refused(deployed: Deployed, weak: str):
    with pytest.raises(SettingsError, match="VENDOR_JWT_SECRET"):
        deployed.fill({**GIVEN, "VENDOR_JWT_SECRET": weak})


@pytest.mark.parametrize("deployed", [True], indirect=True)
def test_a_secret_for_tokens_goes_where_a_key_set_has_come(deployed: Deployed):
    """The functions refuse to have both."""
    before = json.dumps({"VENDOR_JWT_SECRET": "from the days before the key set"})
    for arn in (deployed.secrets.chat_secret, deployed.secrets.api_secret):
        deployed.manager.put_secret_value(SecretId=arn, SecretString=before)

    lines = deployed.fill({**GIVEN, "VENDOR_JWT_SECRET": "of the local stack, and long enough"})

    assert deployed.chat["VENDOR_JWT_SECRET"] == deployed.api["VENDOR_JWT_SECRET"] == ""
    assert all("VENDOR_JWT_SECRET" in line for line in lines)


def stack(outputs: Mapping[str, str], parameters: Mapping[str, str]) -> DeployedStack:
    return DeployedStack(name="other", status="CREATE_COMPLETE", outputs=outputs, parameters=parameters)


@pytest.mark.parametrize(
    ("parameters", "has_key_set"),
    [
        ({"SignIn": "cognito", "VendorJwksUrl": ""}, True),
        ({"SignIn": "none", "VendorJwksUrl": "https://login.example/keys"}, True),
        ({"SignIn": "none", "VendorJwksUrl": ""}, False),
    ],
)
def test_the_stack_says_where_its_secrets_are_and_how_tokens_are_verified(
    parameters: dict[str, str], has_key_set: bool
):
    outputs = {"ChatSecret": "arn:chat", "ApiSecret": "arn:api", "Page": "https://code.example"}

    assert find(stack(outputs, parameters)) == Secrets(
        chat_secret="arn:chat", api_secret="arn:api", has_key_set=has_key_set
    )


def test_a_stack_without_secrets_is_none_of_ours():
    with pytest.raises(NotDone, match="The stack other has no secrets"):
        find(stack({}, {}))
