"""What a client of the Function URL sees of a streaming function, and what becomes of its processes."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.function_url import FunctionURLServer, Route, serve
from dev.http import Limits
from tests.waiting import until

Make = Callable[..., Any]
Start = Callable[..., Awaitable[FunctionURLServer]]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_piece_arrives_before_the_next_is_made(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    gate = tmp_path / "gate"

    async with client.stream("GET", server.url, params={"do": "gated", "gate": str(gate)}) as answer:
        pieces = answer.aiter_raw()
        first = await anext(pieces)
        gate.touch()
        rest = [piece async for piece in pieces]

    assert answer.headers["content-type"] == "text/plain"
    assert first == b"first"
    assert rest == [b"second"]


async def test_a_warm_process_serves_the_next_request(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answers = [(await client.get(server.url)).json() for _ in range(5)]

    assert [answer["calls"] for answer in answers] == [1, 2, 3, 4, 5]
    assert len({answer["pid"] for answer in answers}) == 1


async def test_requests_at_the_same_time_get_a_process_each(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    gate = tmp_path / "gate"

    queries = [{"do": "wait", "gate": str(gate), "started": str(tmp_path / name)} for name in "ab"]
    waiting = [asyncio.create_task(client.get(server.url, params=query)) for query in queries]
    await until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    gate.touch()
    answers = [(await task).json() for task in waiting]

    assert {answer["pid"] for answer in answers} == {process.pid for process in server.processes("stream")}


async def test_beyond_the_limit_of_processes_a_request_is_refused_as_lambda_refuses_it(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(max_processes=1))
    gate = tmp_path / "gate"

    async with client.stream("GET", server.url, params={"do": "gated", "gate": str(gate)}) as first:
        second = await client.get(server.url)
        gate.touch()
        await first.aread()
    third = await client.get(server.url)

    assert second.status_code == 429
    assert second.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert second.headers["x-amzn-requestid"]
    assert "retry-after" not in second.headers
    assert second.json() == {
        "Reason": "ConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }
    assert third.status_code == 200


async def test_at_the_limit_of_processes_a_request_waits_its_turn(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(max_processes=1, queue_seconds=30.0))
    gate = tmp_path / "gate"

    async with client.stream("GET", server.url, params={"do": "gated", "gate": str(gate)}) as first:
        others = [asyncio.create_task(client.get(server.url)) for _ in range(8)]
        gate.touch()
        await first.aread()
    answers = await asyncio.gather(*others)

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(server.processes("stream")) == 1


async def test_a_function_goes_on_when_the_client_leaves(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    query = {"do": "gated", "gate": str(tmp_path / "gate"), "done": str(tmp_path / "done")}

    async with client.stream("GET", server.url, params=query) as answer:
        await anext(answer.aiter_raw())
    (tmp_path / "gate").touch()

    await until((tmp_path / "done").exists)
    await until(lambda: not any(process.busy for process in server.processes("stream")))
    assert (await client.get(server.url)).json()["calls"] == 2


async def test_a_function_goes_on_when_the_client_never_reads(
    start: Start, streaming: Make, tmp_path: Path
) -> None:
    server = await start(streaming(), limits=Limits(buffered_bytes=65536, write_seconds=0.2))
    host, port = server.url.removeprefix("http://").split(":")
    done = tmp_path / "done"

    reader, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(f"GET /?do=flood&count=500&done={done} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await until(done.exists)
    writer.transport.abort()

    assert reader is not None


async def test_an_invocation_ends_whose_client_takes_nothing(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(environment={"LAMBDA_STREAM_WRITE_SECONDS": "0.3"}, max_processes=1))
    host, port = server.url.removeprefix("http://").split(":")
    done = tmp_path / "done"

    _, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(f"GET /?do=flood&count=5000&done={done} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await until(lambda: any(process.busy for process in server.processes("stream")))
    await until(lambda: not any(process.busy for process in server.processes("stream")))

    assert not done.exists()
    assert (await client.get(server.url)).json()["calls"] == 2
    writer.transport.abort()


async def test_a_reader_on_a_slow_line_gets_every_byte(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(), limits=Limits(write_seconds=2.0))
    query = {"do": "flood", "count": "64", "done": str(tmp_path / "done")}

    async with client.stream("GET", server.url, params=query) as answer:
        size = 0
        async for piece in answer.aiter_raw(chunk_size=32768):
            size += len(piece)
            if size < 40 * 32768:
                await asyncio.sleep(0.15)  # so slowly that what is kept for it lasts for longer than 2 s

    assert size == 64 * 65536


async def test_a_process_killed_before_its_answer_is_a_bad_gateway(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    query = {"do": "wait", "gate": str(tmp_path / "gate"), "started": str(tmp_path / "started")}

    waiting = asyncio.create_task(client.get(server.url, params=query))
    await until((tmp_path / "started").exists)
    (busy,) = server.processes("stream")
    os.kill(busy.pid, signal.SIGKILL)
    answer = await waiting

    assert answer.status_code == 502
    assert answer.text == "Internal Server Error"
    assert (await client.get(server.url)).status_code == 200


async def test_a_process_that_ends_itself_is_a_bad_gateway(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, params={"do": "exit"})

    assert answer.status_code == 502
    assert (await client.get(server.url)).json()["calls"] == 1


async def test_a_process_killed_in_its_stream_cuts_the_answer_off(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming())
    query = {"do": "gated", "gate": str(tmp_path / "gate")}

    async with client.stream("GET", server.url, params=query) as answer:
        pieces = answer.aiter_raw()
        first = await anext(pieces)
        (process,) = server.processes("stream")
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)

    assert first == b"first"
    assert (await client.get(server.url)).status_code == 200


async def test_a_process_that_died_while_idle_costs_nobody_a_request(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())
    before = (await client.get(server.url)).json()

    os.kill(before["pid"], signal.SIGKILL)
    await until(lambda: not server.processes("stream"))
    after = await client.get(server.url)

    assert after.status_code == 200
    assert after.json()["pid"] != before["pid"]


async def test_a_function_that_takes_too_long_before_its_answer_is_killed(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path, log: list[str]
) -> None:
    server = await start(streaming(timeout_seconds=0.5))
    query = {"do": "wait", "gate": str(tmp_path / "gate"), "started": str(tmp_path / "started")}

    answer = await client.get(server.url, params=query)

    assert answer.status_code == 502
    assert answer.text == "Internal Server Error"
    assert "stream: Task timed out after 0.50 seconds" in log


async def test_a_function_that_takes_too_long_in_its_stream_is_killed(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(timeout_seconds=4.0))
    query = {"do": "gated", "gate": str(tmp_path / "gate")}

    async with client.stream("GET", server.url, params=query) as answer:
        pieces = answer.aiter_raw()
        first = await anext(pieces)
        (process,) = server.processes("stream")
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)

    assert first == b"first"
    await until(lambda: not is_running(process.pid))


async def test_an_error_in_the_stream_cuts_the_answer_off_and_leaves_the_process_warm(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    async with client.stream("GET", server.url, params={"do": "fail"}) as answer:
        pieces = answer.aiter_raw()
        first = await anext(pieces)
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)

    assert first == b"first"
    assert (await client.get(server.url)).json()["calls"] == 2


@pytest.mark.parametrize("fault", ["raise", "split header"])
async def test_an_error_before_the_stream_is_a_neutral_bad_gateway(
    start: Start, streaming: Make, client: httpx.AsyncClient, fault: str
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, params={"do": fault})

    assert answer.status_code == 502
    assert answer.text == "Internal Server Error"
    assert answer.headers["x-amzn-requestid"]
    assert "x-evil" not in answer.headers
    assert (await client.get(server.url)).status_code == 200


async def test_a_function_that_does_not_load_is_a_bad_gateway(
    start: Start, streaming: Make, client: httpx.AsyncClient, log: list[str]
) -> None:
    server = await start(streaming(handler="absent_module.handler"))

    answers = [await client.get(server.url) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [502, 502]
    assert any("absent_module" in line for line in log)


async def test_a_bootstrap_that_cannot_be_started_is_a_bad_gateway(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    server = await start(streaming(task_root=tmp_path / "absent"))

    assert (await client.get(server.url)).status_code == 502
    assert server.processes("stream") == []


async def test_status_headers_and_cookies_arrive_without_what_belongs_to_the_connection(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, params={"do": "cookies"})

    assert answer.status_code == 201
    assert answer.content == b"ok"
    assert answer.headers["x-answer"] == "yes"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.headers["connection"] == "keep-alive"
    assert "content-length" not in answer.headers
    assert len(answer.headers["x-amzn-requestid"]) == 36


async def test_no_content_has_no_body(start: Start, streaming: Make, client: httpx.AsyncClient) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, params={"do": "no content"})

    assert answer.status_code == 204
    assert "transfer-encoding" not in answer.headers


async def test_changed_source_means_fresh_processes_while_old_ones_finish(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = tmp_path / "source"
    shutil.copytree(Path(__file__).parent / "handlers", folder)
    server = await start(streaming(folder), sources=[folder])
    query = {"do": "gated", "gate": str(tmp_path / "gate")}

    async with client.stream("GET", server.url, params=query) as old:
        source = (folder / "streaming_function.py").read_text()
        (folder / "streaming_function.py").write_text(source.replace("_calls = 0", "_calls = 100"))
        new = (await client.get(server.url)).json()
        (tmp_path / "gate").touch()
        old_content = await old.aread()

    assert old_content == b"firstsecond"
    assert new["calls"] == 101
    await until(lambda: [process.pid for process in server.processes("stream")] == [new["pid"]])


async def test_an_idle_process_ends(start: Start, streaming: Make, client: httpx.AsyncClient) -> None:
    server = await start(streaming(idle_seconds=0.1))

    pid = (await client.get(server.url)).json()["pid"]

    await until(lambda: server.processes("stream") == [])
    assert not is_running(pid)


async def test_a_process_gets_lambdas_environment_and_nothing_else_of_the_shell(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming(environment={"OWN": "value"}, memory_mb=256))

    environment = (await client.get(server.url, params={"do": "environment"})).json()

    assert environment["OWN"] == "value"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "stream"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AICODE_LOCAL"] == "1"
    assert environment["AWS_ENDPOINT_URL_LAMBDA"] == server.invoke_url
    assert "PYTEST_CURRENT_TEST" in os.environ
    assert "PYTEST_CURRENT_TEST" not in environment


async def test_the_deadline_is_the_functions_time_limit(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming(timeout_seconds=40.0))

    remaining = (await client.get(server.url)).json()["remaining"]

    assert 0 < remaining <= 40_000


async def test_what_a_process_leaves_behind_ends_with_it_and_its_last_words_are_logged(
    start: Start, streaming: Make, client: httpx.AsyncClient, tmp_path: Path, log: list[str]
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, params={"do": "print", "child": str(tmp_path / "child")})
    child = int((tmp_path / "child").read_text())

    assert answer.status_code == 502
    await until(lambda: not is_running(child) and "stream: half" in log)
    assert "stream: a line" in log


async def test_a_server_can_stop_while_a_process_is_starting(
    streaming: Make, client: httpx.AsyncClient
) -> None:
    routes = [Route(None, re.compile("/.*"), "stream")]
    async with serve(functions=[streaming()], routes=routes) as server:
        waiting = asyncio.create_task(client.get(server.url))
        await until(lambda: server.processes("stream"))
        (process,) = server.processes("stream")

    assert not is_running(process.pid)
    assert (await waiting).status_code in {200, 502}


async def test_a_server_that_has_stopped_leaves_no_task_and_no_descriptor(
    streaming: Make, tmp_path: Path
) -> None:
    routes = [Route(None, re.compile("/.*"), "stream")]
    before = open_descriptors()
    query = {"do": "gated", "gate": str(tmp_path / "gate")}

    async with serve(functions=[streaming()], routes=routes) as server:
        for choice in ["", "fail", "raise", "exit", "no content"] * 2:
            async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
                with contextlib.suppress(httpx.RemoteProtocolError):
                    await client.get(server.url, params={"do": choice})
        async with (
            httpx.AsyncClient(trust_env=False, timeout=30) as client,
            client.stream("GET", server.url, params=query) as answer,
        ):
            await anext(answer.aiter_raw())

    await until(lambda: len(asyncio.all_tasks()) == 1)
    await until(lambda: open_descriptors() <= before)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
async def test_no_process_outlives_the_server(ending: signal.Signals) -> None:
    if ending == signal.SIGKILL and shutil.which("setpriv") is None:
        pytest.skip("only Linux with setpriv can end the processes of a server that was killed")
    script = Path(__file__).parent / "handlers" / "serve_and_wait.py"
    server = await asyncio.create_subprocess_exec(sys.executable, script, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    pids = [int(pid) for pid in (await server.stdout.readline()).split()]

    server.send_signal(ending)
    await server.wait()

    assert len(pids) == 2
    await until(lambda: not any(is_running(pid) for pid in pids))
