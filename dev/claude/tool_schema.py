"""What the API demands of `tools`: names, schemas, and what strict tools may not say.

Limits of strict schemas after https://platform.claude.com/docs/en/build-with-claude/structured-outputs.
"""

import re
from collections.abc import Iterator
from typing import Any

from dev.claude.api_error import invalid
from dev.claude.content_blocks import TOOL_NAME, check_cache_control
from dev.claude.shape import is_list, is_object

_FIELDS = {
    "name",
    "description",
    "input_schema",
    "type",
    "strict",
    "eager_input_streaming",
    "defer_loading",
    "input_examples",
    "cache_control",
    "allowed_callers",
}
_WEB_FETCH_FIELDS = {
    *("name", "type", "allowed_callers", "allowed_domains", "blocked_domains", "cache_control", "citations"),
    *("defer_loading", "max_content_tokens", "max_uses", "response_inclusion", "strict", "url_sources"),
    "use_cache",
}
_URL_SOURCES = {"client_tool_results", "server_tool_results", "user_input"}
_URL_CHOICES = {"all", "none", "only", "except"}
_CLIENT = {None, "custom"}
_JSON_TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}
_NOT_IN_STRICT = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
}


def check_tools(tools: object) -> None:
    """Raises ApiError 400 where the API would refuse these tools."""
    if tools is None:
        return
    if not is_list(tools):
        raise invalid("tools: Input should be a valid list")
    for n, tool in enumerate(tools):
        if not is_object(tool):
            raise invalid(f"tools.{n}: Input should be an object")
        _check_tool(f"tools.{n}", tool)
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise invalid("tools: Tool names must be unique.")


def server_tools(tools: list[dict[str, Any]] | None) -> set[str]:
    """The names of those tools that the API runs itself."""
    return {tool["name"] for tool in tools or [] if tool.get("type") not in _CLIENT}


def _check_tool(place: str, tool: dict[str, Any]) -> None:
    name = tool.get("name")
    if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        raise invalid(f"{place}.custom.name: String should match pattern '^{TOOL_NAME.pattern}$'")
    check_cache_control(place, tool.get("cache_control"))
    if tool.get("type") not in _CLIENT:
        _check_server_tool(place, tool)
        return
    extra = set(tool) - _FIELDS
    if extra:
        raise invalid(f"{place}.custom.{min(extra)}: Extra inputs are not permitted")
    schema = tool.get("input_schema")
    if not is_object(schema):
        raise invalid(f"{place}.custom.input_schema: Field required")
    place = f"{place}.custom.input_schema"
    _check_schema(place, schema)
    if tool.get("strict"):
        for part in _schemas(schema):
            _check_strict(place, part)


def _check_server_tool(place: str, tool: dict[str, Any]) -> None:
    """The API's own tools bring their shape; `web_fetch`, which the product offers, is looked at closely."""
    kind, name = str(tool["type"]), str(tool["name"])
    if not re.fullmatch(rf"{name}_\d{{8}}", kind):
        raise invalid(
            f"{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags"
        )
    if name != "web_fetch":
        return
    extra = set(tool) - _WEB_FETCH_FIELDS
    if extra:
        raise invalid(f"{place}.{kind}.{min(extra)}: Extra inputs are not permitted")
    for field in ("max_uses", "max_content_tokens"):
        if not isinstance(tool.get(field, 1), int) or tool.get(field, 1) < 1:
            raise invalid(f"{place}.{kind}.{field}: Input should be greater than 0")
    sources: Any = tool.get("url_sources") or {}
    for source, choice in sources.items():
        if source not in _URL_SOURCES or not is_object(choice) or choice.get("type") not in _URL_CHOICES:
            raise invalid(
                f"{place}.{kind}.url_sources.{source}: Input does not match any of the expected tags"
            )


def _check_schema(place: str, schema: dict[str, Any]) -> None:
    if "type" not in schema:
        raise invalid(f"{place}.type: Field required")
    if schema["type"] != "object":
        raise invalid(f"{place}.type: Input should be 'object'")
    for part in _schemas(schema):
        kinds = part.get("type", [])
        names = kinds if is_list(kinds) else [kinds]
        known = all(isinstance(name, str) and name in _JSON_TYPES for name in names)
        shaped = isinstance(part.get("properties", {}), dict) and isinstance(part.get("required", []), list)
        if not known or not shaped:
            raise invalid(f"{place}: JSON schema is invalid. It must match JSON Schema draft 2020-12")


def _check_strict(place: str, schema: dict[str, Any]) -> None:
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    refused = sorted(_NOT_IN_STRICT & set(schema))
    if refused or schema.get("minItems", 0) not in {0, 1}:
        name = refused[0] if refused else "minItems"
        raise invalid(f"{place}: For '{schema.get('type')}' type, property '{name}' is not supported")


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it."""
    if not is_object(schema):
        return
    yield schema
    for name in ("properties", "$defs"):
        named = schema.get(name)
        if is_object(named):
            for child in named.values():
                yield from _schemas(child)
    for name in ("anyOf", "oneOf", "allOf"):
        variants = schema.get(name)
        for child in variants if is_list(variants) else []:
            yield from _schemas(child)
    yield from _schemas(schema.get("items"))
