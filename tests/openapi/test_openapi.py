"""The OpenAPI document: as the code is, valid, and of the routes that the functions serve."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from aicode.events import EVENTS
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from aicode.settings import Settings
from apps.routes import find
from dev.openapi import build
from dev.openapi.routes import APPS, CHAT
from session.api import SessionApi
from session.app_files import StoredFiles
from session.routes import ROUTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return build()


def methods(document: Any, path: str) -> set[str]:
    return {method.upper() for method in document["paths"][path]}


def test_the_document_that_is_checked_in_is_the_one_that_the_code_makes(document: Any) -> None:
    checked_in = json.loads(DOCUMENT.read_text(encoding="utf-8"))

    assert checked_in == document, "run: python -m dev.openapi > docs/openapi.json"


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_session_route_is_in_the_document_and_the_other_way_round(document: Any) -> None:
    served = {(method, CHAT + path.replace("<session_id>", "{sessionId}")) for method, path in ROUTES}

    documented = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if operation["tags"] == ["sessions"]
    }
    assert documented == served


async def test_what_each_chat_path_takes_is_what_its_405_names(document: Any) -> None:
    class Context(LambdaContext):
        _aws_request_id = "invocation-1"

    settings = Settings.from_env(
        {
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
        }
    )
    client, logger = RedisClient(settings.redis_url, settings.redis_token), Logger(service="session")
    api = SessionApi(
        settings,
        SessionManager(client, settings),
        StoredFiles(settings, logger),
        observe=lambda route, status: None,
        logger=logger,
    )
    for path in (path for path in document["paths"] if path.startswith(CHAT)):
        context = {"http": {"method": "PATCH", "path": path}, "requestId": "r", "stage": "$default"}
        event = {"rawPath": path.replace("{sessionId}", "s"), "headers": {}, "requestContext": context}
        answer = await api.answer(event, Context())
        assert answer["statusCode"] == 405
        assert set(answer["headers"]["allow"].split(", ")) == methods(document, path)
    await client.close()


def test_what_each_app_path_takes_is_what_the_apps_function_serves(document: Any) -> None:
    paths = [path for path in document["paths"] if path.startswith(APPS)]

    for path in paths:
        _, endpoints = find(path.replace("{appId}", "a"), APPS)
        assert set(endpoints) == methods(document, path)
    assert len(paths) == 9


def test_every_event_type_is_one_of_the_streams(document: Any) -> None:
    schemas = document["components"]["schemas"]

    mapping = schemas["StreamEvent"]["discriminator"]["mapping"]
    assert mapping.keys() == EVENTS.keys()
    for kind, reference in mapping.items():
        schema = schemas[reference.rpartition("/")[2]]
        assert schema["properties"]["type"] == {"const": kind}
        assert schema["properties"]["data"]["$ref"].endswith(f"/{EVENTS[kind].__name__}")


def test_every_reference_and_every_schema_is_used(document: Any) -> None:
    text = json.dumps(document)

    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert used == document["components"]["schemas"].keys()


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("SendMessage", {"message": "Hi", "appId": "a"}, True),
        ("SendMessage", {"message": "Hi", "appId": "a", "extra": 1}, False),
        ("SendMessage", {"message": "", "appId": "a"}, False),
        ("SendMessage", {"appId": "a"}, False),
        ("StreamEvent", {"type": "text_delta", "data": {"text": "Hi"}, "timestamp": 1}, True),
        ("StreamEvent", {"type": "text_delta", "data": {"text": 5}, "timestamp": 1}, False),
        ("StreamEvent", {"type": "unheard_of", "data": {}, "timestamp": 1}, False),
        (
            "ErrorAnswer",
            {"success": False, "error": {"code": "c", "message": "m", "requestId": "r", "file": None}},
            True,
        ),
        ("ErrorAnswer", {"success": True, "error": {"code": "c", "message": "m", "requestId": "r"}}, False),
    ],
)
def test_schemas_tell_what_fits(document: Any, name: str, value: object, *, fits: bool) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = list(cast("Any", Draft202012Validator(schema)).iter_errors(value))

    assert (errors == []) is fits
    assert all(isinstance(error, ValidationError) for error in errors)
