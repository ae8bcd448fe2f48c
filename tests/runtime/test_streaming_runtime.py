"""The runtime process between a Runtime API and a handler, as Lambda would run it."""

import ast
import base64
import json
import time
from typing import Any

from tests.runtime.processes import Function
from tests.runtime.runtime_api import Invocation, RuntimeApi
from tests.runtime.wire import Wire


def facts(invocation: Invocation) -> dict[str, Any]:
    return ast.literal_eval(invocation.body.decode())


async def test_a_cold_and_a_warm_process_answer_with_head_and_body(api: RuntimeApi, function: Function):
    head = {"status": 201, "headers": {"X-Name": "Zoë"}, "cookies": ["a=1; Secure", "b=2"]}
    cold = await api.invoke({"do": "say", "words": ["one", "two"], **head}).until_over()
    warm = await api.invoke({"do": "say", "words": []}).until_over()

    assert (cold.ended, cold.body, cold.trailers) == (True, b"onetwo", {})
    assert cold.head == {
        "statusCode": 201,
        "headers": {"X-Name": "Zoë"},
        "cookies": ["a=1; Secure", "b=2"],
    }
    assert cold.response_headers["lambda-runtime-function-response-mode"] == "streaming"
    assert cold.response_headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    assert (warm.ended, warm.body, warm.head["statusCode"]) == (True, b"", 200)
    assert api.calls[:4] == ["next", "response", "next", "response"]


async def test_a_mapping_is_answered_in_one_piece_as_json(api: RuntimeApi, function: Function):
    answered = await api.invoke({"do": "return", "value": {"commit": "abc"}}).until_over()

    assert answered.payload == {"commit": "abc"}
    assert answered.response_headers["content-type"] == "application/json"
    assert "lambda-runtime-function-response-mode" not in answered.response_headers


async def test_a_chunk_arrives_before_the_handler_makes_the_next(
    api: RuntimeApi, function: Function, wire: Wire
):
    invocation = api.invoke({"do": "wait_between_chunks"})
    await invocation.until_body(b"one")
    assert await wire.hear() == "waiting"
    await wire.say("go on")
    await invocation.until_over()

    assert (invocation.ended, invocation.body) == (True, b"onetwo")


async def test_the_handler_is_not_asked_for_more_than_the_api_takes(
    api: RuntimeApi, function: Function, wire: Wire
):
    chunks, size = 1000, 65536
    api.reading.clear()
    invocation = api.invoke({"do": "pour", "chunks": chunks, "size": size})
    assert await wire.hear() == "pouring"
    counts = [-1, 0]
    while counts[-1] != counts[-2] or counts[-1] == 0:
        await wire.say("ping")
        counts.append(int(await wire.hear()))
    api.reading.set()
    await invocation.until_over()

    assert counts[-1] < chunks
    assert (invocation.ended, len(invocation.body)) == (True, chunks * size)


async def test_chunks_are_any_bytes_of_any_size_and_empty_ones_do_not_end_the_body(
    api: RuntimeApi, function: Function
):
    size = 10_000_000
    invocation = await api.invoke({"do": "all_kinds_of_bytes", "size": size}).until_over()

    assert invocation.ended
    assert invocation.body == b"array,01234567," + b"x" * size


async def test_an_error_before_the_response_is_reported_and_the_next_invocation_is_fine(
    api: RuntimeApi, function: Function
):
    failed = await api.invoke({"do": "fail_before"}).until_over()
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()

    assert failed.error == {
        "errorType": "SecretError",
        "errorMessage": "The function failed.",
        "requestId": failed.request_id,
    }
    assert failed.response_headers == {}
    assert (after.ended, after.body) == (True, b"fine")


async def test_an_error_in_the_body_ends_the_response_with_trailers_and_the_next_is_fine(
    api: RuntimeApi, function: Function
):
    failed = await api.invoke({"do": "fail_during"}).until_over()
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()

    assert (failed.ended, failed.body, failed.error) == (True, b"some", None)
    assert failed.trailers["lambda-runtime-function-error-type"] == "ExceptionGroup"
    error = base64.b64decode(failed.trailers["lambda-runtime-function-error-body"])
    assert json.loads(error) == {
        "errorType": "ExceptionGroup",
        "errorMessage": "The function failed.",
        "requestId": failed.request_id,
    }
    assert set(failed.response_headers["trailer"].lower().split(", ")) == set(failed.trailers)
    assert (after.ended, after.body) == (True, b"fine")


async def test_the_log_tells_type_and_place_of_an_error_and_never_its_message(
    api: RuntimeApi, function: Function
):
    failed = await api.invoke({"do": "fail_during"}).until_over()
    await api.invoke({"do": "fail_before"}).until_over()
    function.terminate()
    _, log = await function.until_ended()

    during, before = (json.loads(line) for line in log.splitlines())
    assert (during["errorType"], before["errorType"]) == ("ExceptionGroup", "SecretError")
    assert (during["level"], during["requestId"]) == ("ERROR", failed.request_id)
    trace = "\n".join(during["stackTrace"])
    assert "SecretError" in trace
    assert "KeyError" in trace
    assert "in fail_before" in trace
    assert "sk-secret" not in log


async def test_a_task_that_the_handler_cancelled_is_the_handlers_error(api: RuntimeApi, function: Function):
    failed = await api.invoke({"do": "be_cancelled_by_itself"}).until_over()
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()

    assert failed.error
    assert failed.error["errorType"] == "CancelledError"
    assert after.body == b"fine"


async def test_the_body_is_closed_when_the_api_hangs_up_and_the_next_invocation_is_fine(
    api: RuntimeApi, function: Function, wire: Wire
):
    api.refuses_the_next_response = True
    api.invoke({"do": "wait_between_chunks"})
    assert await wire.hear() == "waiting"
    await wire.say("go on")
    assert await wire.hear() == "closed"
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()

    assert (after.ended, after.body) == (True, b"fine")


async def test_the_body_is_closed_when_the_head_is_not_sendable(
    api: RuntimeApi, function: Function, wire: Wire
):
    invocation = await api.invoke({"do": "answer_with_a_bad_head"}).until_over()

    assert await wire.hear() == "closed"
    assert invocation.error
    assert invocation.error["errorType"] == "TypeError"


async def test_an_iterator_apart_from_its_body_is_closed_too(api: RuntimeApi, function: Function, wire: Wire):
    invocation = await api.invoke({"do": "iterate_apart"}).until_over()

    assert await wire.hear() == "closed"
    assert (invocation.body, bool(invocation.trailers)) == (b"one", True)


async def test_invocations_share_a_loop_and_a_module_but_no_context_variables(
    api: RuntimeApi, function: Function, wire: Wire
):
    first = facts(await api.invoke({"do": "tell"}).until_over())
    second = facts(await api.invoke({"do": "tell"}).until_over())
    for _ in range(2):
        invocation = api.invoke({"do": "wait_between_chunks"})
        await wire.hear()
        await wire.say("go on")
        assert await wire.hear() == "closed"
        await invocation.until_over()

    assert first["loop"] == second["loop"]
    assert first["loop_of"] == "uvloop"
    assert [first["invocations"], second["invocations"]] == [1, 2]
    assert [first["context_variable"], second["context_variable"]] == [1, 1]
    assert wire.connections == 1


async def test_a_handler_knows_its_invocation(api: RuntimeApi, function: Function):
    client = {"client": {"app_title": "Pad"}, "custom": {"a": 1}, "env": {"locale": "de"}}
    identity = {"cognitoIdentityId": "id-1", "cognitoIdentityPoolId": "pool-1"}
    headers = {
        "Lambda-Runtime-Aws-Tenant-Id": "tenant-1",
        "Lambda-Runtime-Client-Context": json.dumps(client),
        "Lambda-Runtime-Cognito-Identity": json.dumps(identity),
        "Lambda-Runtime-Invocation-Id": "invocation-1",
    }
    invocation = await api.invoke({"do": "tell"}, headers).until_over()
    told = facts(invocation)
    bare = facts(await api.invoke({"do": "tell"}).until_over())

    assert told["request_id"] == invocation.request_id
    assert told["arn"] == "arn:aws:lambda:eu-central-1:1:function:chat"
    assert told["function"] == ["chat", "$LATEST", "512"]
    assert told["log"] == ["/aws/lambda/chat", "stream-1"]
    assert told["tenant"] == "tenant-1"
    assert told["client"] == ["Pad", {"a": 1}, {"locale": "de"}]
    assert told["identity"] == ["id-1", "pool-1"]
    assert invocation.response_headers["lambda-runtime-invocation-id"] == "invocation-1"
    assert (bare["tenant"], bare["client"], bare["identity"]) == (None, None, [None, None])


async def test_the_remaining_time_comes_from_the_deadline_and_is_never_below_zero(
    api: RuntimeApi, function: Function
):
    soon, past = int(time.time() * 1000) + 60_000, int(time.time() * 1000) - 60_000
    header = "Lambda-Runtime-Deadline-Ms"
    in_time = facts(await api.invoke({"do": "tell"}, {header: str(soon)}).until_over())
    late = facts(await api.invoke({"do": "tell"}, {header: str(past)}).until_over())

    assert 0 < in_time["remaining"] <= 60_000
    assert late["remaining"] == 0


async def test_each_invocation_has_its_own_trace_or_none(api: RuntimeApi, function: Function):
    header = "Lambda-Runtime-Trace-Id"
    traced = facts(await api.invoke({"do": "tell"}, {header: "Root=1-2;Sampled=1"}).until_over())
    untraced = facts(await api.invoke({"do": "tell"}).until_over())

    assert traced["trace"] == "Root=1-2;Sampled=1"
    assert untraced["trace"] is None


async def test_an_event_of_six_megabytes_arrives_whole(api: RuntimeApi, function: Function):
    invocation = api.invoke({"do": "tell", "filler": "x" * 6_000_000})

    assert facts(await invocation.until_over())["event_size"] == 6_000_000


async def test_nothing_is_left_over_from_invocations_whether_they_fail_or_not(
    api: RuntimeApi, function: Function
):
    first = facts(await api.invoke({"do": "tell"}).until_over())
    for _ in range(20):
        await api.invoke({"do": "say", "words": ["one"]}).until_over()
        await api.invoke({"do": "fail_before"}).until_over()
        await api.invoke({"do": "fail_during"}).until_over()
    last = facts(await api.invoke({"do": "tell"}).until_over())

    assert (last["tasks"], last["open_files"]) == (first["tasks"], first["open_files"])
