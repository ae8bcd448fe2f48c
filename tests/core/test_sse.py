"""Events as frames: one line of ASCII each, whatever text they carry."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode import sse

AWKWARD = (
    'quote " slash \\ newline \n return \r tab \t nul \x00 ls \u2028 ps \u2029 nel \x85 half \ud83d 😀 é'
)


def data_of(frame: bytes) -> Any:
    """What a client reads of a frame that has an id and one data line."""
    first, second, *rest = frame.decode("ascii").split("\n")
    assert rest == ["", ""]
    assert first.startswith("id: ")
    return json.loads(second.removeprefix("data: "))


def test_a_frame_is_an_id_and_one_line_of_data():
    assert sse.frame(3, 17, "step_complete", {"step": 2}, 1234) == (
        b'id: 3-17\ndata: {"type":"step_complete","data":{"step":2},"timestamp":1234}\n\n'
    )


def test_no_text_can_break_a_frame():
    for frame in (
        sse.frame(1, 1, "text_delta", {"text": AWKWARD}, 5),
        sse.delta_frame(1, 1, "text_delta", AWKWARD, 5),
    ):
        assert data_of(frame) == {"type": "text_delta", "data": {"text": AWKWARD}, "timestamp": 5}
        assert len(frame.splitlines()) == 3
        assert frame.decode("ascii").splitlines() == frame.decode("ascii").split("\n")[:-1]


@given(st.text(st.characters(), max_size=30))
def test_the_quick_way_for_deltas_is_the_same_to_the_byte(text: str):
    assert sse.delta_frame(2, 9, "thinking_delta", text, 5) == sse.frame(
        2, 9, "thinking_delta", {"text": text}, 5
    )
    assert data_of(sse.delta_frame(2, 9, "thinking_delta", text, 5))["data"]["text"] == text


def test_what_json_does_not_know_is_never_sent():
    with pytest.raises(ValueError, match="JSON"):
        sse.frame(1, 1, "notice", {"x": float("nan")}, 5)


def test_a_comment_is_no_event():
    assert sse.KEEP_ALIVE == b": keep-alive\n\n"


@pytest.mark.parametrize(("text", "place"), [("3-17", (3, 17)), ("1-0", (1, 0)), ("10-007", (10, 7))])
def test_an_event_id_is_a_turn_and_a_number(text: str, place: tuple[int, int]):
    assert sse.parse_event_id(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "3",
        "3-",
        "-17",
        "0-1",
        "3-1-1",
        "a-b",
        "3 -1",
        " 3-1",
        "3-1\n",
        "+3-1",
        "3--1",
        "\u0663-\u0661",
        "\u00b2-1",
        "9" * 16 + "-1",
    ],
)
def test_anything_else_is_none(text: str):
    assert sse.parse_event_id(text) is None
