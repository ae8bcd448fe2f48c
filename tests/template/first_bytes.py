"""The built functions up to the first byte of an answer, told their settings as in AWS."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev import aws
from tests.cold_start import ColdStart, cold_start
from tests.function_event import function_event

# A cold start costs what is imported: what no function needs so early, and what each of them can do without.
NOBODYS = (
    *("anthropic", "httpx", "httpx2", "pydantic", "orjson", "re2", "tree_sitter", "openai", "aws_xray_sdk"),
    *("sqlite3", "upstash_redis", "opentelemetry", "sentry_sdk", "dulwich"),
)
FORBIDDEN = {
    "chat": ("boto3", "botocore", "aws_lambda_powertools"),
    "session": ("boto3", "botocore", "aws_lambda_powertools"),
    "apps": ("aws_lambda_powertools",),
}
# How many modules each may have loaded, with room for a handful.
CEILINGS = {"chat": 385, "session": 362, "apps": 600}
_LAYERS = ("DependenciesLayer", "CoreLayer", "RuntimeLayer")
_BASE = "/api/vendor/ai-chat-v2"


async def first_bytes(
    built: Path, python: str, environment: Mapping[str, str], message: Mapping[str, Any]
) -> dict[str, ColdStart]:
    """Each function's cold start; the first sight of an app, which needs the file store, is over by then."""
    variables = _told_as_deployed(environment)
    headers: dict[str, str] = message["headers"]

    async def start(name: str, event: object) -> ColdStart:
        folders = (f"{name.title()}Function", *(f"{layer}/python" for layer in _LAYERS))
        path = [str(built / folder) for folder in folders]
        return await cold_start(name, event, variables, python=python, path=path)

    await start("chat", message)
    chat = await start("chat", message)
    established = next(line for line in chat.first.splitlines() if line.startswith("data: "))
    query = f"sessionId={json.loads(established.removeprefix('data: '))['data']['sessionId']}"
    return {
        "chat": chat,
        "session": await start("session", function_event("GET", _BASE, query=query, headers=headers)),
        "apps": await start(
            "apps", function_event("GET", "/api/vendor/apps/demo-app/files", headers=headers)
        ),
    }


def _told_as_deployed(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a function whose secret and parameter are in the emulator of AWS."""
    secret = {name: environment[name] for name in ("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")}
    keys = {
        **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "eu-central-1"),
        **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local"),
    }
    own, place = aws.session(keys), {"endpoint_url": environment["AWS_ENDPOINT_URL"]}
    secrets, parameters = (own.client(service, **place) for service in ("secretsmanager", "ssm"))
    made = secrets.create_secret(Name="ai-code", SecretString=json.dumps(secret))
    parameter = json.dumps({"PUBLIC_ORIGIN": "https://code.example.com"})
    parameters.put_parameter(Name="/ai-code/settings", Type="String", Value=parameter)
    others = {name: value for name, value in environment.items() if name not in secret}
    return {**others, **keys, "SECRETS_ARN": made["ARN"], "SETTINGS_PARAMETER": "/ai-code/settings"}
