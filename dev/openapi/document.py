"""The document: routes and their models, the stream's events, who may call."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from aicode import errors
from aicode.errors import RequestError
from aicode.events import EVENTS
from dev.openapi.models import CLOSED, ID, ErrorAnswer
from dev.openapi.routes import BUNDLE, BYTES, OPERATIONS, STREAM, ZIP, Operation, Parameter, Tag
from dev.openapi.schemas import Components, Schema

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_ALWAYS = (errors.InvalidRequest, errors.Unauthenticated, errors.RateLimited, errors.StoreUnavailable)
# Which function answers a route: the edge sends it there.
_FUNCTIONS: dict[Tag, str] = {
    **{"chat": "chat", "sessions": "session"},
    **{"apps": "apps", "files": "apps", "uploads": "apps", "publish": "apps", "git": "git"},
}
_WRITES = (errors.ForbiddenOrigin,)
_EVENTS_TEXT = (
    "Server-sent events: each frame is `id: <turn>-<seq>` and one `data:` line with a `StreamEvent`. "
    "`seq` starts at 1 and has no gaps within a turn; a comment fills any silence of ten seconds. "
    "Exactly one of `message_complete`, `turn_cancelled` and `error` ends a turn. "
    "A client ignores types it does not know."
)


def build() -> Schema:
    """The OpenAPI 3.1 document as JSON values."""
    components = Components()
    event = _stream_event(components)
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, components, event
        )
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AI Code",
            "version": project["version"],
            "description": "Times are epoch milliseconds. Answers are never cached. Bodies over 256 KB (6 MB "
            "where a file is saved), unknown fields and duplicate keys are refused.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "vendor_session",
                    "description": "`__Host-vendor_session` where served over TLS. "
                    "POST, PUT and DELETE then need an allowed `Origin`, or `Sec-Fetch-Site: same-origin`.",
                },
            },
            "responses": dict(sorted(components.responses.items())),
            "schemas": dict(sorted(components.schemas.items())),
        },
    }


def _stream_event(components: Components) -> Schema:
    """One object per event type around its data, told apart by `type`."""
    references = {
        kind: components.add(
            f"{data.__name__}Event",
            {
                "type": "object",
                "properties": {
                    "type": {"const": kind},
                    "data": components.of(data),
                    "timestamp": {"type": "integer", "description": "Epoch milliseconds."},
                },
                "required": ["type", "data", "timestamp"],
            },
        )
        for kind, data in EVENTS.items()
    }
    mapping = {kind: reference["$ref"] for kind, reference in references.items()}
    return components.add(
        "StreamEvent",
        {
            "description": "One event of a turn's stream.",
            "oneOf": list(references.values()),
            "discriminator": {"propertyName": "type", "mapping": mapping},
        },
    )


def _operation(operation: Operation, components: Components, event: Schema) -> Schema:
    found: Schema = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "x-function": _FUNCTIONS[operation.tag],
        "summary": operation.summary,
    }
    if operation.description:
        found["description"] = operation.description
    parameters = _parameters(operation, components)
    if parameters:
        found["parameters"] = parameters
    if operation.body is not None:
        kinds = operation.body if isinstance(operation.body, tuple) else (operation.body,)
        bodies = [components.of(kind) for kind in kinds]
        for kind in kinds:
            components.schemas[kind.__name__] |= CLOSED
        body = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    found["responses"] = _responses(operation, components, event)
    return found


def _parameters(operation: Operation, components: Components) -> list[Schema]:
    in_path: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", **ID}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    return in_path + [_parameter(parameter, components) for parameter in operation.parameters]


def _parameter(parameter: Parameter, components: Components) -> Schema:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": components.of(parameter.kind),
    }


def _responses(operation: Operation, components: Components, event: Schema) -> Schema:
    responses: Schema = {str(operation.status): _answer(operation.answer, components, event)}
    if operation.no_content:
        responses["204"] = {"description": operation.no_content}
    writes = _WRITES if operation.method != "GET" else ()
    for status, codes in _by_status((*_ALWAYS, *writes, *operation.failures)).items():
        failure: Schema = {
            "description": " or ".join(f"`{code}`" for code in codes),
            "content": {"application/json": {"schema": components.of(ErrorAnswer)}},
        }
        responses[str(status)] = components.response("_or_".join(codes), failure)
    return responses


def _answer(answer: object, components: Components, event: Schema) -> Schema:
    if answer == STREAM:
        schema: Schema = {"type": "string", "contentMediaType": "application/json", "contentSchema": event}
        return {"description": _EVENTS_TEXT, "content": {STREAM: {"schema": schema}}}
    if answer == ZIP:
        return {"description": "A zip archive.", "content": {ZIP: {}}}
    if answer == BUNDLE:
        return {"description": "A git bundle.", "content": {BUNDLE: {}}}
    if answer == BYTES:
        return {"description": "The bytes of a file.", "content": {BYTES: {}}}
    kinds = cast("tuple[type, ...]", answer if isinstance(answer, tuple) else (answer,))
    schemas = [components.of(kind) for kind in kinds]
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    text = " Or: ".join((kind.__doc__ or "").strip() for kind in kinds)
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _by_status(failures: Sequence[type[RequestError]]) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for failure in sorted(failures, key=lambda kind: kind.status):
        codes.setdefault(failure.status, []).append(failure.code)
    return codes
