"""The real functions with SnapStart: what they are told is read when a copy of their process is restored."""

import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from aicode.file_store.sqlite.store import SqliteFileStore
from dev import claude, secret_store, upstash
from dev.claude import Reply, Script, Text
from dev.secret_store import ROLE_PATH, ROLE_TOKEN, SecretStore
from tests.function_event import function_event, token
from tests.runtime.processes import PROJECT, STREAMING, Function, start_function
from tests.runtime.runtime_api import RuntimeApi
from tests.waiting import until

BASE = "/api/vendor/ai-chat-v2"
AUTHORISED = {"authorization": f"Bearer {token('alice')}", "content-type": "application/json"}
FOLDERS = ("layers/core", "layers/runtime/python", "functions")
BUFFERED = (sys.executable, "-m", "awslambdaric")


@dataclass
class Published:
    """A world in which a version of each function is published, before anybody has filled the secret."""

    api: RuntimeApi
    store: SecretStore
    secret: dict[str, str]
    environment: dict[str, str]
    running: AsyncExitStack

    async def start(self, function: str) -> Function:
        """The process of which the snapshot is taken, at the moment at which that happens."""
        handler = f"{function}.app.handler"
        command = (*BUFFERED, handler) if function == "session" else STREAMING
        process = await self.running.enter_async_context(start_function(handler, self.environment, command))
        await until(lambda: self.api.calls == ["restore/next"])
        return process

    def fill(self, **more: str) -> None:
        self.store.secret = json.dumps({**self.secret, **more})


@pytest.fixture
async def published(api: RuntimeApi, tmp_path: Path) -> AsyncGenerator[Published]:
    files = SqliteFileStore(tmp_path / "apps.sqlite3")
    await files.create_app("alice", "App", app_id="app-1")
    files.close()
    async with AsyncExitStack() as running:
        redis = await running.enter_async_context(upstash.serve(data_dir=None, token="t"))
        model = await running.enter_async_context(
            claude.serve(script=Script(lambda _request, _number: Reply(Text("Hello."))))
        )
        store = await running.enter_async_context(secret_store.serve())
        secret = {
            "ANTHROPIC_API_KEY": "a key",
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
        }
        environment = {
            **store.variables,
            "AWS_ACCESS_KEY_ID": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{store.url}{ROLE_PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": ROLE_TOKEN,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": model.url,
            "DATA_DIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(str(PROJECT / folder) for folder in FOLDERS),
        }
        yield Published(api, store, secret, environment, running)


async def test_a_turn_runs_on_what_was_told_after_the_snapshot(published: Published):
    await published.start("chat")
    assert published.store.asked == []

    published.fill()
    published.api.restored.set()
    body = json.dumps({"message": "Hi", "appId": "app-1"})
    turn = await published.api.invoke(
        function_event("POST", BASE, headers=AUTHORISED, body=body)
    ).until_over()

    assert turn.head["statusCode"] == 200
    assert b"message_complete" in turn.body
    assert published.store.credentials == ["of-the-role", "of-the-role"]


@pytest.mark.parametrize(("function", "path"), [("session", BASE), ("apps", "/api/vendor/apps")])
async def test_the_other_functions_wait_for_the_restore_too(published: Published, function: str, path: str):
    await published.start(function)
    assert published.store.asked == []

    published.fill()
    published.api.restored.set()
    query = "appId=app-1" if function == "session" else ""
    answered = await published.api.invoke(
        function_event("GET", path, query=query, headers=AUTHORISED)
    ).until_over()

    answer = answered.payload if function == "session" else answered.head
    assert answer["statusCode"] == 200
    assert len(published.store.asked) == 2


@pytest.mark.parametrize("function", ["chat", "session"])
async def test_a_copy_that_cannot_run_says_so_where_it_is_restored(published: Published, function: str):
    process = await published.start(function)

    published.api.restored.set()
    code, log = await process.until_ended()

    assert published.api.calls == ["restore/next", "restore/error"]
    assert code != 0
    assert "UPSTASH_REDIS_REST_URL is not set" in log


def test_copies_do_not_share_their_randomness(tmp_path: Path):
    program = (
        "import os, random; os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'] = 'snap-start'; "
        "from aicode.secrets import Kept; from aicode.start import begin; "
        "begin(Kept(dict, service='test')); random.seed(7); "
        "import snapshot_restore_py as hooks; "
        "[f(*a, **k) for f, a, k in hooks.get_after_restore()]; print(random.random())"
    )
    environment = {"PYTHONPATH": str(PROJECT / "layers/core")}
    command = [sys.executable, "-c", program]
    told = {
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
        for _ in range(2)
    }

    assert len(told) == 2
    assert f"{random.Random(7).random()}\n" not in told  # noqa: S311 - what the snapshot would have gone on with
