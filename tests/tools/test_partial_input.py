"""A call's input read while it is written: in any pieces, the same path and text as the parser's."""

import json
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.agent.tools.partial_input import PartialInput, Place

CREATE: Place = ("content",)
EDIT: Place = ("edits", None, "new")
Read = tuple[str | None, str]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\"/{}[],:u\n\0\U0001f600é'))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("new"), inner, max_size=3),
    max_leaves=8,
)
EDITS = st.lists(
    st.fixed_dictionaries(
        {"old": TEXTS, "new": TEXTS}, optional={"replace_all": st.booleans(), "path": TEXTS, "more": VALUES}
    ),
    max_size=4,
)
OTHERS = st.dictionaries(TEXTS, VALUES, max_size=3)


def read(text_at: Place, *pieces: str) -> Read:
    reader = PartialInput(text_at)
    text = "".join([reader.feed(piece) for piece in pieces])
    return reader.path, text


@st.composite
def shuffled(draw: st.DrawFn, members: dict[str, Any]) -> dict[str, Any]:
    return dict(draw(st.permutations(list((draw(OTHERS) | members).items()))))


@st.composite
def cut(draw: st.DrawFn, value: object) -> list[str]:
    """The value as JSON in one of its spellings, in pieces."""
    spelling: dict[str, Any] = {
        "ensure_ascii": draw(st.booleans()),
        "indent": draw(st.sampled_from([None, 1])),
    }
    text = json.dumps(value, **spelling)
    if draw(st.booleans()):
        text = text.replace("/", r"\/")
    if draw(st.booleans()):
        return list(text)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in pairwise([0, *places, len(text)])]


@settings(max_examples=400)
@given(st.data(), TEXTS, TEXTS)
def test_a_new_file_is_read_as_the_parser_reads_it(data: st.DataObject, path: str, content: str):
    value = data.draw(shuffled({"path": path, "content": content}))
    pieces = data.draw(cut(value))
    parsed = orjson.loads("".join(pieces))
    assert read(CREATE, *pieces) == (parsed["path"], parsed["content"])


@settings(max_examples=400)
@given(st.data(), TEXTS, EDITS)
def test_an_edit_is_read_as_the_parser_reads_it(data: st.DataObject, path: str, edits: list[dict[str, Any]]):
    value = data.draw(shuffled({"path": path, "edits": edits}))
    pieces = data.draw(cut(value))
    assert read(EDIT, *pieces) == (path, "\n".join(edit["new"] for edit in edits))


@settings(max_examples=200)
@given(st.data(), TEXTS, EDITS)
def test_edits_that_come_as_a_string_of_json_are_read_too(
    data: st.DataObject, path: str, edits: list[dict[str, Any]]
):
    text = json.dumps(edits, ensure_ascii=data.draw(st.booleans()))
    pieces = data.draw(cut(data.draw(shuffled({"edits": text, "path": path}))))
    assert read(EDIT, *pieces) == (path, "\n".join(edit["new"] for edit in edits))


@settings(max_examples=400)
@given(
    st.sampled_from([CREATE, EDIT]),
    st.lists(st.text(st.sampled_from('{}[]",:\\u0dD83 npatewcoi\n')) | st.text(max_size=5), max_size=20),
)
def test_what_is_no_json_is_read_without_an_error_and_the_same_in_any_pieces(
    text_at: Place, pieces: list[str]
):
    found = read(text_at, *pieces)
    assert found == read(text_at, "".join(pieces)) == read(text_at, *"".join(pieces))
    assert all(text is None or text.encode() is not None for text in found)


@pytest.mark.parametrize("edge", range(1, 12))
def test_a_surrogate_pair_is_one_character_wherever_it_is_cut(edge: int):
    escaped = r"\ud83d\ude00"
    head, tail = f'{{"content": "a{escaped[:edge]}', f'{escaped[edge:]}b"}}'
    assert read(CREATE, head, tail) == (None, "a\U0001f600b")


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert read(CREATE, r'{"content": "a\ud83d', r'b\ude00\ud83d"}') == (None, "a�b��")


def test_a_text_is_given_out_as_far_as_it_is_known():
    reader = PartialInput(CREATE)
    assert [reader.feed(piece) for piece in ('{"content": "on', "e\\", "ntwo\\u00", 'e9"', "}")] == [
        *("on", "e", "\ntwo", "é", "")
    ]


def test_the_path_is_known_with_its_last_character():
    reader = PartialInput(CREATE)
    known = [(reader.feed(piece), reader.path)[1] for piece in ('{"pa', 'th": "src/', "a.tsx", '", "con')]
    assert known == [None, None, None, "src/a.tsx"]


def test_strings_of_the_same_name_elsewhere_are_not_taken_for_it():
    value = {"more": {"path": "x", "content": "y"}, "list": [{"content": "z"}], "path": "a", "content": "b"}
    assert read(CREATE, json.dumps(value)) == ("a", "b")
    assert read(CREATE, json.dumps([value])) == (None, "")


def test_behind_an_invalid_escape_nothing_is_found():
    assert read(CREATE, r'{"content": "one', r'\q two"', ', "path": "a"}') == (None, "one")
    assert read(CREATE, '{"content": "one\\u12', 'zz two", "path": "a"}') == (None, "one")
