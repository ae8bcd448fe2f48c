"""What goes over the wire, to the byte, and what the real SDK makes of it."""

import json
import re
from typing import Any

from anthropic import AsyncAnthropic
from claude_client import Connect, post, request

from dev import claude
from dev.claude import Reply, Script, Text, Thinking, ToolUse

ONE_TURN = """\
event: message_start
data: {"type":"message_start","message":{"model":"claude-sonnet-5-5","id":"MSG","type":"message",\
"role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"usage":\
{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":\
{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}

event: content_block_start
data: {"type":"content_block_start","index":0,\
"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIGNATURE"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Gr"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"üße"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":\
{"type":"tool_use","id":"toolu_1","name":"read_file","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,\
"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,\
"delta":{"type":"input_json_delta","partial_json":"{\\"path\\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,\
"delta":{"type":"input_json_delta","partial_json":" \\"a.ts\\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null},\
"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":58}}

event: message_stop
data: {"type":"message_stop"}

"""
SHOW_THINKING = {"type": "adaptive", "display": "summarized"}


def one_turn() -> Script:
    return Script(
        [
            Reply(
                Thinking("Hm."),
                Text("Grüße", cuts=2),
                ToolUse("read_file", {"path": "a.ts"}, id="toolu_1", cuts=2),
            )
        ]
    )


async def raw_stream(client: AsyncAnthropic, **changes: Any) -> bytes:
    """The bytes of a stream, read as the product reads them."""
    api: Any = client.messages
    body = {**request(), "stream": True, **changes}
    async with api.with_streaming_response.create(**body) as response:
        return b"".join([chunk async for chunk in response.iter_bytes()])


async def test_one_turn_is_literally_the_apis_wire_format(connect: Connect):
    async with claude.serve(script=one_turn()) as server:
        raw = await raw_stream(connect(server), thinking=SHOW_THINKING)

    text = re.sub(r"msg_01[0-9a-f]{22}", "MSG", raw.decode())
    text = re.sub(r'"signature":"[^"]+"', '"signature":"SIGNATURE"', text)
    assert text == ONE_TURN


async def test_the_sdk_reads_the_stream_and_the_whole_message_alike(connect: Connect):
    async with claude.serve(script=Script(lambda received, n: one_turn().next(received))) as server:
        api: Any = connect(server).messages
        body = request(thinking=SHOW_THINKING)
        async with api.stream(**body) as stream:
            streamed = await stream.get_final_message()
        whole = await api.create(**body)

    assert [block.type for block in streamed.content] == ["thinking", "text", "tool_use"]
    for message in (streamed, whole):
        thinking, text, call = (block.model_dump() for block in message.content)
        assert (thinking["thinking"], text["text"]) == ("Hm.", "Grüße")
        assert (call["id"], call["name"], call["input"]) == (
            "toolu_1",
            "read_file",
            {"path": "a.ts"},
        )
        assert message.stop_reason == "tool_use"
        assert message.usage.output_tokens == 58


async def test_tool_input_is_cut_anywhere_even_inside_an_escape(connect: Connect):
    content = 'a "quoted" line\n' * 20
    call = ToolUse("create_file", {"path": "a.ts", "content": content}, cuts=400)
    async with claude.serve(script=Script([Reply(call)])) as server:
        raw = await raw_stream(connect(server))

    parts = [
        event["delta"]["partial_json"]
        for event in map(json.loads, re.findall(r"^data: (.*)$", raw.decode(), re.MULTILINE))
        if event["type"] == "content_block_delta"
    ]
    assert any(part.endswith("\\") for part in parts)
    assert json.loads("".join(parts)) == {"path": "a.ts", "content": content}


async def test_thinking_is_empty_but_signed_unless_its_summary_is_asked_for(connect: Connect):
    async with claude.serve(script=one_turn()) as server:
        raw = (await raw_stream(connect(server))).decode()

    assert "thinking_delta" not in raw
    assert "signature_delta" in raw


async def test_an_error_has_the_apis_body_and_a_request_id(connect: Connect):
    async with claude.serve(script=Script([Reply(status=529, retry_after=2)])) as server:
        answer = await post(server, request())

    request_id = answer.headers["request-id"]
    assert answer.status_code == 529
    assert answer.headers["retry-after"] == "2"
    assert request_id.startswith("req_")
    assert answer.json() == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": request_id,
    }


async def test_tokens_can_be_counted_and_models_looked_up(connect: Connect):
    async with claude.serve() as server:
        client = connect(server)
        few = await client.messages.count_tokens(
            model="claude-opus-5-5", messages=[{"role": "user", "content": "Hello"}]
        )
        many = await client.messages.count_tokens(
            model="claude-opus-5-5", messages=[{"role": "user", "content": "Hello" * 1000}]
        )
        model = await client.models.retrieve("claude-haiku-5-5")
        listed = [info.id async for info in client.models.list()]

    assert few.input_tokens < 20
    assert 1200 < many.input_tokens < 1300
    assert (model.id, model.max_tokens) == ("claude-haiku-5-5", 128_000)
    assert listed == ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-1"]


async def test_many_requests_share_one_connection(connect: Connect):
    async with claude.serve(script=Script(lambda received, n: Reply(Text(str(n))))) as server:
        client = connect(server)
        for _ in range(3):
            await raw_stream(client)

        assert server.open_connections == 1
        assert [received.status for received in server.requests] == [200, 200, 200]
        assert all(received.disconnected_at is None for received in server.requests)
