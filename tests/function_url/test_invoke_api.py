"""The Invoke API: functions called by name, with a raw event."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]  (boto3 has none)
import httpx
import pytest

from dev.function_url import FunctionURLServer
from tests.waiting import until

Make = Callable[..., Any]
Start = Callable[..., Awaitable[FunctionURLServer]]
EVENT = {"X-Amz-Invocation-Type": "Event"}


def path(server: FunctionURLServer, name: str = "stream") -> str:
    return f"{server.invoke_url}/2015-03-31/functions/{name}/invocations"


async def test_the_result_is_the_answer(start: Start, buffered: Any, client: httpx.AsyncClient) -> None:
    server = await start(buffered)

    answer = await client.post(path(server, "buffer"), json={"any": "event"})

    assert answer.status_code == 200
    assert answer.json()["statusCode"] == 201
    assert answer.headers["x-amz-executed-version"] == "$LATEST"
    assert "x-amz-function-error" not in answer.headers


async def test_the_result_of_a_streaming_function_is_all_that_it_sent(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.post(path(server), json={"any": "event"})
    prelude, _, body = answer.content.partition(b"\0" * 8)

    assert json.loads(prelude)["statusCode"] == 200
    assert json.loads(body) == {"raw": {"any": "event"}}


async def test_a_failed_function_is_told_by_a_header(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.post(path(server), json={"fail": True})

    assert answer.status_code == 200
    assert answer.headers["x-amz-function-error"] == "Unhandled"
    assert answer.json()["errorType"] == "ValueError"


async def test_an_event_is_accepted_at_once_and_runs_without_a_listener(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    written = tmp_path / "written"

    answer = await client.post(path(server), json={"write": str(written)}, headers=EVENT)

    assert answer.status_code == 202
    assert answer.content == b""
    await until(lambda: written.exists() and written.read_text())


async def test_events_wait_for_a_free_process(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(max_processes=1))
    files = [tmp_path / str(number) for number in range(3)]

    async with client.stream(
        "GET", server.url, params={"do": "gated", "gate": str(tmp_path / "gate")}
    ) as first:
        for file in files:
            answer = await client.post(path(server), json={"write": str(file)}, headers=EVENT)
            assert answer.status_code == 202
        throttled = await client.post(path(server), json={})
        (tmp_path / "gate").touch()
        await first.aread()
    await until(lambda: all(file.exists() for file in files))

    assert throttled.status_code == 429
    assert throttled.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert len(server.processes("stream")) == 1


async def test_a_function_invokes_itself(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    written = tmp_path / "written"

    answer = await client.get(server.url, params={"do": "invoke myself", "write": str(written)})
    await until(lambda: written.exists() and written.read_text())

    assert answer.json()["status"] == 202
    assert json.loads(written.read_text())["by"] != answer.json()["pid"]


async def test_boto3_invokes_a_function_by_its_name_and_by_its_arn(start: Start, streaming: Make) -> None:
    function = streaming()
    server = await start(function)

    def invoke(name: str, kind: str) -> dict[str, Any]:
        client = cast(
            "Any",
            boto3.client(  # pyright: ignore[reportUnknownMemberType]  (boto3 makes its clients at run time)
                "lambda",
                endpoint_url=server.invoke_url,
                region_name="eu-central-1",
                aws_access_key_id="local",
                aws_secret_access_key="local",
            ),
        )
        answer = client.invoke(FunctionName=name, InvocationType=kind, Payload=b'{"fail": true}')
        return {"status": answer["StatusCode"], "error": answer.get("FunctionError")}

    assert await asyncio.to_thread(invoke, "stream", "RequestResponse") == {
        "status": 200,
        "error": "Unhandled",
    }
    assert await asyncio.to_thread(invoke, function.arn, "Event") == {"status": 202, "error": None}


@pytest.mark.parametrize(
    ("status", "function", "content", "header"),
    [
        (404, "absent", b"{}", {}),
        (400, "stream", b"{", {}),
        (400, "stream", b"{}", {"X-Amz-Invocation-Type": "Odd"}),
        (403, "stream", b"{}", {"Origin": "http://evil.example"}),
        (403, "stream", b"{}", {"Host": "evil.example"}),
        (413, "stream", b'"' + b"x" * 1024 * 1024 + b'"', EVENT),
    ],
)
async def test_a_call_that_makes_no_sense_is_refused(  # noqa: PLR0913, PLR0917 - a row of the table each
    start: Start,
    streaming: Make,
    client: httpx.AsyncClient,
    status: int,
    function: str,
    content: bytes,
    header: dict[str, str],
) -> None:
    server = await start(streaming())

    answer = await client.post(path(server, function), content=content, headers=header)

    assert answer.status_code == status
    assert answer.headers["x-amzn-errortype"]
    assert server.processes("stream") == []
