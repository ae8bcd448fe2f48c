import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from dev.function_url import Function, FunctionURLServer, Route, serve

HANDLERS = Path(__file__).parent / "handlers"
ROOT = Path(__file__).parents[2]


class Start(Protocol):
    async def __call__(self, function: Function, **options: Any) -> FunctionURLServer: ...


class MakeFunction(Protocol):
    def __call__(self, folder: Path = HANDLERS, **options: Any) -> Function: ...


@pytest.fixture
def streaming() -> MakeFunction:
    """Makes the streaming function of these tests, on the real runtime."""

    def make(folder: Path = HANDLERS, **options: Any) -> Function:
        runtime = ROOT / "layers" / "runtime" / "python"
        settings: dict[str, Any] = {
            "name": "stream",
            "handler": "streaming_function.handler",
            "streaming": True,
            "python_path": (runtime, folder),
            "task_root": folder,
            "timeout_seconds": 60.0,
            "finishing_seconds": 30.0,
        }
        return Function(**settings | options)

    return make


@pytest.fixture
def buffered() -> Function:
    """The buffered function of these tests, on AWS's own runtime client."""
    return Function(
        name="buffer",
        handler="buffered_function.handler",
        python_path=(HANDLERS,),
        task_root=HANDLERS,
        finishing_seconds=30.0,
    )


@pytest.fixture
def log() -> list[str]:
    """What the functions wrote, line by line."""
    return []


@pytest.fixture
async def start(log: list[str]) -> AsyncIterator[Start]:
    """Starts a server that sends every path to one function; the end of the test stops it."""
    async with AsyncExitStack() as stack:

        async def start_one(function: Function, **options: Any) -> FunctionURLServer:
            routes = options.pop("routes", [Route(None, re.compile("/.*"), function.name)])
            return await stack.enter_async_context(
                serve(
                    functions=[function],
                    routes=routes,
                    log=lambda name, line: log.append(f"{name}: {line}"),
                    **options,
                )
            )

        yield start_one


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield client
