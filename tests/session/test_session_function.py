"""The session function as a process under AWS's own runtime client: what it writes and how it starts."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from session_world import BASE, ORIGIN, World

from aicode.redis.keys import SessionKeys
from dev import function_url, secret_store
from dev.function_url import Function, Route
from tests.cold_start import cold_start, told_by
from tests.function_event import function_event, token

SECRET_WORDS = "the vendor's secret words"


@dataclass(frozen=True, slots=True)
class Running:
    """A running function: a client for it, and what it wrote."""

    client: httpx.AsyncClient
    log: list[str]

    def metrics(self) -> list[dict[str, object]]:
        lines = [line[line.index("{") :] for line in self.log if '"_aws"' in line]
        return [json.loads(line) for line in lines]


@asynccontextmanager
async def running(environment: dict[str, str]) -> AsyncGenerator[Running]:
    log: list[str] = []
    function = Function(name="session", handler="session.app.handler", environment=environment)
    routes = [Route(None, re.compile(".*"), "session")]
    async with (
        function_url.serve(
            functions=[function], routes=routes, port=0, log=lambda _, line: log.append(line)
        ) as server,
        httpx.AsyncClient(base_url=server.url, timeout=30) as client,
    ):
        yield Running(client, log)


@pytest.fixture
async def function(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    environment = {
        "AICODE_LOCAL": "1",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "UPSTASH_REDIS_REST_URL": world.redis.url,
        "UPSTASH_REDIS_REST_TOKEN": "t",
        "ALLOWED_ORIGINS": ORIGIN,
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
    }
    async with running(environment) as started:
        yield started


async def test_one_process_answers_request_after_request(world: World, function: Running) -> None:
    sid = await world.turn(SECRET_WORDS)
    headers = {"authorization": f"Bearer {token('alice')}", "origin": ORIGIN}

    read = await function.client.get(BASE, params={"sessionId": sid}, headers=headers)
    listed = await function.client.get(BASE, params={"appId": "app-1"}, headers=headers)
    absent = await function.client.get(BASE, params={"appId": "none"}, headers=headers)
    deleted = await function.client.delete(BASE, params={"sessionId": sid}, headers=headers)

    assert read.json()["session"]["messages"][0]["content"][0]["text"] == SECRET_WORDS
    assert read.headers["access-control-allow-origin"] == ORIGIN
    assert [session["sessionId"] for session in listed.json()["sessions"]] == [sid]
    assert absent.status_code == 404
    assert deleted.json() == {"success": True}
    counted = [(line["Route"], line["Status"]) for line in function.metrics() if "RequestDuration" in line]
    assert counted == [
        ("read_or_list", "200"),
        ("read_or_list", "200"),
        ("read_or_list", "404"),
        ("delete", "200"),
    ]
    written = "\n".join(function.log)
    assert SECRET_WORDS not in written
    assert headers["authorization"][7:] not in written


async def test_an_unforeseen_failure_is_logged_without_what_a_vendor_wrote(
    world: World, function: Running
) -> None:
    sid = await world.turn()
    await world.client.command("HSET", SessionKeys(sid).meta, "created", SECRET_WORDS)

    answer = await function.client.get(
        BASE, params={"sessionId": sid}, headers={"authorization": f"Bearer {token('alice')}"}
    )

    assert answer.status_code == 500
    error = answer.json()["error"]
    assert error == {
        "code": "internal",
        "message": "Something went wrong here.",
        "requestId": error["requestId"],
    }
    written = "\n".join(function.log)
    assert error["requestId"] in written
    assert "ValueError" in written
    assert SECRET_WORDS not in written


async def test_a_function_without_its_settings_refuses_to_start_and_says_which() -> None:
    async with running({}) as started:
        answer = await started.client.get(BASE)

    assert answer.status_code >= 500
    assert any("UPSTASH_REDIS_REST_URL is not set" in line for line in started.log)


HEAVY = (
    *("anthropic", "pydantic", "boto3", "botocore", "aws_xray_sdk", "sqlite3", "chat"),
    *("upstash_redis", "httpx", "aicode.file_store.sqlite.store", "aicode.file_store.dynamodb.store"),
    *("aws_lambda_powertools", "opentelemetry", "sentry_sdk"),
)


async def test_a_cold_function_reads_a_session_without_what_that_does_not_need(world: World) -> None:
    sid = await world.turn()
    headers = {"authorization": f"Bearer {token('alice')}"}
    event = function_event("GET", BASE, query=f"sessionId={sid}", headers=headers)
    values = {"UPSTASH_REDIS_REST_URL": world.redis.url, "UPSTASH_REDIS_REST_TOKEN": "t"}

    async with secret_store.serve() as store:
        found = await cold_start("session", event, {"AICODE_LOCAL": "1", **told_by(store, values)})

    assert found.status == 200
    assert found.loaded(*HEAVY) == []
