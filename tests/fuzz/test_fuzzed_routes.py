"""Every route of docs/openapi.json, asked for what the document allows and for what it does not."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import httpx
import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from dev.claude import Reply, Text
from tests.end_to_end.stack import Stack, replies, serve, session_of
from tests.waiting import PATIENCE

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "160"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
_LIMITS: dict[str, Any] = {
    "RATE_LIMIT_PER_MINUTE": "100000",
    "READ_LIMIT_PER_MINUTE": "100000",
    "WRITE_LIMIT_PER_MINUTE": "100000",
    "MAX_APPS": "100000",
    "DAILY_TOKEN_BUDGET": "0",
}
Case = Any  # schemathesis' own types are generic over what they do not name
Ask = Callable[[Case], int]


async def test_no_request_costs_a_500_and_every_answer_is_as_documented(tmp_path: Path):
    async with serve(tmp_path, replies(Reply(Text("Fine."))), **_LIMITS) as stack:
        ids = {"appId": stack.app, "sessionId": session_of(await stack.turn("Hi"))}
        await stack.save("a.txt", "1")
        answers = await asyncio.to_thread(_fuzz, ids, _asking(stack))

    print(f"\nSeed {SEED}: {answers.total()} requests, by status: {dict(sorted(answers.items()))}")  # noqa: T201 - make fuzz shows it
    assert answers.total() >= EXAMPLES
    assert {200, 201, 400, 404} <= answers.keys()
    assert [status for status in answers if status >= 500] == []


def _asking(stack: Stack) -> Ask:
    """Sends a case to the product and gives the status; what the document does not name raises."""
    loop = asyncio.get_running_loop()
    url = str(stack.client.base_url).rstrip("/")

    def ask(case: Case) -> int:
        made: Any = requests.Request(**case.as_transport_kwargs(base_url=url)).prepare()
        sent = httpx.Request(
            made.method or "GET",
            made.url or url,
            headers={**made.headers, "authorization": stack.client.headers["authorization"]},
            content=made.body,
        )
        return asyncio.run_coroutine_threadsafe(stack.client.send(sent), loop).result(PATIENCE).status_code

    return ask


def _fuzz(ids: dict[str, str], ask: Ask) -> Counter[int]:
    """The statuses of all answers, counted."""
    # The vendor is signed in.
    schema: Any = schemathesis.openapi.from_dict({**DOCUMENT, "security": []})
    operations = [found.ok() for found in schema.get_all_operations()]
    # What the others ask for is deleted in the end: a file, a session, the app.
    operations.sort(key=lambda operation: (operation.method == "delete", -len(operation.path)))
    varied = [operation for operation in operations if [*operation.iter_parameters(), *operation.body]]
    each = -(-EXAMPLES // (len(varied) * len(MODES)))
    answers = Counter[int]()
    for operation in operations:
        for mode in MODES if operation in varied else MODES[:1]:
            _fuzz_one(operation, mode, ids, lambda case: answers.update([ask(case)]), each)
    return answers


def _fuzz_one(
    operation: Any,
    mode: GenerationMode,
    ids: dict[str, str],
    ask: Callable[[Case], None],
    examples: int,
) -> None:
    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy(mode), known=st.sampled_from((True, True, False)))
    def run(case: Case, *, known: bool) -> None:
        places: list[Any] = [case.path_parameters, case.query, case.body] if known else []
        for place in places:
            if isinstance(place, dict):
                cast("dict[str, Any]", place).update((name, ids[name]) for name in ids if name in place)
        ask(case)

    run()
