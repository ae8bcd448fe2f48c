"""The user pool in stacks/sign_in.yaml is the one that the function expects."""

import asyncio
import json
import os
import sys
from typing import Any

import pytest
from sign_in_world import ORIGIN

from dev.template import read_template
from sign_in.cookies import REFRESH_SECONDS
from tests.function_event import function_event


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return read_template("stacks/sign_in.yaml")


@pytest.fixture(scope="module")
def client(stack: dict[str, Any]) -> dict[str, Any]:
    return stack["Resources"]["Client"]["Properties"]


def test_only_the_pages_own_addresses_get_a_code_or_follow_a_sign_out(client: dict[str, Any]) -> None:
    assert client["CallbackURLs"] == [{"Sub": "${Origin}/sign-in/callback"}]
    assert client["LogoutURLs"] == [{"Sub": "${Origin}/"}]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email"]
    assert client["GenerateSecret"] is False


def test_a_browser_keeps_the_refresh_token_as_long_as_it_counts(client: dict[str, Any]) -> None:
    units = client["TokenValidityUnits"]

    assert (client["RefreshTokenValidity"] * 24 * 3600, units["RefreshToken"]) == (REFRESH_SECONDS, "days")
    assert client["EnableTokenRevocation"] is True


def test_nobody_learns_who_is_a_user(client: dict[str, Any]) -> None:
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_users_are_made_by_who_pays_unless_the_stack_says_otherwise(stack: dict[str, Any]) -> None:
    users = stack["Resources"]["Vendors"]["Properties"]["AdminCreateUserConfig"]
    condition, only_invited, otherwise = users["AllowAdminCreateUserOnly"]["If"]

    assert stack["Conditions"][condition] == {"Equals": [{"Ref": "SelfSignUp"}, "false"]}
    assert (only_invited, otherwise) == (True, False)
    assert read_template()["Parameters"]["SelfSignUp"]["Default"] == "false"


def test_the_users_outlive_the_stack(stack: dict[str, Any]) -> None:
    pool = stack["Resources"]["Vendors"]

    assert pool["DeletionPolicy"] == pool["UpdateReplacePolicy"] == "Retain"
    assert pool["Properties"]["DeletionProtection"] == "ACTIVE"


HEAVY = {"boto3", "botocore.session", "pydantic", "httpx", "upstash_redis", "anthropic", "sqlite3"}
COLD_START = f"""
import json, os, sys
from types import SimpleNamespace

import sign_in.app

names = ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "tenant_id")
context = SimpleNamespace(aws_request_id="invocation-1", **dict.fromkeys(names, "1"))
answer = sign_in.app.handler(json.loads(os.environ["EVENT"]), context)
print(json.dumps([answer["statusCode"], sorted({HEAVY} & sys.modules.keys())]))
"""


async def test_a_cold_function_begins_a_sign_in_without_what_that_does_not_need() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COLD_START,
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "EVENT": json.dumps(function_event("GET", "/sign-in")),
            "PUBLIC_ORIGIN": ORIGIN,
            "SIGN_IN_PAGE": "https://prefix.auth.eu-central-1.amazoncognito.com",
            "VENDOR_JWT_AUDIENCE": "client",
            "VENDOR_JWT_ISSUER": "https://issuer.example.com",
            "VENDOR_JWKS_URL": "https://issuer.example.com/jwks.json",
        },
    )
    async with asyncio.timeout(60):
        told, _ = await process.communicate()

    assert json.loads(told.decode().splitlines()[-1]) == [303, []]
