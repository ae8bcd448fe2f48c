"""Turns by the hundred against a model whose requests fail by chance; `make faults` runs 3,000 of them."""

import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from faults import broken
from jobs import Job, dice, entry_id_of, make_job
from model_world import FaultWorld, fault_world

from dev.claude import Reply, StreamError, Text
from dev.claude.received import Received
from tests.end_to_end.stack import assert_well_formed, texts

TURNS = int(os.environ.get("FAULT_TURNS", "40"))
TURNS_A_SESSION = 5
FAILING = 0.3
SEED = "2026"
Run = Callable[[Coroutine[Any, Any, None]], None]
SPENT = b'{"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"%s"}}}'

# What cannot be retried, and how a turn that meets it must end: code, retryable.
HOPELESS: dict[str, tuple[Callable[[], Reply], str, bool]] = {
    "400": (lambda: Reply(status=400), "model_error", False),
    "401": (lambda: Reply(status=401), "model_error", False),
    "402": (lambda: Reply(status=402), "model_error", False),
    "403": (lambda: Reply(status=403), "model_error", False),
    "404": (lambda: Reply(status=404), "model_error", False),
    "413": (lambda: Reply(status=413), "model_error", False),
    "422": (lambda: Reply(status=422), "model_error", False),
    "prompt too long": (
        lambda: Reply(status=400, message="prompt is too long: 2 tokens > 1 maximum"),
        "model_error",
        False,
    ),
    "spend limit": (
        lambda: Reply(
            status=429,
            body=SPENT % b"enforced_spend_limit_reached",
            headers={"content-type": "application/json"},
        ),
        "model_error",
        False,
    ),
    "error event": (lambda: Reply(Text("Half"), StreamError("invalid_request_error")), "model_error", False),
    "refusal": (lambda: Reply(Text("I can't"), stop_reason="refusal"), "model_refused", False),
    "window full": (
        lambda: Reply(Text("Half"), stop_reason="model_context_window_exceeded"),
        "model_error",
        False,
    ),
    "wait an hour": (lambda: Reply(status=529, retry_after=3600), "model_overloaded", True),
    "overloaded for ever": (lambda: Reply(status=529), "model_overloaded", True),
    "down for ever": (lambda: Reply(status=500), "model_error", True),
}


class Plan:
    """What the model does: the jobs' replies, some of them failing as `strike` says."""

    def __init__(self, strike: Callable[[int, int, Reply], Reply]) -> None:
        self.jobs: dict[int, Job] = {}
        self._strike = strike

    def __call__(self, request: Received, _n: int) -> Reply:
        number, step = entry_id_of(request)
        return self._strike(number, step, self.jobs[number].replies[step])

    def job(self, number: int) -> Job:
        self.jobs[number] = make_job(number, dice(f"{SEED}/{number}"))
        return self.jobs[number]


async def assert_done(world: FaultWorld, job: Job, app: str, sid: str | None = None) -> str:
    """Runs the job's turn, which must end as it should: text, files, history."""
    before = await world.files(app)
    sid, events = await world.turn(app, job.message, sid)
    assert_well_formed(events)
    assert events[-1].type == "message_complete", (job.number, events[-1].data)
    assert texts(events) == job.text, job.number
    assert await world.stored_text(sid) == job.text, job.number
    assert await world.files(app) == before | job.files, job.number
    changed = [change["path"] for change in events[-1].data["fileChanges"]]
    assert sorted(changed) == sorted(job.files), job.number
    return sid


def test_no_turn_is_lost_where_three_requests_in_ten_fail(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    chance, failed = dice(SEED), Counter[bool]()

    def strike(_job: int, _step: int, reply: Reply) -> Reply:
        fails = chance.random() < FAILING
        failed[fails] += 1
        return broken(reply, chance) if fails else reply

    async def turns() -> None:
        plan = Plan(strike)
        async with fault_world(tmp_path, plan, SEED) as world:
            for session in range(-(-TURNS // TURNS_A_SESSION)):
                app, sid = await world.new_app(), None
                for number in range(TURNS_A_SESSION):
                    job = plan.job(session * TURNS_A_SESSION + number)
                    sid = await assert_done(world, job, app, sid)
            assert await world.tokens_today() >= world.least_tokens()
            outcomes = Counter(str(line["outcome"]) for line in world.attempts if line["what"] == "attempt")
        ended_well = outcomes["end_turn"] + outcomes["tool_use"]
        assert outcomes.total() == failed.total()
        assert FAILING / 2 < failed[True] / failed.total() < FAILING * 2
        # Now and then a sound answer is lost with the connection that a failed one before it broke.
        assert failed[False] * 0.995 <= ended_well <= failed[False], outcomes

    began = time.monotonic()
    run(turns())
    with capsys.disabled():
        share = failed[True] / failed.total()
        print(  # noqa: T201 - what was shown
            f"\n{TURNS} turns, {failed.total()} requests, {share:.1%} of them failing: all turns complete "
            f"({time.monotonic() - began:.0f} s)"
        )


def test_what_cannot_be_retried_ends_in_its_error_and_the_next_message_works(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    count = max(len(HOPELESS), TURNS // 10)
    kinds = list(HOPELESS)
    struck: dict[int, tuple[int, str]] = {}
    ends: Counter[str] = Counter()

    def strike(job: int, step: int, reply: Reply) -> Reply:
        at, kind = struck.get(job, (-1, ""))
        return HOPELESS[kind][0]() if step == at else reply

    async def turns() -> None:
        plan, chance = Plan(strike), dice(SEED)
        async with fault_world(tmp_path, plan, SEED) as world:
            for number in range(count):
                kind = kinds[number % len(kinds)]
                app, job = await world.new_app(), plan.job(2 * number)
                step = chance.randrange(len(job.replies))
                struck[job.number] = (step, kind)
                sid, events = await world.turn(app, job.message)
                assert_well_formed(events)
                end, files = events[-1], await world.files(app)
                assert (end.type, end.data.get("code"), end.data.get("retryable")) == (
                    "error",
                    *HOPELESS[kind][1:],
                ), kind
                done = {f"job-{job.number}/{n}-" for n in range(1, step + 1)}
                assert files == {p: c for p, c in job.files.items() if p[: p.index("-", 4) + 1] in done}, kind
                assert await world.stored_text(sid) == texts(events), kind
                ends[end.data["code"]] += 1
                await assert_done(world, plan.job(2 * number + 1), app, sid)

    run(turns())
    with capsys.disabled():
        print(f"\n{count} turns with hopeless faults ended in {dict(ends)}; each next one was complete")  # noqa: T201
