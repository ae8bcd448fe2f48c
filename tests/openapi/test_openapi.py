"""The OpenAPI document: as the code is, valid, and of the routes that the functions serve."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from aicode.events import EVENTS
from apps.routes import ROUTES as APPS_ROUTES
from chat.app import ROUTES as CHAT_ROUTES
from dev.openapi import build
from dev.openapi.routes import APPS, CHAT
from git.routes import ROUTES as GIT_ROUTES
from session.routes import ROUTES as SESSION_ROUTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return build()


def documented(document: Any, base: str, *, tag: str = "") -> set[tuple[str, str]]:
    """The document's methods and paths below a base path, of all tags or of one."""
    return {
        (method.upper(), path.removeprefix(base))
        for path, item in document["paths"].items()
        if path.startswith(base)
        for method, operation in item.items()
        if tag in ("", *operation["tags"])
    }


def served(routes: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The routes with their parameters named as in the document."""
    return {(method, re.sub(r"_id\}", "Id}", path)) for method, path in routes}


def test_the_document_that_is_checked_in_is_the_one_that_the_code_makes(document: Any) -> None:
    checked_in = json.loads(DOCUMENT.read_text(encoding="utf-8"))

    assert checked_in == document, "run: make openapi"


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_the_routes_of_the_functions_are_those_of_the_document(document: Any) -> None:
    own = {route: endpoint for route, endpoint in SESSION_ROUTES.items() if endpoint is not None}

    assert served(CHAT_ROUTES) == documented(document, CHAT, tag="chat")
    assert served(own) == documented(document, CHAT, tag="sessions")
    assert served({**APPS_ROUTES, **GIT_ROUTES}) == documented(document, APPS)


def test_the_session_function_which_answers_405_knows_the_routes_of_the_chat_function(document: Any) -> None:
    assert served(SESSION_ROUTES) == documented(document, CHAT)


def test_every_event_type_is_one_of_the_streams(document: Any) -> None:
    schemas = document["components"]["schemas"]

    mapping = schemas["StreamEvent"]["discriminator"]["mapping"]
    assert mapping.keys() == EVENTS.keys()
    for kind, reference in mapping.items():
        schema = schemas[reference.rpartition("/")[2]]
        assert schema["properties"]["type"] == {"const": kind}
        assert schema["properties"]["data"]["$ref"].endswith(f"/{EVENTS[kind].__name__}")


@pytest.mark.parametrize("kind", ["schemas", "responses"])
def test_every_component_is_there_and_is_used(document: Any, kind: str) -> None:
    used = set(re.findall(rf'"#/components/{kind}/(\w+)"', json.dumps(document)))

    assert used == document["components"][kind].keys()


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
