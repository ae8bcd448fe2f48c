"""What a client of the Function URL sees of a buffered function under AWS's own runtime client."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from dev.function_url import FunctionURLServer

Start = Callable[..., Awaitable[FunctionURLServer]]


async def test_status_headers_cookies_and_body_arrive(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    server = await start(buffered)

    first = await client.get(server.url)
    second = await client.get(server.url)

    assert first.status_code == 201
    assert first.headers["content-type"] == "text/plain"
    assert first.headers["content-length"] == str(len(first.content))
    assert first.headers["x-answer"] == "yes"
    assert first.headers.get_list("set-cookie") == ["a=1", "b=2; Path=/"]
    assert first.text == f"pid {server.processes('buffer')[0].pid}"
    assert second.text == first.text


async def test_a_base64_body_arrives_as_bytes(start: Start, buffered: Any, client: httpx.AsyncClient) -> None:
    server = await start(buffered)

    answer = await client.get(server.url, params={"do": "binary"})

    assert answer.content == bytes(range(256))


async def test_a_result_without_a_status_is_the_answer(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    server = await start(buffered)

    answer = await client.get(server.url, params={"do": "bare"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == ["bare"]


@pytest.mark.parametrize("fault", ["malformed", "raise", "huge"])
async def test_a_result_that_cannot_be_sent_is_a_neutral_bad_gateway(
    start: Start, buffered: Any, client: httpx.AsyncClient, fault: str
) -> None:
    server = await start(buffered)

    answer = await client.get(server.url, params={"do": fault})

    assert answer.status_code == 502
    assert "secret" not in answer.text
    assert (await client.get(server.url)).status_code == 201
