"""A Runtime API, a line of talk with the handlers, and real runtime processes between them."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from tests.runtime.processes import Function, StartFunction, start_function
from tests.runtime.runtime_api import RuntimeApi, serve_runtime_api
from tests.runtime.wire import Wire, serve_wire


@pytest.fixture
async def api() -> AsyncGenerator[RuntimeApi]:
    async with serve_runtime_api() as api:
        yield api


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with serve_wire() as wire:
        yield wire


@pytest.fixture
async def start(api: RuntimeApi, wire: Wire) -> AsyncGenerator[StartFunction]:
    async with AsyncExitStack() as running:

        async def start_one(handler: str = "streaming.handler", **env: str) -> Function:
            environment = {"AWS_LAMBDA_RUNTIME_API": api.address, "WIRE": str(wire.port), **env}
            return await running.enter_async_context(start_function(handler, environment))

        yield start_one


@pytest.fixture
async def function(start: StartFunction) -> Function:
    return await start()
