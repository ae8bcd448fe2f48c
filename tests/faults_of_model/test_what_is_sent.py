"""What Claude is sent, feature by feature: each test shows the request."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from model_world import MODEL, FaultWorld, fault_world

from dev.claude import Cut, Gate, Reply, StreamError, Text, Thinking, ToolUse, UnknownBlock
from dev.claude.received import Received
from tests.end_to_end.stack import Event, assert_well_formed, texts

HAIKU, OPUS = "claude-haiku-5-5", "claude-opus-5-5"
CREATE = ToolUse("create_file", {"path": "a.txt", "content": "one\n"}, id="toolu_1")
Content = list[dict[str, Any]]


@asynccontextmanager
async def world(folder: Path, *replies: Reply, **variables: str) -> AsyncGenerator[FaultWorld]:
    """A world whose model gives these replies; requests for a title are answered beside them."""
    left = list(replies)
    async with fault_world(folder, lambda _request, _n: left.pop(0), "seed", variables) as made:
        yield made


def bodies(world: FaultWorld, model: str | None = None) -> list[dict[str, Any]]:
    """The requests that the API took, those for a model where one is named."""
    taken = [request.body for request in world.server.requests if request.status == 200]
    return [body for body in taken if model in (None, body["model"])]


def thinking_of(body: dict[str, Any]) -> list[dict[str, str]]:
    """The thinking blocks in a request's conversation."""
    contents: list[Content] = [one["content"] for one in body["messages"] if one["role"] == "assistant"]
    return [block for content in contents for block in content if block["type"] == "thinking"]


def notices(events: list[Event]) -> list[dict[str, str]]:
    return [event.data for event in events if event.type == "notice"]


async def test_a_request_has_these_parameters_and_no_others(tmp_path: Path):
    async with world(tmp_path, Reply(Text("Ok"))) as made:
        await made.turn(await made.new_app(), "Hi")
        body = bodies(made)[0]

    assert set(body) == {"model", "max_tokens", "system", "tools", "messages", "thinking", "stream"}
    assert (body["model"], body["max_tokens"], body["stream"]) == (MODEL, 32_000, True)
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}


async def test_effort_output_limit_and_thinking_are_the_deployments(tmp_path: Path):
    chosen = {"EFFORT": "max", "MAX_OUTPUT_TOKENS": "64000", "THINKING": "between_tools"}
    async with world(tmp_path, Reply(Text("Ok")), **chosen) as made:
        await made.turn(await made.new_app(), "Hi")
        body = bodies(made)[0]

    assert body["output_config"] == {"effort": "max"}
    assert body["max_tokens"] == 64_000
    assert body["thinking"] == {"type": "between_tools"}


async def test_tools_are_sorted_and_their_inputs_streamed_as_they_are_written(tmp_path: Path):
    async with world(tmp_path, Reply(Text("Ok"))) as made:
        await made.turn(await made.new_app(), "Hi")
        tools = bodies(made)[0]["tools"]

    names = [tool["name"] for tool in tools]
    assert names == sorted(names)
    own = [tool for tool in tools if "type" not in tool]  # the others are the API's
    assert all(tool["eager_input_streaming"] is True and "strict" not in tool for tool in own)


async def test_thinking_goes_back_as_it_came_to_the_byte(tmp_path: Path):
    replies = [
        Reply(Thinking("I need… a \u2028 file \U0001f600."), Text("Now."), CREATE),
        Reply(Thinking("Done, I think."), Text("There.")),
        Reply(Text("Yes.")),
    ]
    async with world(tmp_path, *replies) as made:
        app = await made.new_app()
        sid, _ = await made.turn(app, "Hi")
        await made.turn(app, "Sure?", sid)
        second, third = bodies(made)[1:]
        view = await made.sessions.read("alice", sid)

    steps = [entry["record"] for entry in view.entries if entry["record"]["kind"] == "step"]
    kept = [block for step in steps for block in step["content"] if block["type"] == "thinking"]
    assert thinking_of(second) == kept[:1]
    assert thinking_of(third) == kept
    assert [block["thinking"] for block in kept] == ["I need… a \u2028 file \U0001f600.", "Done, I think."]
    assert all(block["signature"] for block in kept)


SPOILED = UnknownBlock({"type": "thinking", "thinking": "Hm.", "signature": "c3BvaWxlZA=="}, ())


async def test_thinking_that_the_api_refuses_is_left_out_from_there_on_and_kept_in_history(tmp_path: Path):
    replies = [
        Reply(SPOILED, Text("One. "), CREATE),
        Reply(Thinking("Sound."), Text("Two. "), ToolUse("list_files")),
        Reply(Text("Three.")),
        Reply(Text("Yes.")),
    ]
    async with world(tmp_path, *replies) as made:
        app = await made.new_app()
        sid, first = await made.turn(app, "Hi")
        _, second = await made.turn(app, "Sure?", sid)
        view = await made.sessions.read("alice", sid)

    assert [events[-1].type for events in (first, second)] == ["message_complete"] * 2
    assert (texts(first), texts(second)) == ("One. Two. Three.", "Yes.")
    # Once in each turn the API refuses; what was thought since then goes back as it came.
    assert [request.status for request in made.server.requests] == [200, 400, 200, 200, 400, 200]
    sent = [[block["thinking"] for block in thinking_of(body)] for body in bodies(made)]
    assert sent == [[], [], ["Sound."], []]
    steps = [entry["record"] for entry in view.entries if entry["record"]["kind"] == "step"]
    kept = [block for step in steps for block in step["content"] if block["type"] == "thinking"]
    assert [block["thinking"] for block in kept] == ["Hm.", "Sound."]
    assert [line["what"] for line in made.attempts].count("thinking refused") == 2


async def test_results_of_tools_come_first_and_all_in_one_message(tmp_path: Path):
    calls = [
        CREATE,
        ToolUse("read_file", {"path": "no.txt"}, id="toolu_2"),
        ToolUse("list_files", id="toolu_3"),
    ]
    async with world(tmp_path, Reply(*calls), Reply(Text("Ok"))) as made:
        await made.turn(await made.new_app(), "Hi")
        last = bodies(made)[1]["messages"][-1]

    assert last["role"] == "user"
    found = [(block["type"], block["tool_use_id"], block.get("is_error")) for block in last["content"]]
    assert found == [
        ("tool_result", "toolu_1", None),
        ("tool_result", "toolu_2", True),
        ("tool_result", "toolu_3", None),
    ]


async def test_a_pause_is_answered_with_a_request_that_the_api_takes(tmp_path: Path):
    search = UnknownBlock(
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}, ()
    )
    paused = Reply(Thinking("Hm."), Text("Let me look"), search, stop_reason="pause_turn")
    async with world(tmp_path, paused, Reply(Text(" further."))) as made:
        _, events = await made.turn(await made.new_app(), "Hi")
        sent = bodies(made)[1]["messages"]

    assert events[-1].type == "message_complete"
    assert texts(events) == "Let me look further."
    assert [(one["role"], [block["type"] for block in one["content"]]) for one in sent[1:]] == [
        ("assistant", ["thinking", "text"]),
        ("user", ["text"]),
    ]


# -- another model ------------------------------------------------------------------------------------


async def test_a_model_that_stays_overloaded_is_replaced_to_the_turns_end_only(tmp_path: Path):
    replies = [
        Reply(Thinking("First."), Text("One. "), CREATE),
        *[Reply(Text("Half"), StreamError("overloaded_error"))] * 3,
        Reply(Thinking("Mine."), Text("Two. "), ToolUse("list_files")),
        Reply(Text("Three.")),
        Reply(Text("Four.")),
    ]
    async with world(tmp_path, *replies, FALLBACK_MODEL=OPUS, MODEL_PATIENCE_SECONDS="9") as made:
        app = await made.new_app()
        sid, events = await made.turn(app, "Hi")
        _, later = await made.turn(app, "And?", sid)
        asked = bodies(made)
        view = await made.sessions.read("alice", sid)

    assert_well_formed(events)
    assert texts(events) == "One. Two. Three."
    assert [body["model"] for body in asked] == [*[MODEL] * 4, OPUS, OPUS, MODEL]
    assert [thinking["thinking"] for body in asked for thinking in thinking_of(body)] == [
        *["First."] * 3,  # the session's model, asked again and again
        "Mine.",  # the other one, after its own step
        "First.",  # the session's again, in the next turn
    ]
    assert notices(events) == [
        {
            "kind": "model_fallback",
            "text": f"{MODEL} is overloaded at the moment, so {OPUS} goes on with this turn.",
        }
    ]
    resets = [n for n, event in enumerate(events) if event.type == "step_reset"]
    assert events[resets[-1] + 1].type == "notice"
    assert texts(later) == "Four."
    records = [entry["record"] for entry in view.entries]
    assert [record["model"] for record in records if record["kind"] == "step"] == [MODEL, OPUS, OPUS, MODEL]
    assert [record["kind"] for record in records].count("notice") == 1
    kept = [
        block["thinking"]
        for record in records
        if record["kind"] == "step"
        for block in record["content"]
        if block["type"] == "thinking"
    ]
    assert kept == ["First.", "Mine."]


async def test_without_another_model_an_overload_is_waited_for_and_then_told(tmp_path: Path):
    async with world(tmp_path, Reply(status=529, retry_after=3600)) as made:
        _, events = await made.turn(await made.new_app(), "Hi")

    assert_well_formed(events)
    assert events[-1].data["code"] == "model_overloaded"
    assert events[-1].data["retryAfterMs"] == 3_600_000
    assert events[-1].data["retryable"] is True


# -- titles -------------------------------------------------------------------------------------------


async def test_a_title_is_asked_for_without_tools_beside_the_first_turn(tmp_path: Path):
    async with world(tmp_path, Reply(Text("Ok"), Gate("titled")), Reply(Text("Yes."))) as made:
        made.wants_titles = True
        app = await made.new_app()
        made.server.open("titled")
        sid, events = await made.turn(app, "Please make a shop for tea and cake")
        _, later = await made.turn(app, "And?", sid)
        asked, state = bodies(made, HAIKU), await made.sessions.state("alice", sid)

    assert len(asked) == 1
    assert set(asked[0]) == {"model", "max_tokens", "system", "messages", "output_config", "stream"}
    assert asked[0]["messages"] == [{"role": "user", "content": "Please make a shop for tea and cake"}]
    assert [event.data for event in events if event.type == "session_title"] == [{"title": state.title}]
    assert state.title == "Shop for tea and cake"
    assert not [event for event in later if event.type == "session_title"]


async def test_a_title_counts_for_the_day_and_is_in_no_turns_usage(tmp_path: Path):
    async with world(tmp_path, Reply(Text("Ok")), TITLE_MODEL="none") as without:
        without.wants_titles = True
        _, plain = await without.turn(await without.new_app(), "Please make a shop")
        day = await without.tokens_today()
    (tmp_path / "more").mkdir()
    async with world(tmp_path / "more", Reply(Text("Ok"))) as made:
        made.wants_titles = True
        sid, titled = await made.turn(await made.new_app(), "Please make a shop")
        state = await made.sessions.state("alice", sid)

        assert await made.tokens_today() > day
    assert titled[-1].data["usage"] == plain[-1].data["usage"] == state.metadata["usage"]


async def test_a_call_that_was_refused_counts_nothing_and_one_that_broke_off_unheard_what_it_was_given(
    tmp_path: Path,
):
    async with world(tmp_path, Reply(status=529), Reply(Text("Ok"))) as made:
        _, events = await made.turn(await made.new_app(), "Hi")
        assert await made.tokens_today() == made.least_tokens() + events[-1].data["usage"]["outputTokens"]

    (tmp_path / "more").mkdir()
    async with world(tmp_path / "more", Reply(at={0: Cut("reset")}), Reply(Text("Ok"))) as made:
        await made.turn(await made.new_app(), "Hi")
        unheard, heard = [request.given for request in made.server.requests if request.given]
        assert await made.tokens_today() >= unheard.total + heard.cache_read_input_tokens // 10


async def test_a_turn_does_not_wait_for_a_title_that_does_not_come(tmp_path: Path):
    def answers(request: Received, _n: int) -> Reply:
        return Reply(Gate("never")) if request.body["model"] == HAIKU else Reply(Text("Ok"))

    async with fault_world(tmp_path, answers, "seed", {}, asides=False) as made:
        made.wants_titles = True
        sid, events = await made.turn(await made.new_app(), "Hi")
        state = await made.sessions.state("alice", sid)

    assert events[-1].type == "message_complete"
    assert state.title == "Title"
    assert not [event for event in events if event.type == "session_title"]


async def test_a_title_that_fails_is_nobodys_trouble(tmp_path: Path):
    wrong: list[Reply] = [
        Reply(status=404),
        Reply(status=529),
        Reply(Text("Half a ti"), StreamError()),
        Reply(Text("")),
        Reply(Text("I can't"), stop_reason="refusal"),
        Reply(Text("On and on"), stop_reason="max_tokens"),
        Reply(body=b"<html></html>"),
    ]

    def answers(request: Received, _n: int) -> Reply:
        return wrong.pop(0) if request.body["model"] == HAIKU else Reply(Text("Ok"))

    async with fault_world(tmp_path, answers, "seed", {}, asides=False) as made:
        made.wants_titles = True
        app = await made.new_app()
        while wrong:
            sid, events = await made.turn(app, "Hi")

            assert_well_formed(events)
            assert events[-1].type == "message_complete"
            assert (await made.sessions.state("alice", sid)).title == "Title"


async def test_a_title_is_one_short_line_whatever_the_model_says(tmp_path: Path):
    long = "word " * 40
    said = {'"Tea\n shop."': "Tea shop", long: long[:59].rstrip() + "…", "«Магазин чая»": "Магазин чая"}
    titles = list(said)

    def answers(request: Received, _n: int) -> Reply:
        return Reply(Text(titles.pop(0))) if request.body["model"] == HAIKU else Reply(Text("Ok"))

    async with fault_world(tmp_path, answers, "seed", {}, asides=False) as made:
        made.wants_titles = True
        app = await made.new_app()
        found = [(await made.sessions.state("alice", (await made.turn(app, "Hi"))[0])).title for _ in said]

    assert found == list(said.values())


async def test_nothing_of_what_was_said_is_in_the_log(tmp_path: Path):
    replies = [Reply(Thinking("sesame"), Text("sesame"), StreamError()), Reply(Text("open sesame"))]
    async with world(tmp_path, *replies) as made:
        made.wants_titles = True
        await made.turn(await made.new_app(), "Say sesame")

    lines = [line for line in made.attempts if line["what"] == "attempt"]
    assert sorted(str(line["model"]) for line in lines) == [HAIKU, MODEL, MODEL]
    assert all(str(line["model_request_id"]).startswith("req_") for line in lines)
    assert "sesame" not in json.dumps(made.attempts)
