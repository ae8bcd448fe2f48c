"""What the API demands of a request: key, version, parameters, tools, cache breakpoints."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dev.claude.api_error import ApiError, invalid
from dev.claude.cache import count_tokens
from dev.claude.content_blocks import check_cache_control, check_text
from dev.claude.conversation import check_messages
from dev.claude.files import Files
from dev.claude.media import check_media
from dev.claude.models import CONTEXT_WINDOW_TOKENS, MAX_OUTPUT_TOKENS, NAMES
from dev.claude.shape import is_list, is_object, json_object
from dev.claude.tool_schema import check_tools, server_tools

_MAX_BREAKPOINTS = 4
_PARAMETERS = {
    "model",
    "messages",
    "max_tokens",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "metadata",
    "service_tier",
    "speed",
    "stop_sequences",
    "user_profile_id",
    "workspace_id",
    "stream",
}
_EFFORTS = {"low", "medium", "high", "xhigh", "max"}


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises ApiError for a request without a key (401) or without a version (400)."""
    if not headers.get("x-api-key") and not headers.get("authorization"):
        raise ApiError(401, "x-api-key header is required")
    if not headers.get("anthropic-version"):
        raise invalid("anthropic-version: header is required")


def read_body(
    body: bytes, *, counting: bool = False, any_model: bool = False, files: Files | None = None
) -> dict[str, Any]:
    """The parsed request, if the API would take it; else ApiError 400 or 404.

    `counting`: a count_tokens request, which has neither `max_tokens` nor `stream`. `any_model`: also
    one that the server has never heard of. `files` are those that it may name; none unless given.
    """
    try:
        request = json_object(body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"The request body is not valid JSON: {_brief(error)}") from error
    _check_parameters(request)
    _check_model(request.get("model"), any_model=any_model)
    if not counting:
        _check_max_tokens(request)
    for check in _CHECKS:
        check(request)
    check_media(request["messages"], files or Files())
    _check_size(request)
    return request


def _brief(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "no low surrogate in string"
    return str(error)


def _check_parameters(request: dict[str, Any]) -> None:
    for name in ("temperature", "top_p", "top_k"):
        if name in request:
            raise invalid(f"`{name}` is deprecated for this model.")
    unknown = set(request) - _PARAMETERS
    if unknown:
        raise invalid(f"{min(unknown)}: Extra inputs are not permitted")
    for name in ("model", "messages"):
        if name not in request:
            raise invalid(f"{name}: Field required")


def _check_model(model: object, *, any_model: bool) -> None:
    if not isinstance(model, str) or not model:
        raise invalid("model: Input should be a valid string")
    if model not in NAMES and not any_model:
        raise ApiError(404, f"model: {model}")


def _check_max_tokens(request: dict[str, Any]) -> None:
    if "max_tokens" not in request:
        raise invalid("max_tokens: Field required")
    value: Any = request["max_tokens"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("max_tokens: Input should be a valid integer")
    if value < 1:
        raise invalid("max_tokens: Input should be greater than or equal to 1")
    if value > MAX_OUTPUT_TOKENS:
        raise invalid(
            f"max_tokens: {value} > {MAX_OUTPUT_TOKENS}, which is the maximum allowed number of "
            f"output tokens for {request['model']}"
        )


def _check_thinking_config(request: dict[str, Any]) -> None:
    match request.get("thinking"):
        case None:
            return
        case {"type": "adaptive", **rest} if set(rest) <= {"display"}:
            if rest.get("display") not in {None, "summarized", "omitted"}:
                raise invalid("thinking.adaptive.display: Input should be 'summarized' or 'omitted'")
        case {"type": "between_tools", **rest} if not rest:
            return
        case {"type": "enabled" | "disabled" as kind}:
            raise invalid(
                f'"thinking.type.{kind}" is not supported for this model. Use "thinking.type.adaptive" '
                'and "output_config.effort" to control thinking behavior.'
            )
        case _:
            raise invalid("thinking: Input does not match any of the expected tags")


def _check_tool_choice(request: dict[str, Any]) -> None:
    match request.get("tool_choice"):
        case None | {"type": "auto" | "none"}:
            return
        case {"type": "any" | "tool"}:
            raise invalid("Thinking may not be enabled when tool_choice forces tool use.")
        case _:
            raise invalid("tool_choice: Input does not match any of the expected tags")


def _check_output_config(request: dict[str, Any]) -> None:
    config: Any = request.get("output_config")
    if config is None:
        return
    if not is_object(config) or set(config) - {"effort", "format", "task_budget"}:
        raise invalid("output_config: Extra inputs are not permitted")
    effort = config.get("effort")
    if effort is not None and effort not in _EFFORTS:
        raise invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")


def _check_system(request: dict[str, Any]) -> None:
    system: Any = request.get("system")
    if system is None or isinstance(system, str):
        return
    if not is_list(system):
        raise invalid("system: Input should be a valid list")
    for n, block in enumerate(system):
        if not is_object(block) or block.get("type") != "text":
            raise invalid(f"system.{n}.type: Input should be 'text'")
        if set(block) - {"type", "text", "cache_control", "citations"}:
            raise invalid(f"system.{n}: Extra inputs are not permitted")
        check_text(f"system.{n}", block.get("text"))
        check_cache_control(f"system.{n}", block.get("cache_control"))


def _check_breakpoints(request: dict[str, Any]) -> None:
    check_cache_control("request", request.get("cache_control"))
    marks = [request, *_marked(request.get("tools")), *_marked(request.get("system"))]
    for message in request["messages"]:
        marks += _marked(message["content"])
    found = sum(1 for mark in marks if mark.get("cache_control"))
    if found > _MAX_BREAKPOINTS:
        raise invalid(
            f"A maximum of {_MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {found}."
        )


def _marked(content: Any) -> Iterator[dict[str, Any]]:
    if is_list(content):
        for block in content:
            yield block
            yield from _marked(block.get("content"))


def _check_size(request: dict[str, Any]) -> None:
    tokens = count_tokens(request)
    if tokens > CONTEXT_WINDOW_TOKENS:
        raise invalid(f"prompt is too long: {tokens} tokens > {CONTEXT_WINDOW_TOKENS} maximum")


_CHECKS: tuple[Callable[[dict[str, Any]], None], ...] = (
    _check_thinking_config,
    _check_tool_choice,
    _check_output_config,
    _check_system,
    lambda request: check_tools(request.get("tools")),
    lambda request: check_messages(request["messages"], request["model"], server_tools(request.get("tools"))),
    _check_breakpoints,
)
