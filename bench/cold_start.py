"""What a cold function costs: from the request that starts its process to the first byte of the answer.

With a folder that `sam build` has made, python3.13 runs the artifacts as they are deployed; without one this
interpreter runs the sources. In both, functions are measured with their settings in variables and in a secret
and a parameter, as every deployment has them. What they ask answers from this machine, at once and without
TLS, so that their own work counts; only apps are in moto, whose answers take some milliseconds.
Ratios to `python -c pass` in the same run, of time and of CPU: milliseconds of a shared machine mean little.
"""

import asyncio
import contextlib
import importlib.metadata
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx

from dev import claude, demo_app, function_url, secret_store, stand_ins, upstash
from dev.function_url import Function, FunctionURLServer, Route
from dev.setup import lambda_python
from dev.setup.environment import UV
from dev.stand_ins import Emulator
from dev.token import make_token

RUNS = 9
UNITS = 3  # of them for each run: the unit must not hang on one that was disturbed
BASE = "/api/vendor/ai-chat-v2"
APPS = "/api/vendor/apps"
VENDOR = "local-vendor"
LIMITS = {"RATE_LIMIT_PER_MINUTE": "1000", "MAX_CONCURRENT_TURNS": "1000"}
LAYERS = ("DependenciesLayer", "CoreLayer", "RuntimeLayer")
TEXT = b'"type":"text_delta"'
ENDPOINT, TABLE, BUCKET = "AWS_ENDPOINT_URL", "apps", "files"
PLACES = ("in variables", "in a secret")
GOALS = {"chat: first event": 14, "session: a session": 16, "session: a list": 16, "apps: files": 24}


class Cost(NamedTuple):
    """Seconds that passed, and seconds of CPU."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Built(Function):
    """A function as it was built."""

    python: str
    wrapper: Path

    def command(self) -> list[str]:
        if self.streaming:
            return [str(self.wrapper), self.python, "bootstrap.py"]
        return [self.python, "-m", "awslambdaric", self.handler]


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Where the functions' code is, None for the sources; and the interpreter that runs it."""

    folder: Path | None
    runtime_client: Path
    python: str

    def function(self, name: str, variables: Mapping[str, str]) -> Function:
        """One of the functions, with these variables."""
        handler, streaming = f"{name}.app.handler", name != "session"
        if self.folder is None:
            return Function(name=name, handler=handler, streaming=streaming, environment=variables)
        opt = [self.folder / layer / "python" for layer in LAYERS]
        task = self.folder / f"{name.title()}Function"
        return Built(
            name=name,
            handler=handler,
            streaming=streaming,
            environment=variables,
            python_path=(task, *opt, self.runtime_client),
            task_root=task,
            python=self.python,
            wrapper=self.folder / "RuntimeLayer" / "stream-bootstrap",
        )


def interpreter(python: str) -> Cost:
    """What `python -c pass` costs."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([python, "-c", "pass"], check=True)  # noqa: S603 - found by name
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - began, cpu)


async def until(
    client: httpx.AsyncClient, request: httpx.Request, cpu: Callable[[], float], *marks: bytes
) -> list[Cost]:
    """The cost from sending the request to the first byte of the body, and to each of these marks in it."""
    began, body, costs = time.perf_counter(), b"", list[Cost]()
    response = await client.send(request, stream=True)
    assert response.status_code == 200, await response.aread()  # noqa: S101
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            reached = [mark for mark in (b"", *marks)[len(costs) :] if mark in body]
            costs += [Cost(time.perf_counter() - began, cpu()) for _ in reached]
            if len(costs) > len(marks):
                return costs
    finally:
        await response.aclose()
    raise AssertionError(body)


async def session_of(client: httpx.AsyncClient, body: object) -> str:
    """Sends a message and waits for the end of its turn; gives the session's id."""
    answer = await client.post(BASE, json=body)
    assert answer.status_code == 200, answer.text  # noqa: S101
    first = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    return json.loads(first.removeprefix("data: "))["data"]["sessionId"]


def _log(function: str, line: str) -> None:
    if '"ERROR"' in line:
        print(function, line, file=sys.stderr)


@asynccontextmanager
async def serving(artifacts: Artifacts, variables: Mapping[str, str]) -> AsyncGenerator[FunctionURLServer]:
    """The functions behind one URL."""
    routes = [
        Route(None, re.compile(f"{APPS}(/.*)?"), "apps"),
        Route(frozenset({"POST"}), re.compile(BASE), "chat"),
        Route(None, re.compile(".*"), "session"),
    ]
    functions = [artifacts.function(name, variables) for name in ("chat", "session", "apps")]
    async with function_url.serve(functions=functions, routes=routes, log=_log) as server:
        yield server


async def measure(artifacts: Artifacts) -> tuple[list[Cost], dict[str, dict[str, list[Cost]]]]:
    """Costs of the interpreter; and by what was measured, and by where the settings came from."""
    units, costs = list[Cost](), dict[str, dict[str, list[Cost]]]()
    async with AsyncExitStack() as running:
        files = running.enter_context(emulated_files())
        await demo_app.make_in_emulator(
            Emulator(url=files[ENDPOINT], table=TABLE, bucket=BUCKET), files, VENDOR
        )
        redis = await running.enter_async_context(upstash.serve(data_dir=None, token="token"))  # noqa: S106
        model = await running.enter_async_context(claude.serve(pace=0, any_model=True))
        secret = {
            "ANTHROPIC_API_KEY": "a key",
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
        }
        store = await running.enter_async_context(secret_store.serve(secret))
        own = {**files, "ANTHROPIC_BASE_URL": model.url, **LIMITS}
        elsewhere = {
            **{name: value for name, value in store.variables.items() if name != ENDPOINT},
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": store.url,
            "AWS_ENDPOINT_URL_SSM": store.url,
        }
        servers = {
            place: await running.enter_async_context(serving(artifacts, {**own, **told}))
            for place, told in zip(PLACES, (secret, elsewhere), strict=True)
        }
        for number in range(RUNS + 1):
            for place, server in servers.items():
                units += [interpreter(artifacts.python) for _ in range(UNITS)]
                found = await cold(server)
                if number:  # the first of each only brings files into the page cache
                    for name, cost in found.items():
                        costs.setdefault(name, {place: [] for place in PLACES})[place].append(cost)
    return units, costs


@contextlib.contextmanager
def emulated_files() -> Generator[dict[str, str]]:
    """The variables of a function whose table and bucket are in moto, which has a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "moto.server", "-p", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield {ENDPOINT: f"http://127.0.0.1:{port}", "APPS_TABLE": TABLE, "FILES_BUCKET": BUCKET}
    finally:
        process.kill()
        process.wait()


async def cold(server: FunctionURLServer) -> dict[str, Cost]:
    """The cost of one cold start each."""
    token = make_token(stand_ins.local_settings({}), VENDOR)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60, trust_env=False) as client:
        body = {"message": "Hello", "appId": "demo-app"}
        session = {"sessionId": await session_of(client, body)}
        await end_processes(server, "chat")
        message = client.build_request("POST", BASE, json=body)
        first, text = await until(client, message, lambda: cpu_seconds(server, "chat"), TEXT)
        found = {"chat: first event": first, "chat: first token": text}
        await end_processes(server, "chat")
        for name, path, query in (
            ("session: a session", BASE, session),
            ("session: a list", BASE, {"appId": "demo-app"}),
            ("apps: files", f"{APPS}/demo-app/files", {}),
        ):
            function, request = name.partition(":")[0], client.build_request("GET", path, params=query)
            [found[name]] = await until(client, request, partial(cpu_seconds, server, function))
            await end_processes(server, function)
    return found


def cpu_seconds(server: FunctionURLServer, function: str) -> float:
    """What the threads of the function's processes have used of the CPU so far, where Linux tells it."""
    tasks = [
        task for process in server.processes(function) for task in Path(f"/proc/{process.pid}/task").glob("*")
    ]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


async def end_processes(server: FunctionURLServer, function: str) -> None:
    """Ends the function's processes, so that the next request finds none."""
    for process in server.processes(function):
        os.kill(process.pid, signal.SIGKILL)
    while server.processes(function):  # noqa: ASYNC110 - the server tells nobody when one has ended
        await asyncio.sleep(0.02)


@contextlib.contextmanager
def artifacts_of(arguments: Sequence[str]) -> Generator[Artifacts]:
    """What is to be measured: the sources, or the folder that is named."""
    if not arguments:
        yield Artifacts(None, Path(), sys.executable)
        return
    python = str(lambda_python.ensure())
    with tempfile.TemporaryDirectory() as folder:
        # Lambda has its own client for functions that do not stream; the layers do not hold it.
        client = f"awslambdaric=={importlib.metadata.version('awslambdaric')}"
        subprocess.run(  # noqa: S603 - the project's own uv
            [UV, "pip", "install", "--quiet", "--python", python, "--target", folder, client], check=True
        )
        yield Artifacts(Path(arguments[0]).resolve(), Path(folder), python)


def main(arguments: Sequence[str]) -> None:
    """Prints a table of medians, in multiples of the interpreter's own start."""
    with artifacts_of(arguments) as artifacts:
        units, costs = asyncio.run(measure(artifacts))
        version = subprocess.check_output([artifacts.python, "-V"], text=True)  # noqa: S603 - found by name
    unit, what = median(units), "what sam build made" if arguments else "the sources"
    print(
        f"cold start, median of {RUNS}, {version.strip()}, {what}; python -c pass {unit.wall * 1000:.0f} ms"
    )
    print(f"  {'settings':20}{''.join(f'{place:>30}' for place in PLACES)}")
    for name, found in costs.items():
        medians = [median(found[place]) for place in PLACES]
        columns = [f"{cost.wall / unit.wall:6.1f}x, CPU {cost.cpu / unit.cpu:6.1f}x" for cost in medians]
        goal = f"   goal <= {GOALS[name]}x" if name in GOALS else ""
        print(f"  {name:20}{''.join(f'{column:>30}' for column in columns)}{goal}")


def median(costs: Sequence[Cost]) -> Cost:
    """The medians of time and of CPU."""
    return Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))


if __name__ == "__main__":
    main(sys.argv[1:])
