"""`python -m dev.invoke`, as `make invoke` runs it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dev import stand_ins

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / folder for folder in ("layers/core", "layers/runtime/python", "functions", ".")]
OWN = {name: value for name, value in os.environ.items() if name not in stand_ins.NAMES}

Answer = tuple[int, str, str]
Invoke = Callable[..., Awaitable[Answer]]


@pytest.fixture
def invoke(tmp_path: Path) -> Invoke:
    """Sends an event on a stack whose data is the test's: exit code, body, and what else is told."""

    async def run(event: str, **variables: str) -> Answer:
        path = os.pathsep.join(map(str, FOLDERS))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dev.invoke", str(ROOT / event)),
            cwd=tmp_path,  # where no .env.local is
            env={**OWN, "PYTHONPATH": path, "DATA_DIR": str(tmp_path / "data"), **variables},
            stdout=PIPE,
            stderr=PIPE,
        )
        body, told = await process.communicate()
        return process.returncode or 0, body.decode(), told.decode()

    return run


async def test_a_turn_is_streamed_and_its_session_is_what_the_next_event_is_about(invoke: Invoke) -> None:
    code, stream, head = await invoke("events/chat-send.json")
    assert code == 0
    assert head.startswith("200\n")
    assert "content-type: text/event-stream" in head
    assert stream.rpartition('"type":"')[2].startswith("message_complete")

    code, body, _ = await invoke("events/session-get.json")
    assert code == 0
    assert json.loads(body)["session"]["status"] == "idle"

    code, body, head = await invoke("events/apps-rename.json", APP="demo-app")
    assert json.loads(body)["app"]["name"] == "Groceries"

    code, body, _ = await invoke("events/session-get.json", SESSION="another")
    assert (code, json.loads(body)["error"]["code"]) == (1, "not_found")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("events/session-get.json", "There is no session yet: make invoke EVENT=events/chat-send.json"),
        ("events/apps-delete.json", "Which app? "),
        ("events/approval-answer.json", "Which request? "),
        ("docs/openapi.json", "is no request to a function"),
        ("events", "Which event? "),
    ],
)
async def test_what_cannot_be_sent_is_told_in_one_line(invoke: Invoke, event: str, told: str) -> None:
    code, body, line = await invoke(event)

    assert (code, body) == (1, "")
    assert told in line.splitlines()[-1]
