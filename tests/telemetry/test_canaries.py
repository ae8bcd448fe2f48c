"""Secrets and people's words in the most talkative environment: no log has any, and no answer a secret.

The local stack gives functions no variables but its own, so that here their modules are imported directly.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aicode.file_store import DATABASE
from aicode.file_store.sqlite.store import SqliteFileStore
from dev import claude, exa, upstash
from dev.claude import Reply, Script, Text, ToolUse
from dev.claude.received import Received
from tests.cold_start import SOURCES
from tests.function_event import function_event, token

pytestmark = pytest.mark.asyncio(loop_scope="module")
BASE, APPS, APP = "/api/vendor/ai-chat-v2", "/api/vendor/apps", "app-1"
ORIGIN = "http://localhost:3000"
TOKEN = token("alice")
# What a vendor writes, or a model for it; a person's password may be in it.
WORDS = {kind: f"canary-{kind}-4f1c" for kind in ("message", "content", "query", "result", "code", "body")}
# What a provider says of itself, which may hold anything.
FOREIGN = {kind: f"canary-{kind}-9b2e" for kind in ("explanation", "fault", "type")}
SECRETS = {
    "ANTHROPIC_API_KEY": "canary-model-key",
    "EXA_API_KEY": "canary-search-key",
    "UPSTASH_REDIS_REST_TOKEN": "canary-redis-token",
    "AWS_SECRET_ACCESS_KEY": "canary-aws-key",
    "SENTRY_DSN": "http://canary-dsn@127.0.0.1:9/1",
    "OTEL_EXPORTER_OTLP_HEADERS": "api-key=" + "canary-collector-key",
    "ORIGIN_SECRET": "canary-of-the-edge",
    "refresh": "canary-refresh-token",
    "token": TOKEN.rpartition(".")[2],
}
TALKATIVE = {
    "ANTHROPIC_LOG": "debug",
    "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content",
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
    "HTTPX_LOG_LEVEL": "trace",
    "LOG_LEVEL": "DEBUG",
    "OTEL_LOG_LEVEL": "debug",
    "POWERTOOLS_DEBUG": "true",
    "POWERTOOLS_DEV": "true",
    "POWERTOOLS_LOGGER_LOG_EVENT": "true",
    "POWERTOOLS_LOGGER_SAMPLE_RATE": "1",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONDEVMODE": "1",
    "SENTRY_DEBUG": "1",
    "SENTRY_SPOTLIGHT": "1",
}
# What Lambda's own runtime does before it imports a handler, where a function's log level is DEBUG.
_PROGRAM = """
import asyncio, inspect, json, logging, os, re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

logging.basicConfig(level=logging.DEBUG)
loop = asyncio.new_event_loop()
context = SimpleNamespace(
    aws_request_id="invocation-1",
    function_name="f",
    function_version="1",
    invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:f",
    memory_limit_in_mb="512",
    tenant_id="",
    get_remaining_time_in_millis=lambda: 900_000,
)


async def whole(answer):
    response = await answer
    body = b"".join([chunk async for chunk in response.body])
    return {"status": response.status, "headers": dict(response.headers), "body": body.decode("latin-1")}


own = json.loads(os.environ["OWN"])
session, answers = "none", []
for name, event in json.loads(Path(os.environ["EVENTS"]).read_text()):
    os.environ |= own.get(name, {})
    try:
        event = json.loads(json.dumps(event).replace("SESSION", session))
        answer = import_module(f"{name}.app").handler(event, context)
        if inspect.iscoroutine(answer):
            answer = loop.run_until_complete(whole(answer))
        answer = json.dumps(answer)
    except Exception as error:  # as Lambda's runtime tells it to who invoked the function
        answer = type(error).__name__
    answers.append([name, answer])
    if found := re.search(r'sessionId[^:]*:[^A-Za-z0-9]*([A-Za-z0-9_-]+)', answer):
        session = found[1]
Path(os.environ["ANSWERS"]).write_text(json.dumps(answers))
"""


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that a process of the functions wrote, and what each answered."""

    log: str
    answers: list[tuple[str, str]]


def plays(received: Received, _: int) -> Reply:
    """Works with its tools first, then is refused by a server that quotes, then declines."""
    conversation = json.dumps(received.body["messages"])
    if "decline" in conversation:
        details = {"type": "refusal", "category": "cyber", "explanation": FOREIGN["explanation"]}
        return Reply(Text("No."), stop_reason="refusal", stop_details=details)
    if "refuse" in conversation:
        return Reply(status=400, error_type=FOREIGN["type"], message=FOREIGN["fault"])
    if "tool_result" in conversation:
        return Reply(Text(WORDS["result"]))
    return Reply(
        ToolUse("create_file", {"path": "a.txt", "content": WORDS["content"]}),
        ToolUse("web_search", {"query": WORDS["query"]}),
    )


def events() -> list[tuple[str, dict[str, object]]]:
    """Requests of a vendor and of strangers to each function, those that fail among them."""
    edge = {"x-origin-secret": SECRETS["ORIGIN_SECRET"], "content-type": "application/json"}
    bearer = {**edge, "authorization": f"Bearer {TOKEN}"}
    cookie = {**edge, "cookie": f"vendor_session={TOKEN}"}
    attempt = {**edge, "cookie": "sign_in=state.verifier.nonce./"}
    refresh = {**edge, "cookie": f"vendor_refresh={SECRETS['refresh']}", "origin": ORIGIN}

    def message(text: str) -> str:
        return json.dumps({"message": f"{WORDS['message']} {text}", "appId": APP})

    new = json.dumps({"path": "b.txt", "content": WORDS["content"], "baseVersion": 0})
    return [
        ("chat", function_event("POST", BASE, headers=bearer, body=message("search"))),
        ("chat", function_event("POST", BASE, headers=bearer, body=message("refuse"))),
        ("chat", function_event("POST", BASE, headers=bearer, body=message("decline"))),
        ("chat", function_event("POST", BASE, headers={**cookie, "origin": "https://evil.example"})),
        ("chat", function_event("POST", BASE, headers=bearer, body=f'{{"{WORDS["body"]}": ')),
        ("chat", function_event("GET", f"{BASE}/SESSION/stream", headers=cookie)),
        ("session", function_event("GET", BASE, query="sessionId=SESSION", headers=bearer)),
        ("session", function_event("GET", BASE, query=f"appId={APP}", headers=cookie)),
        ("apps", function_event("PUT", f"{APPS}/{APP}/file", headers=bearer, body=new)),
        ("apps", function_event("GET", f"{APPS}/{APP}/file", query="path=b.txt", headers=cookie)),
        (
            "sign_in",
            function_event(
                "GET", "/sign-in/callback", query=f"code={WORDS['code']}&state=state", headers=attempt
            ),
        ),
        ("sign_in", function_event("POST", "/sign-in/renew", headers=refresh)),
        ("sweep", {}),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spoken(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Spoken]:
    """What came of all requests, in one process."""
    folder = tmp_path_factory.mktemp("canaries")
    async with (
        upstash.serve(data_dir=folder / "redis", token=SECRETS["UPSTASH_REDIS_REST_TOKEN"]) as redis,
        exa.serve() as search,
        claude.serve(script=Script(plays)) as model,
    ):
        told = {
            **{name: value for name, value in SECRETS.items() if name.isupper()},
            "AICODE_LOCAL": "1",
            "DATA_DIR": str(folder / "data"),
            "UPSTASH_REDIS_REST_URL": redis.url,
            "EXA_BASE_URL": search.url,
            "ANTHROPIC_BASE_URL": model.url,
            "TITLE_MODEL": "none",
            "MODEL_PATIENCE_SECONDS": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
            "PUBLIC_ORIGIN": ORIGIN,
        }
        store = SqliteFileStore(folder / "data" / DATABASE)
        await store.create_app("alice", "App", app_id=APP)
        store.close()
        yield await run(folder, told)


# What these two are told besides, none of which the others may know. Nothing listens there.
OWN = {
    "sign_in": {
        "SIGN_IN_PAGE": "http://127.0.0.1:9",
        "VENDOR_JWKS_URL": "http://127.0.0.1:9/keys",
        "VENDOR_JWT_ISSUER": "http://127.0.0.1:9",
        "VENDOR_JWT_AUDIENCE": "client",
    },
    "sweep": {
        "APPS_TABLE": "apps",
        "FILES_BUCKET": "files",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    },
}


async def run(folder: Path, variables: Mapping[str, str]) -> Spoken:
    """All that came of the requests."""
    answers = folder / "answers.json"
    (folder / "events.json").write_text(json.dumps(events()), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _PROGRAM),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(SOURCES),
            "EVENTS": str(folder / "events.json"),
            "ANSWERS": str(answers),
            "OWN": json.dumps(OWN),
            **TALKATIVE,
            **variables,
        },
    )
    async with asyncio.timeout(60):
        written, _ = await process.communicate()
    assert answers.exists(), written.decode()
    found: list[Any] = json.loads(answers.read_text(encoding="utf-8"))
    return Spoken(written.decode(), [(name, answer) for name, answer in found])


async def test_the_requests_get_as_far_as_they_were_meant_to(spoken: Spoken) -> None:
    answered = [answer for _, answer in spoken.answers]

    assert [name for name, _ in spoken.answers] == [name for name, _ in events()]
    assert "message_complete" in answered[0]
    assert WORDS["result"] in answered[0]
    assert '\\"status\\":\\"completed\\"' in answered[0]
    assert "model_error" in answered[1]
    assert "model_refused" in answered[2]
    assert WORDS["message"] in answered[6]
    assert WORDS["content"] in answered[9]
    assert '"statusCode": 503' in answered[10]
    assert "library" in spoken.log  # what libraries say is told of, without their words


async def test_no_log_has_what_anybody_wrote_or_any_secret(spoken: Spoken) -> None:
    hidden = {**WORDS, **FOREIGN, **SECRETS, "whole token": TOKEN}

    assert [name for name, value in hidden.items() if value in spoken.log] == []


async def test_no_answer_has_a_secret_a_stack_or_a_providers_words(spoken: Spoken) -> None:
    answers = "\n".join(answer for _, answer in spoken.answers)

    assert [name for name, value in {**FOREIGN, **SECRETS}.items() if value in answers] == []
    assert "Traceback" not in answers
    assert ".py" not in answers
