"""How template.yaml joins its parts: the edge's secret, what the functions are told late, what is kept."""

import json
from typing import Any

import pytest

from dev.template import read_template
from tests.template.deployed import Deployment

WITH_URL = {"ChatFunction", "SessionFunction", "AppsFunction", "GitFunction", "SignInFunction"}
# A change of these texts in a deployed stack would empty the secrets.
FIRST_TEXTS = {
    "ChatSecret": ["ANTHROPIC_API_KEY", "EXA_API_KEY", "UPSTASH_REDIS_REST_URL"],
    "ApiSecret": ["UPSTASH_REDIS_REST_URL"],
}


def told(**parameters: str) -> dict[str, str]:
    """What the parameter of the stack says."""
    stack = Deployment("ai-code", parameters)
    return json.loads(stack.properties("StackSettings")["Value"])


def variables(function: str, **parameters: str) -> dict[str, Any]:
    functions = Deployment("ai-code", parameters).resources("AWS::Serverless::Function")
    return functions[function]["Environment"]["Variables"]


@pytest.mark.parametrize("function", sorted(WITH_URL))
def test_a_function_asks_for_the_secret_that_the_edge_adds(function: str) -> None:
    edge = Deployment("ai-code").properties("EdgeStack")["Parameters"]

    assert variables(function)["ORIGIN_SECRET"] == f"{{{{resolve:secretsmanager:{edge['OriginSecretArn']}}}}}"


def test_without_an_edge_no_secret_is_asked_for() -> None:
    for function in WITH_URL - {"SignInFunction"}:
        assert variables(function, Edge="none", SignIn="none")["ORIGIN_SECRET"] == ""


def test_every_function_that_has_a_url_is_named_here() -> None:
    functions = Deployment("ai-code").resources("AWS::Serverless::Function")

    assert {name for name, values in functions.items() if "FunctionUrlConfig" in values} == WITH_URL


def test_with_cognito_and_the_edge_functions_are_told_of_both() -> None:
    assert told() == {
        "PUBLIC_ORIGIN": "EdgeStack.Outputs.Origin",
        "VENDOR_JWKS_URL": "SignInStack.Outputs.JwksUrl",
        "VENDOR_JWT_ISSUER": "SignInStack.Outputs.Issuer",
        "VENDOR_JWT_AUDIENCE": "SignInStack.Outputs.Audience",
        "SIGN_IN_PAGE": "SignInStack.Outputs.Page",
    }


def test_with_an_issuer_of_ones_own_functions_are_told_of_it() -> None:
    own = {"VendorJwksUrl": "https://login.example/keys", "VendorJwtIssuer": "https://login.example"}

    assert told(SignIn="none", PublicOrigin="https://code.example.com", **own) == {
        "PUBLIC_ORIGIN": "https://code.example.com",
        "VENDOR_JWKS_URL": "https://login.example/keys",
        "VENDOR_JWT_ISSUER": "https://login.example",
        "VENDOR_JWT_AUDIENCE": "aicode",
        "SIGN_IN_PAGE": "",
    }


def test_bare_functions_are_told_of_no_page() -> None:
    assert told(Edge="none", SignIn="none")["PUBLIC_ORIGIN"] == ""


def test_the_sign_in_leads_back_to_the_page() -> None:
    def origin(**parameters: str) -> str:
        return Deployment("ai-code", parameters).properties("SignInStack")["Parameters"]["Origin"]

    assert origin() == "EdgeStack.Outputs.Origin"
    assert origin(PublicOrigin="https://code.example.com") == "https://code.example.com"


@pytest.mark.parametrize("secret", ["ChatSecret", "ApiSecret", "AppsTable", "FilesBucket"])
def test_what_cannot_be_made_again_outlives_the_stack(secret: str) -> None:
    resource = read_template()["Resources"][secret]

    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("secret", FIRST_TEXTS)
def test_the_first_text_of_a_secret_is_never_changed(secret: str) -> None:
    always = ["UPSTASH_REDIS_REST_TOKEN", "VENDOR_JWT_SECRET", "OTEL_EXPORTER_OTLP_HEADERS", "SENTRY_DSN"]
    names = [*FIRST_TEXTS[secret], *always]
    written = read_template()["Resources"][secret]["Properties"]["SecretString"]

    assert written == json.dumps(dict.fromkeys(names, ""))


@pytest.mark.parametrize("parameters", [{}, {"Edge": "none", "SignIn": "none"}])
def test_every_name_in_the_account_holds_the_stacks_own(parameters: dict[str, str]) -> None:
    """Two stacks in one account must not be in each other's way."""
    stack = Deployment("second", parameters)
    named = [values for kind in stack.kinds() for values in stack.resources(kind).values()]
    named += [event["Properties"] for each in named for event in each.get("Events", {}).values()]
    names = [each[key] for each in named for key in ("FunctionName", "LogGroupName", "Name") if key in each]

    assert len(names) >= 10
    assert [name for name in names if "second" not in name] == []
    events = [event for each in named for event in each.get("Events", {}).values() if event["Type"] != "SQS"]
    assert all("Name" in event["Properties"] for event in events)
