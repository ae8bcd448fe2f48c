"""The door to Claude against a server that answers, refuses, stalls and breaks like the API."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from anthropic._error_classes import ERROR_CLASSES
from listening import Ear, stopped, text_block, transcript

from aicode.settings import Settings
from chat.agent.model.answer_options import with_options
from chat.agent.model.claude import Claude
from chat.agent.model.interface import Answer, ModelFailure, Request
from chat.agent.prompt.conversation import to_api
from chat.agent.prompt.request import model_request
from chat.agent.tools.files import file_tools
from chat.agent.tools.web_search import web_search_tool
from chat.agent.tools.workspace import Workspace
from dev import claude
from dev.claude import Cut, Event, Gate, Raw, Reply, Script, Stall, StreamError, Text, Thinking, ToolUse
from dev.claude.server import ClaudeServer
from dev.http import Exchange, HTTPServer

MODEL = "claude-sonnet-5-5"
REQUEST: Request = {
    "model": MODEL,
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hi"}],
}


def settings(**variables: str) -> Settings:
    known = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
    return Settings.from_env({"AICODE_LOCAL": "1", **known, **variables})


@asynccontextmanager
async def door(*replies: Reply, idle: float = 20.0) -> AsyncGenerator[tuple[Claude, ClaudeServer]]:
    async with claude.serve(script=Script(list(replies))) as server:
        client = Claude(settings(ANTHROPIC_BASE_URL=server.url, MODEL_IDLE_TIMEOUT_SECONDS=str(idle)))
        try:
            yield client, server
        finally:
            await client.close()


async def answer(*replies: Reply, idle: float = 20.0) -> tuple[Answer, Ear]:
    ear = Ear()
    async with door(*replies, idle=idle) as (client, _):
        return await client.ask(REQUEST, ear), ear


async def failures_of(*replies: Reply, idle: float = 20.0) -> list[ModelFailure]:
    failures: list[ModelFailure] = []
    async with door(*replies, idle=idle) as (client, _):
        for _ in replies:
            with pytest.raises(ModelFailure) as caught:
                await client.ask(REQUEST, Ear())
            failures.append(caught.value)
    return failures


async def fail(reply: Reply) -> ModelFailure:
    return (await failures_of(reply))[0]


async def test_an_answer_comes_through_as_it_was_streamed():
    message, ear = await answer(
        Reply(Thinking("Hm."), Text("Hello."), ToolUse("list_files", {}, id="toolu_1"))
    )

    assert [kind for kind, _ in ear.heard][-3:] == ["start", "input", "ready"]
    assert ("text", "Hello.") in ear.heard
    assert (message.stop_reason, message.model) == ("tool_use", MODEL)
    assert message.usage["outputTokens"] > 0


async def test_the_api_takes_every_parameter_of_the_products_request():
    workspace = Workspace(None, "alice", "app", {})  # type: ignore[arg-type]
    tools = [*file_tools(workspace), web_search_tool("http://127.0.0.1:9", "key", None)]  # type: ignore[arg-type]
    definitions = [tool.definition() for tool in tools]
    history = to_api([{"turn": 1, "n": 1, "record": {"kind": "user", "id": "m", "text": "Hi", "at": 1}}])
    sent = with_options(model_request(MODEL, definitions, history), settings(EFFORT="high"))
    async with door(Reply(Text("Ok"))) as (client, server):
        await client.ask(sent, Ear())

    assert [request.status for request in server.requests] == [200]
    assert server.requests[0].body["stream"] is True


async def test_every_answer_uses_the_connection_of_the_one_before():
    async with door(*[Reply(Text("Ok"))] * 3) as (client, server):
        for _ in range(3):
            await client.ask(REQUEST, Ear())

    assert len({request.exchange.peer for request in server.requests}) == 1


async def test_what_happens_behind_a_complete_answer_does_not_matter():
    whole = Raw(transcript([*text_block(0, "Ok"), *stopped()]))
    async with door(Reply(whole, Stall()), Reply(whole, Stall(0.02)), Reply(whole, Cut("reset"))) as (
        client,
        _,
    ):
        for _ in range(3):
            message = await client.ask(REQUEST, Ear())

            assert message.content == [{"type": "text", "text": "Ok"}]


async def test_an_answer_that_falls_silent_has_failed():
    failures = await failures_of(
        Reply(at={0: Stall()}),
        Reply(Text("Half an ans"), Stall()),
        Reply(Text("Half an ans"), Stall(ping_every=0.05)),
        Reply(at={1: Stall(ping_every=0.05)}),
        idle=0.4,
    )

    found = [(failure.kind, failure.reason, failure.retryable) for failure in failures]
    assert found == [("failed", "stalled", True)] * 4


async def test_an_answer_that_goes_on_slowly_is_no_dead_one():
    words = [part for n in range(5) for part in (Text(f"{n} ", cuts=1), claude.Pause(0.3))]

    message, _ = await answer(Reply(*words), idle=1.0)

    assert len(message.content) == 5


async def test_a_connection_that_breaks_anywhere_is_worth_another_try():
    cuts: list[Cut] = [Cut("end"), Cut("reset"), Cut("half_chunk")]
    replies = [Reply(Text("Half an ans", cuts=3), at={place: cut}) for place in (0, 1, 3, 4) for cut in cuts]

    failures = await failures_of(*replies)

    assert {(failure.kind, failure.retryable) for failure in failures} == {("failed", True)}


async def test_an_answer_without_its_end_is_none():
    assert (await fail(Reply(Text("Half"), Cut("end")))).reason == "truncated"


async def test_a_page_instead_of_an_answer_is_none():
    failure = await fail(Reply(body=b"<html><body>Sign in to the wireless network</body></html>"))

    assert (failure.kind, failure.retryable) == ("failed", True)


async def test_a_refusal_is_judged_by_its_status():
    meant = {
        400: ("refused_request", False),
        401: ("refused_request", False),
        402: ("refused_request", False),
        403: ("refused_request", False),
        404: ("refused_request", False),
        408: ("failed", True),
        409: ("failed", True),
        413: ("too_long", False),
        422: ("refused_request", False),
        429: ("overloaded", True),
        500: ("failed", True),
        502: ("failed", True),
        503: ("failed", True),
        504: ("failed", True),
        529: ("overloaded", True),
    }

    failures = await failures_of(*(Reply(status=status, message="secret words") for status in meant))

    found = [(failure.kind, failure.retryable) for failure in failures]
    assert dict(zip(meant, found, strict=True)) == meant
    assert [failure.reason[:3] for failure in failures] == [str(status) for status in meant]
    assert not any("secret" in failure.reason for failure in failures)
    assert all((failure.request_id or "").startswith("req_") for failure in failures)


async def test_an_error_status_with_a_page_for_a_body_is_judged_by_its_status():
    failure = await fail(Reply(status=502, body=b"<html>502 Bad Gateway</html>"))

    assert (failure.kind, failure.retryable) == ("failed", True)


async def test_a_conversation_that_is_too_long_is_told_from_a_bad_request():
    failure = await fail(Reply(status=400, message="prompt is too long: 1200000 tokens > 1000000 maximum"))

    assert (failure.kind, failure.retryable) == ("too_long", False)


async def test_refused_thinking_is_told_from_another_bad_request():
    refused = [
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "messages.3.content.0: Invalid `data` in `redacted_thinking` block",
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message "
        "cannot be modified. These blocks must remain as they were in the original response.",
    ]
    other = [
        "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
        "tools.0: Invalid schema",
    ]

    failures = await failures_of(*(Reply(status=400, message=message) for message in (*refused, *other)))

    assert [failure.kind for failure in failures] == ["refused_thinking"] * 3 + ["refused_request"] * 2
    assert not any(failure.retryable for failure in failures)


async def test_a_refusal_for_no_reason_that_is_known_may_be_for_a_tool():
    unknown = [Reply(status=status, message="No such thing.") for status in (400, 403, 422)]
    known = [
        *(Reply(status=status, message="No such thing.") for status in (401, 402, 404, 413, 429, 500)),
        Reply(status=400, message="No such thing.", headers={"x-should-retry": "true"}),
        Reply(status=400, message="prompt is too long: 1200000 tokens > 1000000 maximum"),
        Reply(status=400, message="messages.1.content.0: Invalid `signature` in `thinking` block"),
        Reply(status=400, message="Could not process image"),
        rate_limited(SPEND_LIMITS[0], status=400),
    ]

    failures = await failures_of(*unknown, *known)

    assert [failure.may_be_tool for failure in failures] == [True] * len(unknown) + [False] * len(known)
    assert [failure.kind for failure in failures[:3]] == ["refused_request"] * 3


async def test_a_refusal_that_names_a_place_in_the_conversation_is_for_no_tool():
    refused = [
        "messages.3.content.1: The web_fetch result could not be decoded",
        "messages.1: `web_fetch` tool use with id `a` was found without a corresponding result",
    ]

    failures = await failures_of(*(Reply(status=400, message=message) for message in refused))

    assert [(failure.kind, failure.may_be_tool) for failure in failures] == [
        ("refused_block", False),
        ("refused_block", False),
    ]
    assert failures[0].refused is not None
    assert failures[0].refused.places == ((3, 1),)


SPEND_LIMITS = ("contract_spend_limit_reached", "enforced_spend_limit_reached")


def rate_limited(code: str, retry_after: float | None = None, status: int = 429) -> Reply:
    """A refusal for a limit, which says for which."""
    error = {"type": "rate_limit_error", "message": "x", "details": {"error_code": code}}
    body = json.dumps({"type": "error", "error": error}).encode()
    kind = {"content-type": "application/json"}
    return Reply(status=status, body=body, headers=kind, retry_after=retry_after)


async def test_waiting_does_not_help_against_a_spend_limit():
    failures = await failures_of(*(rate_limited(code) for code in SPEND_LIMITS))

    assert [(failure.kind, failure.retryable) for failure in failures] == [("refused_request", False)] * 2


async def test_waiting_helps_against_a_limit_of_growth():
    failure = await fail(rate_limited("ramp_limit_exceeded", retry_after=3))

    assert (failure.kind, failure.retryable, failure.retry_after) == ("overloaded", True, 3.0)


def test_every_kind_of_429_that_the_sdk_knows_is_decided():
    known = {code for status, code in ERROR_CLASSES if status == 429 and code is not None}

    assert known == {*SPEND_LIMITS, "ramp_limit_exceeded"}


async def test_the_time_to_wait_is_passed_on_within_a_day():
    understood = {"7": 7.0, "0.5": 0.5, "-3": 0.0, "999999999": 86_400.0, "soon": None, "nan": 0.0}

    failures = await failures_of(Reply(status=529), *(Reply(status=529, retry_after=s) for s in understood))

    assert [failure.retry_after for failure in failures] == [None, *understood.values()]


async def test_the_time_to_wait_may_come_as_a_date_or_in_milliseconds():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    past = "Wed, 21 Oct 2015 07:28:00 GMT"

    failures = await failures_of(
        Reply(status=529, retry_after=soon),
        Reply(status=529, retry_after=past),
        Reply(status=529, headers={"retry-after-ms": "250"}, retry_after=7),
    )

    dated, gone, exact = [failure.retry_after for failure in failures]
    assert dated is not None
    assert 30 < dated <= 100
    assert (gone, exact) == (0.0, 0.25)


async def test_the_api_says_itself_whether_another_try_makes_sense():
    told = [("false", 529), ("true", 400)]

    failures = await failures_of(
        *(Reply(status=status, headers={"x-should-retry": word}) for word, status in told)
    )

    assert [failure.retryable for failure in failures] == [False, True]


async def test_a_request_can_be_found_by_its_id_however_it_ended():
    replies = [Reply(Text("Ok")), Reply(Text("Half"), Cut("end")), Reply(Text("Half"), StreamError())]
    async with door(*replies) as (client, _):
        ids = [(await client.ask(REQUEST, Ear())).request_id]
        for _ in replies[1:]:
            with pytest.raises(ModelFailure) as caught:
                await client.ask(REQUEST, Ear())
            ids.append(caught.value.request_id)

    assert all((request_id or "").startswith("req_") for request_id in ids)
    assert len(set(ids)) == 3


def cached(ttl: str) -> Request:
    """A request whose prompt is kept in the cache so long."""
    mark = {"type": "ephemeral", "ttl": ttl}
    return {**REQUEST, "system": [{"type": "text", "text": "word " * 4_000, "cache_control": mark}]}


@pytest.mark.parametrize(("ttl", "price"), [("5m", 2.5), ("1h", 4.0)])
async def test_an_answer_has_the_price_of_its_tokens_by_how_long_the_cache_keeps_them(ttl: str, price: float):
    async with door(Reply(Text("Ok")), Reply(Text("Ok"))) as (client, _):
        wrote = (await client.ask(cached(ttl), Ear())).usage
        read = (await client.ask(cached(ttl), Ear())).usage

    assert wrote["cacheWriteTokens"] > 4_000
    rest = 2.0 * wrote["inputTokens"] + 10.0 * wrote["outputTokens"]
    assert wrote["costUsd"] == pytest.approx((price * wrote["cacheWriteTokens"] + rest) / 1e6)
    assert read["cacheReadTokens"] == wrote["cacheWriteTokens"]
    assert read["costUsd"] == pytest.approx((0.2 * read["cacheReadTokens"] + rest) / 1e6)


async def test_an_answer_that_broke_off_has_its_price_too():
    ear = Ear()
    async with door(Reply(Text("Half an answer"), Cut("end"))) as (client, _):
        with pytest.raises(ModelFailure):
            await client.ask(cached("1h"), ear)

    [spent] = ear.lost
    assert spent["costUsd"] > 4.0 * spent["cacheWriteTokens"] / 1e6 > 0


async def test_a_connection_is_opened_beforehand_and_the_first_answer_comes_over_it():
    async with door(Reply(Text("Ok")), Reply(Text("Ok"))) as (client, server):
        await client.warm_up()
        assert server.open_connections == 1

        await client.ask(REQUEST, Ear())
        await client.warm_up()
        await client.ask(REQUEST, Ear())

        assert server.open_connections == 1
        assert len(server.requests) == 2


async def test_a_server_that_cannot_be_reached_beforehand_is_no_failure_yet():
    async with door() as (_, server):
        gone = server.url
    client = Claude(settings(ANTHROPIC_BASE_URL=gone))

    await client.warm_up()
    await client.close()


async def test_a_connection_that_could_not_be_opened_beforehand_is_opened_the_next_time():
    async with door() as (_, server):
        gone = server.url
    client = Claude(settings(ANTHROPIC_BASE_URL=gone))
    await client.warm_up()

    async with claude.serve(script=Script([]), port=int(gone.rpartition(":")[2])) as back:
        await client.warm_up()

        assert back.open_connections == 1
        await client.close()


async def test_an_error_in_mid_stream_is_a_failure():
    kinds = {"overloaded_error": "overloaded", "api_error": "failed"}

    failures = await failures_of(*(Reply(Text("Half an ans"), StreamError(kind)) for kind in kinds))

    assert {failure.reason: failure.kind for failure in failures} == kinds
    assert all(failure.retryable for failure in failures)


async def test_unknown_events_are_passed_over():
    message, _ = await answer(Reply(Event("ping"), Text("Ok"), Event("news", {"x": 1})))

    assert message.content == [{"type": "text", "text": "Ok"}]


async def test_a_server_that_is_not_there_is_worth_another_try():
    async with door() as (_, server):
        gone = server.url
    client = Claude(settings(ANTHROPIC_BASE_URL=gone))

    with pytest.raises(ModelFailure) as caught:
        await client.ask(REQUEST, Ear())

    await client.close()
    assert (caught.value.kind, caught.value.retryable) == ("failed", True)


async def test_a_proxy_that_the_environment_names_is_used(monkeypatch: pytest.MonkeyPatch):
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        variables = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
        client = Claude(Settings.from_env({**variables, "ANTHROPIC_BASE_URL": "http://claude.test"}))
        with pytest.raises(ModelFailure):
            await client.ask(REQUEST, Ear())
        await client.close()

    assert asked == [b"POST http://claude.test/v1/messages HTTP/1.1\r\n"]


async def test_the_server_is_asked_once_an_attempt():
    async with door(Reply(status=529), Reply(Text("Ok"))) as (client, server):
        with pytest.raises(ModelFailure):
            await client.ask(REQUEST, Ear())

        assert len(server.requests) == 1


async def test_stopping_hangs_up():
    async with door(Reply(Text("One"), Gate("never"), Text("two"))) as (client, server):
        task = asyncio.create_task(client.ask(REQUEST, Ear()))
        await server.reached("never")

        task.cancel()
        await asyncio.wait({task})

        assert task.cancelled()
        async with asyncio.timeout(30):
            await server.requests[0].disconnected()


@pytest.mark.parametrize(
    ("model", "thinking"),
    [("claude-sonnet-5-5", "between_tools"), ("claude-opus-5-5", "adaptive"), ("new-model", "between_tools")],
)
def test_a_model_is_asked_only_for_the_thinking_that_it_takes(model: str, thinking: str):
    chosen = settings(THINKING="between_tools", MAX_OUTPUT_TOKENS="200000")

    sent = with_options({"model": model, "messages": []}, chosen)

    assert thinking in json.dumps(sent["thinking"])
    assert sent["max_tokens"] == 128_000


# -- the Files API --------------------------------------------------------------------------------------


async def test_a_file_is_uploaded_for_a_time_and_named_by_its_id():
    async with door() as (client, server):
        file_id = await client.upload(b"\x89PNG\r\n", "image/png", 90_000)

        assert server.files is not None
        [stored] = server.files.uploaded
        assert (stored.id, stored.data, stored.media_type) == (file_id, b"\x89PNG\r\n", "image/png")
        assert stored.expires_at == pytest.approx(stored.created_at + 90_000, abs=1)


async def test_an_endpoint_without_the_files_api_is_asked_once_by_a_process():
    async with door() as (client, server):
        server.files = None

        found = await asyncio.gather(*(client.upload(b"1", "image/png", 90_000) for _ in range(5)))

        assert found == [None] * 5
        assert server.uploads == 1


async def test_after_a_file_that_was_not_taken_none_is_sent_any_more():
    async with door() as (client, server):
        assert await client.upload(b"1", "image/png", 90_000)

        assert await client.upload(b"", "image/png", 90_000) is None
        assert await client.upload(b"1", "image/png", 90_000) is None

        assert server.uploads == 2


@pytest.mark.parametrize(
    "body",
    [
        *(b"<html>", b"[]", b"{}", b"null", b"{", b'"file_1"', b""),
        *(b'{"type": "file", "id": 1}', b'{"type": "file", "id": "../x"}', b'{"id": "file_1"}'),
        b'{"type": "message", "id": "msg_1", "role": "assistant", "content": []}',
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
async def test_an_answer_that_is_none_of_the_files_api_is_no_id(body: bytes, kind: str):
    async def answered(exchange: Exchange) -> None:
        await exchange.read_body(1_000_000)
        exchange.send(200, [("content-type", kind)], body)

    server = HTTPServer(answered)
    async with server.listening(0):
        client = Claude(settings(ANTHROPIC_BASE_URL=server.url))
        assert await client.upload(b"1", "image/png", 90_000) is None
        await client.close()


FILE = b'{"type": "file", "id": "file_1"}'


@asynccontextmanager
async def files_door(
    answer: Callable[[Exchange, int], Awaitable[None]], upload_seconds: float = 30.0
) -> AsyncGenerator[tuple[Claude, list[bytes]]]:
    """A client, and the bodies of its uploads to a server that answers each as it is told, by its number."""
    uploads: list[bytes] = []

    async def answered(exchange: Exchange) -> None:
        await exchange.read_body(1_000_000)
        uploads.append(exchange.request.body)
        await answer(exchange, len(uploads))

    server = HTTPServer(answered)
    async with server.listening(0):
        client = Claude(settings(ANTHROPIC_BASE_URL=server.url), upload_seconds=upload_seconds)
        try:
            yield client, uploads
        finally:
            await client.close()


def send(exchange: Exchange, status: int, body: bytes = FILE) -> None:
    exchange.send(status, [("content-type", "application/json")], body)


async def hang(exchange: Exchange, _number: int) -> None:
    await exchange.hang()


async def drip(exchange: Exchange, _number: int) -> None:
    """Sends the answer byte by byte, and never its end."""
    exchange.watch()
    exchange.start(200, [("content-type", "application/json")])
    while not exchange.disconnected.is_set():
        exchange.write(b" ")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("answer", [hang, drip])
async def test_an_upload_without_an_end_is_given_up_and_none_is_sent_any_more(
    answer: Callable[[Exchange, int], Awaitable[None]],
):
    async with files_door(answer, upload_seconds=0.2) as (client, uploads):
        found = await asyncio.gather(*(client.upload(b"1", "image/png", 90_000) for _ in range(3)))

        assert found == [None] * 3
        assert len(uploads) == 1


async def is_stopped(client: Claude, arrived: asyncio.Event, after: float = 0) -> bool:
    """Stops an upload so many seconds after it has arrived; False if it was over before."""
    arrived.clear()
    upload = asyncio.create_task(client.upload(b"1", "image/png", 90_000))
    arrival = asyncio.create_task(arrived.wait())
    await asyncio.wait({upload, arrival}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({upload}, timeout=after)
    arrival.cancel()
    upload.cancel()
    await asyncio.wait({upload, arrival})
    return upload.cancelled()


async def test_turns_that_are_stopped_wait_for_the_first_file_no_longer_than_one_that_is_not():
    arrived = asyncio.Event()

    async def tell_and_hang(exchange: Exchange, _number: int) -> None:
        arrived.set()
        await exchange.hang()

    async with files_door(tell_and_hang, upload_seconds=1.0) as (client, uploads):
        stopped = [await is_stopped(client, arrived, after=0.3) for _ in range(5)]
        before = len(uploads)

        assert stopped[-1] is False
        assert await client.upload(b"1", "image/png", 90_000) is None
        assert len(uploads) == before


async def test_a_turn_that_is_stopped_in_the_first_upload_says_nothing_of_the_api():
    arrived = asyncio.Event()

    async def hang_once(exchange: Exchange, number: int) -> None:
        arrived.set()
        if number == 1:
            await exchange.hang()
        send(exchange, 200)

    async with files_door(hang_once) as (client, _):
        assert await is_stopped(client, arrived)

        assert await client.upload(b"1", "image/png", 90_000) == "file_1"


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
async def test_a_failure_of_the_files_api_that_passes_is_that_of_one_upload(status: int, known: bool):
    fails_at = 2 if known else 1

    async def once(exchange: Exchange, number: int) -> None:
        send(exchange, status if number == fails_at else 200)

    async with files_door(once) as (client, uploads):
        found = [await client.upload(b"1", "image/png", 90_000) for _ in range(3)]

        assert [file_id is None for file_id in found] == [number == fails_at for number in (1, 2, 3)]
        assert len(uploads) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
async def test_an_endpoint_that_refuses_a_file_for_good_is_sent_no_other(status: int):
    async def refuse(exchange: Exchange, _number: int) -> None:
        send(exchange, status)

    async with files_door(refuse) as (client, uploads):
        found = [await client.upload(b"1", "image/png", 90_000) for _ in range(2)]

        assert (found, len(uploads)) == ([None, None], 1)


async def test_a_file_for_an_endpoint_that_is_not_there_is_no_error():
    client = Claude(settings())

    assert await client.upload(b"1", "image/png", 90_000) is None

    await client.close()
