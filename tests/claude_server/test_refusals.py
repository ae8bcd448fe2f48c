"""Conversations and parameters that the API refuses, and near misses that it takes."""

import json
from typing import Any

import pytest
from claude_client import HEADERS, post, request

from dev import claude
from dev.claude import RedactedThinking, Reply, Script, Text, Thinking, ToolUse

SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}
TOOL: dict[str, Any] = {"name": "read_file", "input_schema": SCHEMA}
WEB_FETCH = {"type": "web_fetch_20260318", "name": "web_fetch"}
MARK = {"type": "ephemeral"}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def call(call_id: str = "toolu_1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": "read_file", "input": {}, **more}


def result(call_id: str = "toolu_1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call_id, "content": "ok", **more}


def fetch() -> dict[str, Any]:
    return {**call("srvtoolu_1"), "type": "server_tool_use", "name": "web_fetch"}


def fetched(**more: Any) -> dict[str, Any]:
    source = {"type": "text", "media_type": "text/plain", "data": "So it is."}
    page = {
        "type": "web_fetch_result",
        "url": "https://a.test",
        "content": {"type": "document", "source": source},
    }
    return {"type": "web_fetch_tool_result", "tool_use_id": "srvtoolu_1", "content": page, **more}


def strict_tool(**schema: Any) -> dict[str, Any]:
    return {**TOOL, "strict": True, "input_schema": {**SCHEMA, **schema}}


async def refusal(body: dict[str, Any] | bytes) -> tuple[int, str, str]:
    """Status, error type and message that a body gets."""
    async with claude.serve(script=Script([Reply(Text("fine"))])) as server:
        answer = await post(server, body)
        assert answer.headers["request-id"].startswith("req_")
        if answer.status_code == 200:
            return 200, "", ""
        error = answer.json()["error"]
        assert server.replies_played == 0
        assert server.requests[0].error == error["message"]
        return answer.status_code, error["type"], error["message"]


HI = user(text("Hi"))
CONVERSATIONS: dict[str, tuple[list[Any], str]] = {
    "no message": ([], "at least one message is required"),
    "assistant first": ([assistant(text("Hi")), HI], 'first message must use the "user" role'),
    "unknown role": ([{"role": "robot", "content": "Hi"}], "messages.0.role: Input should be"),
    "no content": ([{"role": "user"}], "messages.0.content: Field required"),
    "no object": (["Hi"], "messages.0: Input should be an object"),
    "an id in a message": ([{**HI, "id": "1"}], "messages.0.id: Extra inputs are not permitted"),
    "words behind which no server tool was paused": (
        [HI, assistant(text("Let me look."), {**call(), "type": "server_tool_use"})],
        "does not support assistant message prefill",
    ),
    "a page without its text": (
        [HI, assistant(fetch(), fetched(content={"type": "web_fetch_result"}), text("So.")), HI],
        "web_fetch_tool_result.content: Input does not match",
    ),
    "a page that nobody asked for": (
        [HI, assistant(fetched(), text("So.")), HI],
        "unexpected `tool_use_id` found in a server tool's result: srvtoolu_1",
    ),
    "a page that never came": (
        [HI, assistant(fetch(), text("So.")), HI],
        "`web_fetch` tool use with id `srvtoolu_1` was found without a corresponding",
    ),
    "a citation of an unknown kind": (
        [HI, assistant(text("So.", citations=[{"type": "hearsay", "cited_text": "So"}])), HI],
        "text.citations.0: Input does not match",
    ),
    "prefill": ([HI, assistant(text("Sure,"))], "does not support assistant message prefill"),
    "empty content": ([user()], "messages.0: all messages must have non-empty content"),
    "empty string": ([{"role": "user", "content": ""}], "must have non-empty content"),
    "empty text": ([user(text(""))], "text content blocks must be non-empty"),
    "blank text": ([user(text(" \n"))], "must contain non-whitespace text"),
    "unknown block": ([user({"type": "hologram"})], "Input tag 'hologram' found using 'type'"),
    "call by the user": ([user(call())], "Input tag 'tool_use' found using 'type'"),
    "extra field in a block": ([user(text("Hi", index=0))], "text.index: Extra inputs"),
    "unanswered call": (
        [HI, assistant(call()), user(text("So?"))],
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: "
        "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next "
        "message.",
    ),
    "one of two unanswered": (
        [HI, assistant(call("a"), call("b")), user(result("a"))],
        "immediately after: b.",
    ),
    "result after a text": (
        [HI, assistant(call()), user(text("Here:"), result())],
        "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
    ),
    "result without a call": (
        [user(result("toolu_9"))],
        "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. Each",
    ),
    "result too late": (
        [HI, assistant(call()), user(result()), assistant(text("So")), user(result())],
        "messages.4.content.0: unexpected `tool_use_id`",
    ),
    "two results": (
        [HI, assistant(call()), user(result(), result())],
        "each tool_use must have a single result",
    ),
    "an id twice": (
        [HI, assistant(call(), call()), user(result())],
        "messages.1.content.1: `tool_use` ids must be unique",
    ),
    "an id again later": (
        [HI, assistant(call()), user(result()), assistant(call()), user(result())],
        "messages.3.content.0: `tool_use` ids must be unique",
    ),
    "bad id": ([HI, assistant(call("a b")), user(result("a b"))], "id: String should match pattern"),
    "bad name in a call": (
        [HI, assistant(call(name="read file")), user(result())],
        "name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
    ),
    "input as a string": (
        [HI, assistant(call(input="{}")), user(result())],
        "tool_use.input: Input should be an object",
    ),
    "silent error": (
        [HI, assistant(call()), user(result(content="", is_error=True))],
        "content cannot be empty if `is_error` is true",
    ),
    "empty text in a result": (
        [HI, assistant(call()), user(result(content=[text("")]))],
        "text content blocks must be non-empty",
    ),
    "thinking made up": (
        [HI, assistant({"type": "thinking", "thinking": "Hm.", "signature": "AAAA"}, text("A")), HI],
        "blocks in the latest assistant message cannot be modified",
    ),
    "thinking unsigned": (
        [HI, assistant({"type": "thinking", "thinking": "Hm."}, text("A")), HI],
        "cannot be modified",
    ),
}


@pytest.mark.parametrize("case", CONVERSATIONS)
async def test_a_conversation_that_the_api_refuses_is_400(case: str):
    messages, expected = CONVERSATIONS[case]

    status, kind, message = await refusal(request(messages=messages))

    assert (status, kind) == (400, "invalid_request_error")
    assert expected in message


PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "temperature": ({"temperature": 1}, "`temperature` is deprecated for this model."),
    "top_p": ({"top_p": 0.9}, "`top_p` is deprecated"),
    "top_k": ({"top_k": 5}, "`top_k` is deprecated"),
    "unknown": ({"max_steps": 5}, "max_steps: Extra inputs are not permitted"),
    "max_tokens 0": ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
    "max_tokens of a string": ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
    "max_tokens too large": ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000, which is"),
    "any tool": ({"tool_choice": {"type": "any"}}, "tool_choice forces tool use"),
    "that tool": ({"tool_choice": {"type": "tool", "name": "x"}}, "tool_choice forces tool use"),
    "no thinking": ({"thinking": {"type": "disabled"}}, '"thinking.type.disabled" is not supported'),
    "thinking budget": (
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        '"thinking.type.enabled" is not supported for this model.',
    ),
    "display": ({"thinking": {"type": "adaptive", "display": "all"}}, "thinking.adaptive.display"),
    "effort": ({"output_config": {"effort": "extreme"}}, "output_config.effort"),
    "blank system": ({"system": [text(" ")]}, "system.0: text content blocks must contain"),
    "tool name": ({"tools": [{**TOOL, "name": "read file"}]}, "tools.0.custom.name: String should"),
    "long tool name": ({"tools": [{**TOOL, "name": "x" * 65}]}, "tools.0.custom.name: String should"),
    "tools not unique": ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
    "no schema": ({"tools": [{"name": "x"}]}, "input_schema: Field required"),
    "schema of an array": (
        {"tools": [{"name": "x", "input_schema": {"type": "array"}}]},
        "tools.0.custom.input_schema.type: Input should be 'object'",
    ),
    "schema of no type": (
        {"tools": [{"name": "x", "input_schema": {}}]},
        "tools.0.custom.input_schema.type: Field required",
    ),
    "schema of an invented type": (
        {"tools": [{"name": "x", "input_schema": {**SCHEMA, "properties": {"a": {"type": "int"}}}}]},
        "JSON schema is invalid",
    ),
    "extra field in a tool": (
        {"tools": [{**TOOL, "timeout": 3}]},
        "tools.0.custom.timeout: Extra inputs are not permitted",
    ),
    "a server tool of an unknown version": (
        {"tools": [{"type": "web_fetch_soon", "name": "web_fetch"}]},
        "tools.0: Input tag 'web_fetch_soon' found using 'type' does not match any of the expected tags",
    ),
    "an unknown source of addresses": (
        {"tools": [{**WEB_FETCH, "url_sources": {"files": {"type": "none"}}}]},
        "tools.0.web_fetch_20260318.url_sources.files: Input does not match",
    ),
    "a field of our tools in the API's own": (
        {"tools": [{**WEB_FETCH, "eager_input_streaming": True}]},
        "tools.0.web_fetch_20260318.eager_input_streaming: Extra inputs are not permitted",
    ),
    "open strict tool": ({"tools": [strict_tool()]}, "'additionalProperties' must be explicitly set"),
    "strict tool with limits": (
        {
            "tools": [
                strict_tool(additionalProperties=False, properties={"a": {"type": "string", "minLength": 1}})
            ]
        },
        "property 'minLength' is not supported",
    ),
    "five breakpoints": (
        {
            "cache_control": MARK,
            "system": [text("a", cache_control=MARK), text("b", cache_control=MARK)],
            "tools": [{**TOOL, "cache_control": MARK}],
            "messages": [user(text("Hi", cache_control=MARK))],
        },
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "unknown breakpoint": ({"cache_control": {"type": "eternal"}}, "cache_control"),
    "prompt too long": ({"system": "word " * 900_000}, "prompt is too long: 11"),
}


@pytest.mark.parametrize("case", PARAMETERS)
async def test_parameters_that_the_api_refuses_are_400(case: str):
    changes, expected = PARAMETERS[case]

    status, kind, message = await refusal(request(**changes))

    assert (status, kind) == (400, "invalid_request_error")
    assert expected in message


@pytest.mark.parametrize("name", ["model", "max_tokens", "messages"])
async def test_a_required_parameter_may_not_be_missing(name: str):
    body = request()
    del body[name]

    assert await refusal(body) == (400, "invalid_request_error", f"{name}: Field required")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "Expecting"),
        (b"[]", "JSON object"),
        (json.dumps(request("half \ud800")).encode(), "no low surrogate in string"),
        (json.dumps(request(), allow_nan=True).replace("1000", "NaN").encode(), "NaN"),
        (b'{"a":' + b"[" * 100_000, "recursion"),
    ],
)
async def test_a_body_that_is_no_json_object_is_400(body: bytes, reason: str):
    status, _, message = await refusal(body)

    assert status == 400
    assert message.startswith("The request body is not valid JSON: ")
    assert reason in message


async def test_an_unknown_model_or_path_is_404():
    async with claude.serve() as server:
        model = await post(server, request(model="claude-1"))
        path = await post(server, request(), path="/v1/complete")

    assert (model.status_code, model.json()["error"]) == (
        404,
        {"type": "not_found_error", "message": "model: claude-1"},
    )
    assert path.status_code == 404


async def test_a_server_for_everybody_answers_to_every_models_name():
    async with claude.serve(any_model=True) as server:
        answer = await post(server, request(model="claude-1"))

    assert (answer.status_code, answer.json()["model"]) == (200, "claude-1")


async def test_a_missing_key_is_401_and_a_missing_version_400():
    async with claude.serve() as server:
        keyless = await post(server, request(), headers={"anthropic-version": "2023-06-01"})
        versionless = await post(server, request(), headers={"x-api-key": "any"})
        bearer = {"authorization": "Bearer any", "anthropic-version": HEADERS["anthropic-version"]}
        with_token = await post(server, request(), headers=bearer)

    assert (keyless.status_code, keyless.json()["error"]["type"]) == (401, "authentication_error")
    assert versionless.status_code == 400
    assert "anthropic-version" in versionless.json()["error"]["message"]
    assert with_token.status_code == 200


async def test_a_body_over_32_mb_is_413():
    async with claude.serve() as server:
        answer = await post(server, request("x" * 34_000_000))

    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": [HI, HI]},
        {
            "messages": [
                HI,
                assistant(text("Let me look."), {**call(name="web_search"), "type": "server_tool_use"}),
            ],
            "tools": [{"type": "web_search_20260318", "name": "web_search"}],
        },
        {"messages": [HI, assistant(text("A")), assistant(text("B")), HI]},
        {"messages": [HI, assistant(call("a"), call("b")), user(result("b"), result("a"), text("!"))]},
        {"messages": [HI, assistant(call("a"), call("b")), user(result("a")), user(result("b"))]},
        {"messages": [HI, assistant(call(caller={"type": "direct"})), user(result(content=[]))]},
        {"messages": [HI, {"role": "system", "content": "Be brief."}, HI]},
        {"messages": [user(text("Hi", citations=None, cache_control=MARK))]},
        {"max_tokens": 128_000, "thinking": {"type": "adaptive", "display": "omitted"}},
        {"thinking": {"type": "between_tools"}, "output_config": {"effort": "low"}},
        {"tools": [TOOL], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        {"tools": [strict_tool(additionalProperties=False)], "tool_choice": {"type": "none"}},
        {"cache_control": {"type": "ephemeral", "ttl": "1h"}, "metadata": {"user_id": "u"}},
        {"system": [text("Be brief.", cache_control=MARK)], "stop_sequences": ["END"]},
    ],
)
async def test_what_the_api_takes_is_taken(changes: dict[str, Any]):
    assert await refusal(request(**changes)) == (200, "", "")


async def answered(thinking: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """A conversation whose assistant message was really issued, with thinking and a call."""
    reply = Reply(Thinking("Let me look."), RedactedThinking(), ToolUse("read_file"))
    shown = thinking or {"type": "adaptive", "display": "summarized"}
    async with claude.serve(script=Script([reply])) as server:
        content = (await post(server, request(thinking=shown))).json()["content"]
    return [HI, assistant(*content), user(result(content[2]["id"]))]


async def test_thinking_sent_back_as_it_came_is_taken_by_another_server_too():
    shown = await answered()
    omitted = await answered({"type": "adaptive"})

    assert shown[1]["content"][0]["thinking"] == "Let me look."
    assert omitted[1]["content"][0]["thinking"] == ""
    assert await refusal(request(messages=shown)) == (200, "", "")
    assert await refusal(request(messages=omitted)) == (200, "", "")


@pytest.mark.parametrize(
    ("block", "change"),
    [
        (0, {"thinking": "Let me look!"}),
        (0, {"thinking": ""}),
        (0, {"signature": ""}),
        (1, {"data": "AAAA"}),
        (1, {"data": ""}),
    ],
)
async def test_altered_thinking_is_refused(block: int, change: dict[str, Any]):
    messages = await answered()
    messages[1]["content"][block].update(change)

    status, _, message = await refusal(request(messages=messages))
    later = [*messages, assistant(text("Done.")), HI]
    later_status, _, later_message = await refusal(request(messages=later))

    assert status == later_status == 400
    assert "cannot be modified" in message
    assert "Invalid `signature` in" in later_message


async def test_thinking_of_another_model_is_refused():
    messages = await answered()

    status, _, message = await refusal(request(messages=messages, model="claude-opus-5-5"))

    assert status == 400
    assert "cannot be modified" in message


async def test_an_assistant_message_may_not_end_in_thinking():
    messages = await answered()
    messages = [HI, assistant(messages[1]["content"][0]), HI]

    _, _, message = await refusal(request(messages=messages))

    assert message.endswith("The final block in an assistant message cannot be `thinking`.")


async def test_a_conversation_of_any_shape_never_breaks_the_server():
    async with claude.serve(script=Script(lambda received, n: Reply(Text("fine")))) as server:
        broken: list[Any] = [None, 7, {}, [None], [{"role": [], "content": {}}], [user(None)], [user([])]]
        for messages in broken:
            answer = await post(server, request(messages=messages))
            assert answer.status_code == 400
        broken = [7, {}, [7], [{"name": 7}], [{**TOOL, "input_schema": {"type": {}}}]]
        for tools in broken:
            answer = await post(server, request(tools=tools))
            assert answer.status_code == 400
