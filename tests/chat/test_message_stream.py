"""A streamed answer taken apart: the same whatever the network cuts it into, nothing unless it is whole."""

import json
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import (
    Ear,
    Heard,
    block,
    frame,
    started,
    stopped,
    text_block,
    thinking_block,
    tool_block,
    transcript,
)

from chat.agent.model.interface import Answer, ModelFailure, ToolCall
from chat.agent.model.message_stream import MessageStream

PING: dict[str, Any] = {"type": "ping"}
EVENTS: list[dict[str, Any]] = [
    started(input_tokens=11, output_tokens=1, cache_read_input_tokens=7),
    PING,
    *thinking_block(0, "c2lnbmVk", "Let me ", "see… é\u2028"),
    {"type": "hologram", "voxels": 8},
    *text_block(1, "Here it is ", "\U0001f600", ": two files."),
    *block(2, {"type": "hologram", "depth": 3}, {"type": "hologram_delta", "voxels": 8}),
    *tool_block(3, "toolu_1", "read_file", '{"pa', 'th": "a.t', 'xt"}'),
    PING,
    *tool_block(4, "toolu_2", "list_files"),
    *text_block(5, "", "  \n"),
    *stopped("tool_use", output_tokens=42),
]
WIRE = transcript(EVENTS)
CRLF = transcript(EVENTS, "\r\n")


def listen(*chunks: bytes) -> tuple[Heard, Answer | None]:
    ear = Ear()
    stream = MessageStream(ear)
    for chunk in chunks:
        stream.feed(chunk)
    return ear.heard, stream.answer


def fail(*chunks: bytes) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        listen(*chunks)
    return caught.value


def message_of(*events: dict[str, Any]) -> Answer:
    message = listen(transcript(events))[1]
    assert message is not None
    return message


WHOLE = listen(WIRE)


def test_an_answer_is_heard_in_order_and_complete_at_its_end():
    heard, message = WHOLE

    assert message is not None
    assert heard == [
        ("thinking", "Let me see… é\u2028"),
        ("text", "Here it is \U0001f600: two files."),
        ("start", ("toolu_1", "read_file")),
        ("input", ("toolu_1", '{"path": "a.txt"}')),
        ("ready", ToolCall("toolu_1", "read_file", {"path": "a.txt"})),
        ("start", ("toolu_2", "list_files")),
        ("ready", ToolCall("toolu_2", "list_files", {})),
        ("text", "  \n"),
    ]
    assert message.stop_reason == "tool_use"
    assert message.model == "claude-test"
    assert [call.id for call in message.calls] == ["toolu_1", "toolu_2"]
    assert message.content[0] == {
        "type": "thinking",
        "thinking": "Let me see… é\u2028",
        "signature": "c2lnbmVk",
    }
    assert {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "read_file",
        "input": {"path": "a.txt"},
    } in message.content


@pytest.mark.parametrize("wire", [WIRE, CRLF], ids=["LF", "CRLF"])
def test_where_the_bytes_are_cut_makes_no_difference(wire: bytes):
    for cut in range(len(wire) + 1):
        assert listen(wire[:cut], wire[cut:]) == WHOLE, cut


@pytest.mark.parametrize("wire", [WIRE, CRLF], ids=["LF", "CRLF"])
def test_bytes_that_come_one_by_one_make_no_difference(wire: bytes):
    assert listen(*(wire[i : i + 1] for i in range(len(wire)))) == WHOLE


@settings(max_examples=100, deadline=None)
@given(cuts=st.lists(st.integers(0, len(CRLF))), crlf=st.booleans())
def test_any_cutting_makes_no_difference(cuts: list[int], crlf: bool):
    wire = CRLF if crlf else WIRE
    edges = sorted({0, len(wire), *(min(cut, len(wire)) for cut in cuts)})

    assert listen(*(wire[start:end] for start, end in pairwise(edges))) == WHOLE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "index", "delta", "content_block"]), inner)
    ),
    max_leaves=8,
)


def framed(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """An answer of which some fields hold anything."""
    events: list[dict[str, Any]] = json.loads(json.dumps(EVENTS))
    for _ in range(draw(st.integers(1, 3))):
        event = draw(st.sampled_from(events))
        parts: list[dict[str, Any]] = [event, *(value for value in event.values() if isinstance(value, dict))]
        part = draw(st.sampled_from(parts))
        part[draw(st.sampled_from([*part, "type"]))] = draw(JSON)
    return b"".join(map(framed, events))


@st.composite
def garbled(draw: st.DrawFn) -> bytes:
    """An answer with other bytes in some place."""
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(WIRE))] * 2)))
    return WIRE[:start] + draw(st.binary(max_size=40)) + WIRE[end:]


@settings(max_examples=400, deadline=None)
@given(chunks=st.lists(st.binary() | JSON.map(framed) | garbled() | broken(), max_size=4))
def test_any_bytes_are_an_answer_or_a_failure_of_the_model_and_nothing_else(chunks: list[bytes]):
    with suppress(ModelFailure):
        listen(*chunks)


def test_an_answer_begins_once_with_its_first_content():
    ear = Ear()
    stream = MessageStream(ear)

    stream.feed(transcript([started()]))
    assert ear.begun == 0
    stream.feed(transcript([thinking_block(0, "s", "")[0]]))
    assert ear.begun == 1
    stream.feed(transcript([*thinking_block(0, "s", "Hm")[1:], *text_block(1, "Hi")]))
    assert ear.begun == 1


def test_an_answer_that_breaks_off_anywhere_is_none():
    for end in range(len(WIRE) - 1):
        assert listen(WIRE[:end])[1] is None, end


def test_what_was_read_before_a_fault_is_heard():
    ear = Ear()
    stream = MessageStream(ear)
    cut = transcript([started(), *text_block(0, "Half an ")])
    error = frame({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})

    with pytest.raises(ModelFailure):
        stream.feed(cut + error)

    assert ear.heard == [("text", "Half an ")]


@pytest.mark.parametrize(
    ("kind", "verdict", "retryable"),
    [
        ("overloaded_error", "overloaded", True),
        ("rate_limit_error", "overloaded", True),
        ("api_error", "failed", True),
        ("timeout_error", "failed", True),
        ("invalid_request_error", "failed", False),
        ("permission_error", "failed", False),
    ],
)
def test_an_error_in_mid_stream_is_judged_by_its_type(kind: str, verdict: str, retryable: bool):
    failure = fail(frame({"type": "error", "error": {"type": kind, "message": "secret words"}}))

    assert (failure.kind, failure.retryable) == (verdict, retryable)
    assert "secret" not in str(failure)


@pytest.mark.parametrize(
    ("details", "verdict", "retryable"),
    [
        ({"error_code": "contract_spend_limit_reached"}, "refused_request", False),
        ({"error_code": "enforced_spend_limit_reached"}, "refused_request", False),
        ({"error_code": "ramp_limit_exceeded"}, "overloaded", True),
        ({"error_code": None}, "overloaded", True),
        (None, "overloaded", True),
        ("no object", "overloaded", True),
    ],
)
def test_waiting_does_not_help_against_a_spend_limit_in_mid_stream_either(
    details: object, verdict: str, retryable: bool
):
    error = {"type": "rate_limit_error", "message": "x", "details": details}

    failure = fail(frame({"type": "error", "error": error}))

    assert (failure.kind, failure.retryable) == (verdict, retryable)


@pytest.mark.parametrize(
    "wire",
    [
        b'data: {"type": "content_blo\n\n',
        b"data: \n\n",
        b"data: [1, 2]\n\n",
        b"data: 3\n\n",
        b'data: "text"\n\n',
        b'data: {"kind": "ping"}\n\n',
        b'data: {"type": "text", "text": "\xff"}\n\n',
        frame({"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "x"}}),
        frame({"type": "content_block_delta", "index": 0, "delta": None}),
        frame({"type": "content_block_stop", "index": 9}),
        frame({"type": "message_start"}),
        frame({"type": "message_delta", "delta": "end"}),
        frame({"type": "error"}),
        frame({"type": "content_block_start", "index": 0, "content_block": "text"}),
        frame({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use"}}),
        transcript([started(), *text_block(0, "x"), {"type": "content_block_stop", "index": 0}]),
        transcript(block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": 3})),
        transcript(block(0, {"type": "text", "text": ""}, {"type": "text_delta"})),
    ],
)
def test_what_is_no_such_stream_is_a_failure_worth_another_try(wire: bytes):
    failure = fail(wire)

    assert (failure.kind, failure.reason, failure.retryable) == ("failed", "malformed stream", True)


def test_a_page_of_html_is_no_answer():
    assert listen(b"<html>\n<body>502 Bad Gateway</body>\n</html>\n") == ([], None)


@pytest.mark.parametrize("text", ['{"path": "a', "[1, 2]", "null", '"x"', '{"a": NaN}', "{} {}"])
def test_input_that_is_no_json_object_reaches_the_tool_as_none_and_the_history_as_an_object(text: str):
    message = message_of(started(), *tool_block(0, "toolu_1", "read_file", text), *stopped("tool_use"))

    assert message.calls == [ToolCall("toolu_1", "read_file", None)]
    assert message.content[0]["input"] == {"INVALID_JSON": text}


def test_input_that_came_with_the_blocks_start_counts():
    start = {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a"}}

    assert message_of(started(), *block(0, start), *stopped()).calls[0].arguments == {"path": "a"}


def test_calls_never_share_an_id():
    message = message_of(
        started(),
        *tool_block(0, "same", "list_files"),
        *tool_block(1, "same", "list_files"),
        *tool_block(2, "same_1", "list_files"),
        *stopped("tool_use"),
    )

    ids = [call.id for call in message.calls]
    assert len(set(ids)) == 3
    assert [part["id"] for part in message.content] == ids


def test_blank_text_is_no_part_of_the_message():
    message = message_of(started(), *text_block(0), *text_block(1, " \n"), *text_block(2, "ok"), *stopped())

    assert message.content == [{"type": "text", "text": "ok"}]


def test_text_that_came_with_the_blocks_start_counts_once():
    start = {"type": "text", "text": "Well, "}
    wire = transcript([started(), *block(0, start, {"type": "text_delta", "text": "yes."}), *stopped()])

    heard, message = listen(wire)

    assert heard == [("text", "Well, yes.")]
    assert message is not None
    assert message.content == [{"type": "text", "text": "Well, yes."}]


def test_thinking_that_nobody_may_read_goes_back_as_it_came():
    redacted = {"type": "redacted_thinking", "data": "b3BhcXVl"}

    heard, message = listen(transcript([started(), *block(0, redacted), *text_block(1, "ok"), *stopped()]))

    assert heard == [("text", "ok")]
    assert message is not None
    assert message.content[0] == redacted


def test_token_counts_are_cumulative():
    events = [
        started(input_tokens=10, output_tokens=1),
        *stopped(output_tokens=5, cache_creation_input_tokens=3),
    ]
    events.insert(
        1, {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 3, "iterations": None}}
    )

    usage = message_of(*events).usage

    assert (usage["inputTokens"], usage["outputTokens"]) == (10, 5)
    assert (usage["cacheReadTokens"], usage["cacheWriteTokens"]) == (0, 3)


def test_pings_are_no_progress():
    stream = MessageStream(Ear())
    stream.feed(frame(started()))
    before = stream.progress

    stream.feed(frame(PING) * 5)

    assert stream.progress == before


def test_what_the_apis_own_tools_do_is_part_of_the_answer_and_no_call_of_ours():
    call: dict[str, Any] = {"type": "server_tool_use", "id": "srv_1", "name": "web_fetch", "input": {}}
    found = {"type": "web_fetch_tool_result", "tool_use_id": "srv_1", "content": {"type": "web_fetch_result"}}
    cited = {"type": "char_location", "cited_text": "a"}
    parts = [{"type": "input_json_delta", "partial_json": part} for part in ('{"url"', ': "u"}')]
    words = [{"type": "text_delta", "text": "Found."}, {"type": "citations_delta", "citation": cited}]

    message = message_of(
        started(),
        *block(0, call, *parts),
        *block(1, found),
        *block(2, {"type": "text", "text": ""}, *words),
        *stopped("end_turn"),
    )

    assert message.content == [
        {**call, "input": {"url": "u"}},
        found,
        {"type": "text", "text": "Found.", "citations": [cited]},
    ]
    assert message.calls == []
