"""The editor while the session store, which also counts its requests, is away."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from editor_client import Client

from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from apps.dependencies import REDIS_PATIENCE
from tests.observing import Operators
from tests.silent_server import a_silent_server


@pytest.fixture
async def silent() -> AsyncGenerator[str]:
    """The address of a store that takes requests and never answers."""
    async with a_silent_server() as address:
        yield address


@pytest.mark.parametrize("redis", ["closed", "silent"])
async def test_files_are_read_and_saved_and_operators_are_told(
    alice: Client, app: str, operators: Operators, silent: str, redis: str
) -> None:
    client = RedisClient(silent if redis == "silent" else "http://127.0.0.1:1", "token")
    limits = RequestLimits.of(alice.dependencies.settings, client, patience=REDIS_PATIENCE)
    editor = replace(alice, dependencies=replace(alice.dependencies, admit=limits.admit))

    body = {"path": "a", "content": "x", "baseVersion": 0}
    assert (await editor.send("PUT", f"/{app}/file", body)).status == 200
    assert (await editor.send("GET", f"/{app}/files")).status == 200

    lines = [(what, facts["error"], facts["kind"]) for what, facts in operators.logged]
    assert lines == [("request not counted", "StoreUnavailable", kind) for kind in ("writes", "reads")]
    assert sum(operators.metrics()["StoreUnavailable"]) == 2
