"""The history as Claude gets it: taken by the API's rules, whatever the records went through."""

import base64
import json
from itertools import pairwise
from typing import Any, cast

import pytest
from anthropic import types
from hypothesis import given, settings
from hypothesis import strategies as st

from aicode.history.model_blocks import RESULT_LIMIT
from aicode.history.records import ApiBlock, Entry, Record
from aicode.history.server_calls import fit_to_keep
from aicode.history.usage import no_usage
from chat.agent.prompt.conversation import INTERRUPTED, context_of, seen_versions, to_api
from chat.agent.sections import section
from chat.agent.turn.own_thinking import with_own_thinking
from dev.claude import validate
from dev.claude.signature import REDACTED, sign
from tests.memory_uploads import png

MODEL = "claude-sonnet-5-5"


def assert_the_api_takes(messages: list[dict[str, object]]) -> None:
    body = {"model": MODEL, "max_tokens": 1000, "messages": messages, "stream": True}
    validate.read_body(json.dumps(body).encode())


def user(text: str = "Hi") -> Record:
    return {"kind": "user", "id": "m", "text": text, "at": 1}


def context(text: str) -> Record:
    return {"kind": "context", "text": text, "at": 1}


def step(*content: ApiBlock, number: int = 1) -> Record:
    return {
        "kind": "step",
        "step": number,
        "content": list(content),
        "stopReason": "end_turn",
        "model": MODEL,
        "usage": no_usage(),
        "at": 1,
    }


def results(*content: ApiBlock, seen: dict[str, int] | None = None) -> Record:
    return {
        "kind": "results",
        "step": 1,
        "content": list(content),
        "tools": [],
        "changes": [],
        "seen": seen or {},
        "at": 1,
    }


def partial(text: str, thinking: str = "") -> Record:
    return {"kind": "partial", "text": text, "thinking": thinking, "at": 1}


def end() -> Record:
    return {"kind": "end", "event": "error", "data": {}, "notice": "Stopped.", "at": 1}


def notice() -> Record:
    return {"kind": "notice", "noticeKind": "other", "text": "By the way", "at": 1}


def text(words: str) -> ApiBlock:
    return {"type": "text", "text": words}


def thinking(words: str) -> ApiBlock:
    return {"type": "thinking", "thinking": words, "signature": sign(MODEL, words)}


def call(call_id: str, name: str = "read_file", **arguments: object) -> ApiBlock:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def result(call_id: str, content: str = "done", **more: object) -> ApiBlock:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, **more}


def server_call(call_id: str) -> ApiBlock:
    return {
        "type": "server_tool_use",
        "id": call_id,
        "name": "web_fetch",
        "input": {"url": "https://a.example"},
    }


def server_result(call_id: str) -> ApiBlock:
    source = {"type": "text", "media_type": "text/plain", "data": "A page."}
    document = {"type": "document", "source": source, "title": "A"}
    page = {"type": "web_fetch_result", "url": "https://a.example", "content": document}
    return {"type": "web_fetch_tool_result", "tool_use_id": call_id, "content": page}


def entries(*records: Record) -> list[Entry]:
    return [{"turn": 1, "n": n, "record": record} for n, record in enumerate(records, start=1)]


def api(*records: Record) -> list[dict[str, object]]:
    messages = to_api(entries(*records))
    assert_the_api_takes(messages)
    return messages


def test_a_finished_turn_goes_back_block_for_block():
    thought = thinking("Let me see… é")
    asked = call("toolu_1", path="a.txt")
    answer = result("toolu_1")

    messages = api(
        user(), step(thought, text("Reading."), asked), results(answer), step(text("Ok")), user("More")
    )

    assert messages == [
        {"role": "user", "content": [text("Hi")]},
        {"role": "assistant", "content": [thought, text("Reading."), asked]},
        {"role": "user", "content": [answer]},
        {"role": "assistant", "content": [text("Ok")]},
        {"role": "user", "content": [text("More")]},
    ]


def test_a_replaced_block_stays_replaced_with_and_without_the_thinking_before_it():
    gone: Record = {
        "kind": "replaced",
        "at_entry": (1, 2),
        "index": 2,
        "sha256": "",
        "text": "[Gone.]",
        "at": 1,
    }
    answer = step(thinking("Hm."), text("Look."), server_call("a"), server_result("a"), text("Seen."))
    history = entries(user(), answer, user("More"), gone)

    for sent in (history, with_own_thinking(history, "another-model")):
        messages = to_api(sent)

        assert_the_api_takes(messages)
        content: Any = messages[1]["content"]
        assert content[-3:] == [text("Look."), text("[Gone.]"), text("Seen.")]
        assert not any(block["type"] == "server_tool_use" for block in content)


def test_a_call_without_a_result_gets_one_that_says_it_was_interrupted():
    messages = api(user(), step(call("a"), call("b")), results(result("b")), end(), user("Again"))

    assert messages[2]["content"] == [
        result("a", INTERRUPTED, is_error=True),
        result("b"),
        text("Again"),
    ]


def test_a_call_at_the_very_end_is_answered_too():
    assert api(user(), step(call("a")))[-1] == {
        "role": "user",
        "content": [result("a", INTERRUPTED, is_error=True)],
    }


def test_a_result_of_several_blocks_goes_back_as_the_list_that_it_is():
    picture: ApiBlock = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png(9, 9)).decode()},
    }
    answer: ApiBlock = {
        "type": "tool_result",
        "tool_use_id": "a",
        "content": [text("Seen:"), text("  "), picture],
    }

    messages = api(user(), step(call("a")), results(answer))

    assert messages[-1]["content"] == [{**answer, "content": [text("Seen:"), picture]}]


def test_a_result_that_is_one_text_goes_back_as_that_text():
    listed: ApiBlock = {"type": "tool_result", "tool_use_id": "a", "content": [text("done")]}

    assert api(user(), step(call("a")), results(listed))[-1]["content"] == [result("a")]


def test_what_the_apis_own_tools_did_goes_back_as_it_came():
    search, found = server_call("srv_1"), server_result("srv_1")

    messages = api(user(), step(text("I search."), search, found, text("Found.")), user("More"))

    assert messages[1]["content"] == [text("I search."), search, found, text("Found.")]


def test_a_call_of_the_apis_own_tools_without_its_result_and_a_result_without_its_call_are_left_out():
    broken = [server_call("srv_1"), server_result("srv_2"), text("Well.")]

    assert api(user(), step(*broken), user("More"))[1]["content"] == [text("Well.")]


def test_thinking_before_nothing_but_such_a_call_is_left_out_with_it():
    assert [message["role"] for message in api(user(), step(thinking("Hm."), server_call("a")), user())] == [
        "user"
    ]


CITED = {"type": "char_location", "cited_text": "A page.", "document_index": 0}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "summary", "text": "So far.", "before": (1, 1), "seen": {}, "usage": no_usage()},
        {"kind": "trim", "before": (1, 1)},
        {"kind": "replaced", "at_entry": (1, 1), "index": 7, "sha256": "", "text": "[Gone.]"},
    ],
    ids=lambda change: str(change["kind"]),
)
def test_what_takes_something_out_of_the_conversation_takes_the_citations_before_it_along(change: Any):
    paused = step(text("I read it."), server_call("a"), server_result("a"), server_call("b"))
    cites: ApiBlock = {**text("So it is."), "citations": [CITED]}
    read = [user(), paused, step(server_result("b"), cites), user("More")]
    later = step({**text("As I said."), "citations": [CITED]})
    changed: Any = {**change, "at": 1}

    cited = [
        ["citations" in block for message in api(*records) for block in cast("Any", message["content"])]
        for records in (read, [*read, changed, later, user("Go on")])
    ]

    assert [sum(each) for each in cited] == [1, 1]
    assert cited[1].index(True) > cited[0].index(True)


def test_of_a_document_too_long_to_be_kept_nothing_is_cited():
    long: Any = server_result("a")
    long["content"]["content"]["source"]["data"] = "A page." * 60_000
    cites: ApiBlock = {**text("So it is."), "citations": [CITED]}

    kept = [fit_to_keep([server_call("a"), page, cites]) for page in (server_result("a"), long)]

    assert ["citations" in content[-1] for content in kept] == [True, False]


@pytest.mark.parametrize("kind", ["Char", "Page", "ContentBlock"])
def test_a_citation_goes_back_with_what_the_api_takes_and_nothing_else(kind: str):
    told = dict.fromkeys(getattr(types, f"Citation{kind}Location").model_fields)
    cites: ApiBlock = {**text("So."), "citations": [{**told, "type": "char_location", "cited_text": "A"}]}

    messages: Any = api(user(), step(cites), user("More"))

    [citation] = messages[1]["content"][0]["citations"]
    assert citation.keys() == getattr(types, f"Citation{kind}LocationParam").__annotations__.keys()


def test_results_without_a_call_are_left_out():
    messages = api(
        user(), results(result("nobody")), step(text("Hm")), results(result("nobody")), user("Go on")
    )

    assert messages == [
        {"role": "user", "content": [text("Hi")]},
        {"role": "assistant", "content": [text("Hm")]},
        {"role": "user", "content": [text("Go on")]},
    ]


def test_answers_on_both_sides_of_a_lost_message_become_one():
    messages = api(user(), step(text("One")), results(result("nobody")), step(text("Two")), user())

    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[1]["content"] == [text("One"), text("Two")]


def test_two_results_of_one_call_count_once():
    messages = api(user(), step(call("a")), results(result("a", "first")), results(result("a", "second")))

    assert messages[2]["content"] == [result("a", "first")]


def test_calls_of_different_steps_that_share_an_id_are_told_apart():
    messages = api(
        user(),
        step(call("same", path="1")),
        results(result("same", "one")),
        step(call("same", path="2")),
        results(result("same", "two")),
    )

    first, second = messages[1]["content"], messages[3]["content"]
    assert first == [call("same", path="1")]
    assert second == [call("same_1", path="2")]
    assert messages[4]["content"] == [result("same_1", "two")]


def test_thinking_with_nothing_behind_it_is_left_out():
    messages = api(user(), step(thinking("Long thoughts")), user("And?"))

    assert messages == [{"role": "user", "content": [text("Hi"), text("And?")]}]


def test_a_block_of_a_kind_that_the_api_does_not_take_back_is_left_out():
    messages = api(user(), step({"type": "hologram", "depth": 3}, text("See?"), text(" ")), user())

    assert messages[1]["content"] == [text("See?")]


def test_what_was_shown_of_a_stopped_answer_is_an_answer():
    messages = api(user(), partial("Half an ans", "thoughts"), end(), user("Go on"))

    assert messages[1] == {"role": "assistant", "content": [text("Half an ans")]}


def test_a_history_whose_beginning_is_lost_still_begins_with_the_vendor():
    messages = api(step(text("Lost")), user())

    assert messages == [{"role": "user", "content": [text("Hi")]}]


def test_what_no_json_can_hold_is_replaced_and_what_is_too_long_is_cut():
    messages: Any = api(
        user("\ud800"),
        step(call("a"), call("b")),
        results(result("a", "x" * (RESULT_LIMIT + 1)), result("b", "")),
    )

    cut, empty = messages[2]["content"]
    assert messages[0]["content"] == [text("�")]
    assert len(cut["content"]) < RESULT_LIMIT + 100
    assert cut["content"].endswith("[cut: the result was longer]")
    assert empty["content"] == "(no output)"


def test_what_claude_was_last_told_of_the_app_is_found():
    old, new, rules = section("app_files", "old"), section("app_files", "new"), section("project_rules", "r")
    history = entries(user(), context(old), context(rules), step(text("Ok")), context(new), context("Go on."))

    assert context_of(history, "app_files") == new
    assert context_of(history, "project_rules") == rules
    assert context_of(entries(user()), "app_files") == ""


def test_the_latest_version_that_claude_knows_of_each_path_counts():
    history = entries(results(seen={"a": 1, "b": 1}), user(), results(seen={"b": 2}))

    assert seen_versions(history) == {"a": 1, "b": 2}


IDS = st.sampled_from(["a", "b", "c", "a_1", "toolu 1", ""])
WORDS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", " ", "\n", "\ud83d", "x\udc00", "Hello", "x" * 70_000])
)
PROPER_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def _redacted() -> ApiBlock:
    return {"type": "redacted_thinking", "data": sign(MODEL, REDACTED)}


def _call(call_id: str, name: str) -> ApiBlock:
    return call(call_id, name, x=1)


def _failure(call_id: str, words: str) -> ApiBlock:
    return result(call_id, words, is_error=True)


def _step(blocks: list[ApiBlock]) -> Record:
    return step(*blocks)


def _results(blocks: list[ApiBlock]) -> Record:
    return results(*blocks)


BLOCKS: st.SearchStrategy[ApiBlock] = st.one_of(
    st.builds(text, PROPER_WORDS),
    st.builds(thinking, PROPER_WORDS),
    st.builds(_redacted),
    st.builds(_call, IDS, st.sampled_from(["read_file", "a.b", ""])),
    st.just({"type": "hologram"}),
)
RESULTS = st.builds(result, IDS, WORDS) | st.builds(_failure, IDS, WORDS)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(user, WORDS),
    st.builds(context, WORDS),
    st.lists(BLOCKS, max_size=4).map(_step),
    st.lists(BLOCKS, max_size=4).map(_step),
    st.lists(RESULTS, max_size=4).map(_results),
    st.builds(partial, WORDS, WORDS),
    st.builds(end),
    st.builds(notice),
)


@settings(max_examples=300, deadline=None)
@given(records=st.lists(RECORDS, max_size=10))
def test_any_history_at_all_is_taken_with_the_next_message(records: list[Record]):
    messages = api(*records, user("Go on"))

    assert messages[-1]["role"] == "user"
    roles = [message["role"] for message in messages]
    assert all(one != other for one, other in pairwise(roles))


@settings(max_examples=100, deadline=None)
@given(records=st.lists(RECORDS, max_size=8))
def test_the_records_stay_as_they_are(records: list[Record]):
    before = json.dumps(records)

    api(*records, user("Go on"))

    assert json.dumps(records) == before


def _steps(asked: list[list[str]], said: str) -> list[Record]:
    """A whole turn: steps that ask for tools, each with its results, and an answer."""
    turn: list[Record] = [user(said), context("files")]
    for calls in asked:
        turn.append(step(thinking("Hm"), *(call(name) for name in calls)))
        turn.append(results(*(result(name) for name in calls)))
    return [*turn, step(text("Done.")), end()]


@settings(max_examples=100, deadline=None)
@given(turns=st.lists(st.lists(st.lists(IDS, min_size=1, max_size=3, unique=True), max_size=3), max_size=4))
def test_what_was_sent_of_finished_turns_never_changes_afterwards(turns: list[list[list[str]]]):
    whole = [_steps(asked, f"message {n}") for n, asked in enumerate(turns)]
    messages = api(*(record for turn in whole for record in turn), user("Last"))

    for count in range(len(whole) + 1):
        sent: list[Any] = api(
            *(record for turn in whole[:count] for record in turn), user(f"message {count}")
        )
        assert messages[: len(sent) - 1] == sent[:-1]
