"""A function process that is killed or stopped within a commit of files, on both stores, seen over HTTP."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from crash_world import (
    CREATE_A,
    CREATE_B,
    EDIT_A,
    FaultWorld,
    Watched,
    a_fault_world,
    assert_history,
    assert_nothing_refused,
    ownerless,
)
from held_aws import HeldAws, Hold, serve

from aicode.file_store import DATABASE
from dev.claude import Gate, Reply, Text
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import APPS, BASE, Event, Json, session_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The commit that is struck changes a file that is there and makes another: half of it would show.
BEFORE = {"a.txt": "one\n"}
AFTER = {"a.txt": "two\n", "b.txt": "b\n"}
KILLS = [
    (call, carried_out, then)
    for call, carried_out in (
        ("TransactWriteItems", True),
        ("TransactWriteItems", False),
        ("BatchWriteItem", False),
    )
    for then in ("continue", "message")
]

SLOW_SECOND_COMMIT = """
    CREATE TRIGGER slow_second_commit AFTER INSERT ON results WHEN NEW.app_id = '{app}' AND NEW.revision = 2
    BEGIN
        SELECT (
            WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT 4000000)
            SELECT max(n) FROM counted
        );
    END
"""


class AwsWorld(FaultWorld):
    """A product that keeps its files in DynamoDB and S3."""

    aws: HeldAws


@pytest_asyncio.fixture(loop_scope="session")
async def aws_world(aws_product: AwsWorld) -> AsyncGenerator[AwsWorld]:
    yield aws_product
    await aws_product.left_clean()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aws_product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[AwsWorld]:
    folder = tmp_path_factory.mktemp("file-commits")
    async with serve() as (aws, known), a_fault_world(folder, TURN_LEASE_SECONDS="10", **known) as world:
        held = AwsWorld(world.stack, world.plays, world.faults)
        held.aws = aws
        yield held
        await held.close()


@pytest.mark.sample(0)
@pytest.mark.parametrize(("call", "carried_out", "then"), KILLS)
async def test_a_kill_within_a_commit_to_dynamodb_leaves_all_of_it_or_nothing(
    aws_world: AwsWorld, call: str, carried_out: bool, then: str
):
    vendor, session = await aws_world.vendor_with_session()
    message = _two_commits(vendor)
    async with aws_world.watched(vendor.post(message, session)) as watched:
        hold = await _held(aws_world, vendor, call, carried_out=carried_out)
        during = await _files(vendor)
        await watched.kill()
    hold.release(carry_out=carried_out)

    assert during == (AFTER if carried_out else BEFORE)
    assert await _files(vendor) == during
    assert await _revisions(vendor) == [2 if carried_out else 1]
    await _take_up(aws_world, vendor, session, message, then)


@pytest.mark.sample(0)
@pytest.mark.parametrize("then", ["message", "continue"])
async def test_a_zombies_commit_on_its_way_to_dynamodb_is_refused_there(aws_world: AwsWorld, then: str):
    vendor, session = await aws_world.vendor_with_session()
    message = _two_commits(vendor)
    async with aws_world.watched(vendor.post(message, session)) as watched:
        hold = await _held(aws_world, vendor)
        with _stopped(watched.pid):
            await _take_up(aws_world, vendor, session, message, then)
            before = await _all(vendor, session)
            hold.release(carry_out=True)
            await until(hold.answered.is_set)
        await until(lambda: aws_world.stack.chat_pids() == [])

    assert hold.status.startswith("400")
    assert await _all(vendor, session) == before


@pytest.mark.sample(0)
@pytest.mark.parametrize("then", ["message", "continue"])
async def test_a_zombies_commit_to_sqlite_is_refused_there(world: FaultWorld, then: str):
    vendor, session = await world.vendor_with_session()
    message = _two_commits(vendor)
    async with world.watched(vendor.post(message, session)) as watched:
        async with _stopped_before_sqlite(world, vendor, session, watched.pid):
            await _take_up(world, vendor, session, message, then)
            before = await _all(vendor, session)
        await until(lambda: world.stack.chat_pids() == [])

    assert await _all(vendor, session) == before


@pytest.mark.sample(0)
@pytest.mark.parametrize("status", ["running", "interrupted"])
async def test_a_commit_on_its_way_to_dynamodb_is_refused_once_its_session_is_deleted(
    aws_world: AwsWorld, status: str
):
    vendor, session = await aws_world.vendor_with_session()
    async with aws_world.watched(vendor.post(_two_commits(vendor), session)) as watched:
        hold = await _held(aws_world, vendor)
        with _stopped(watched.pid):
            if status == "interrupted":
                await ownerless(vendor, session)
            await _delete(vendor, session)
            hold.release(carry_out=True)
            await until(hold.answered.is_set)
            assert (await _files(vendor), await _revisions(vendor)) == (BEFORE, [1])
        seen = await _rest(watched)

    assert hold.status.startswith("400")
    assert seen[-1].type == "turn_cancelled"
    assert (await _files(vendor), await _revisions(vendor)) == (BEFORE, [1])
    await _assert_gone(vendor, session)


@pytest.mark.sample(1)
@pytest.mark.parametrize("status", ["running", "interrupted"])
async def test_a_commit_on_its_way_to_sqlite_is_refused_once_its_session_is_deleted(
    world: FaultWorld, status: str
):
    vendor, session = await world.vendor_with_session()
    async with world.watched(vendor.post(_two_commits(vendor), session)) as watched:
        async with _stopped_before_sqlite(world, vendor, session, watched.pid):
            if status == "interrupted":
                await ownerless(vendor, session)
            await _delete(vendor, session)
        seen = await _rest(watched)

    assert seen[-1].type == "turn_cancelled"
    assert (await _files(vendor), await _revisions(vendor)) == (BEFORE, [1])
    await _assert_gone(vendor, session)


@pytest.mark.sample(0)
async def test_a_commit_on_its_way_to_dynamodb_is_refused_once_its_app_is_deleted(aws_world: AwsWorld):
    vendor, session = await aws_world.vendor_with_session()
    async with aws_world.watched(vendor.post(_two_commits(vendor), session)) as watched:
        hold = await _held(aws_world, vendor)
        with _stopped(watched.pid):
            answer = await vendor.client.delete(f"{APPS}/{vendor.app}")
            assert answer.json() == {"success": True}
            hold.release(carry_out=True)
            await until(hold.answered.is_set)
        seen = await _rest(watched)

    assert hold.status.startswith("400")
    assert seen[-1].type == "turn_cancelled"
    assert (await vendor.client.get(f"{APPS}/{vendor.app}/files")).status_code == 404
    await _assert_gone(vendor, session)


@pytest.mark.sample(0)
async def test_a_session_is_deleted_all_the_same_while_the_file_store_does_not_answer(aws_world: AwsWorld):
    vendor, session = await aws_world.vendor_with_session()
    async with aws_world.watched(vendor.post(_two_commits(vendor), session)) as watched:
        await aws_world.stack.model.reached(vendor.app)
        with _stopped(watched.pid):
            silent = aws_world.aws.hold("BatchGetItem", f"E#{session}")
            await _delete(vendor, session)
            assert silent.reached.is_set()
            silent.release(carry_out=False)
            await _assert_gone(vendor, session)
            aws_world.stack.model.open(vendor.app)
        assert (await _rest(watched))[-1].type == "turn_cancelled"


@pytest.mark.sample(0)
@pytest.mark.parametrize("end", ["kill", "wake"])
async def test_a_stop_within_a_transaction_of_sqlite_shows_nothing_of_it(world: FaultWorld, end: str):
    vendor, session = await world.vendor_with_session()
    message = _two_commits(vendor)
    async with (
        _slow_second_commit(world, vendor) as db,
        world.watched(vendor.post(message, session)) as watched,
    ):
        await world.stack.model.reached(vendor.app)
        world.stack.model.open(vendor.app)
        await until(lambda: _is_locked(db))
        with _stopped(watched.pid):
            assert _is_locked(db), "the commit ended before it was stopped"
            assert (await _files(vendor), await _revisions(vendor)) == (BEFORE, [1])
            if end == "kill":
                await watched.kill()
        await watched.reading

    if end == "wake":
        assert (await vendor.until_status(session, "idle"))["pendingTools"] == []
    else:
        assert await _files(vendor) == BEFORE
        assert (await ownerless(vendor, session))["status"] == "interrupted"
        async with vendor.resume(session, "2-0", **{"continue": "1"}) as stream:
            assert (await stream.rest())[-1].type == "message_complete"
    assert await _files(vendor) == AFTER
    assert await _revisions(vendor) == [2]
    await assert_history(vendor, session, ["Hello", message])
    assert_nothing_refused(world)


async def _held(
    world: AwsWorld, vendor: Vendor, call: str = "TransactWriteItems", *, carried_out: bool = False
) -> Hold:
    """The vendor's second commit on its way to DynamoDB, held at this call."""
    await world.stack.model.reached(vendor.app)
    hold = world.aws.hold(call, f"APP#{vendor.app}", carried_out=carried_out)
    world.stack.model.open(vendor.app)
    await until(hold.reached.is_set)
    return hold


@asynccontextmanager
async def _stopped_before_sqlite(
    world: FaultWorld, vendor: Vendor, session: str, pid: int
) -> AsyncGenerator[None]:
    """The process is stopped while its second commit waits for a lock that is gone by then; it wakes last."""
    await world.stack.model.reached(vendor.app)
    with ExitStack() as stopped:
        with closing(sqlite3.connect(world.folder / DATABASE, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            world.stack.model.open(vendor.app)
            async with vendor.resume(session) as stream:
                await stream.until(_is_second_batch_running)
            stopped.enter_context(_stopped(pid))
        yield


def _two_commits(vendor: Vendor) -> str:
    """A message that is answered with two batches; a gate named like the app stands before the second."""
    second = Reply(Gate(vendor.app), Text("Changing it."), EDIT_A, CREATE_B)
    return vendor.says(Reply(CREATE_A), second, Reply(Text("Done.")), words="Two commits")


async def _delete(vendor: Vendor, session: str) -> None:
    answer = await vendor.client.delete(BASE, params={"sessionId": session})
    assert answer.json() == {"success": True}


async def _rest(watched: Watched) -> list[Event]:
    """All that the client of a process has got when the process is done."""
    async with asyncio.timeout(PATIENCE):
        return await watched.reading


async def _assert_gone(vendor: Vendor, session: str) -> None:
    """Nothing is left of the session, and nothing comes back."""
    keys = await vendor.redis_command("KEYS", f"s:{session}:*")
    assert set(keys) <= {f"s:{session}:x"}
    assert (await vendor.client.get(BASE, params={"sessionId": session})).status_code == 404


def _is_second_batch_running(event: Event) -> bool:
    return event.type == "tool_use_progress" and event.data["toolName"] == "edit_file"


@contextmanager
def _stopped(pid: int) -> Generator[None]:
    """Nothing runs in the process meanwhile; then it wakes, unless it was killed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        # A thread of a busy machine may run on for a moment, and take the lock that the test gives up next.
        while not _has_stopped(pid):
            time.sleep(0.001)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _has_stopped(pid: int) -> bool:
    """True where every thread is stopped or dead, and where the system does not tell (it is not Linux)."""
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends just now
            if stat.read_text().rpartition(")")[2].split()[0] not in "TtZX":
                return False
    return True


@asynccontextmanager
async def _slow_second_commit(world: FaultWorld, vendor: Vendor) -> AsyncGenerator[sqlite3.Connection]:
    """Once all of it is written and nothing is committed, the app's second commit takes about a second."""
    with closing(sqlite3.connect(world.folder / DATABASE, timeout=0, isolation_level=None)) as db:
        db.execute(SLOW_SECOND_COMMIT.format(app=vendor.app))
        try:
            yield db
        finally:
            await until(lambda: not _is_locked(db))
            db.execute("DROP TRIGGER slow_second_commit")


def _is_locked(db: sqlite3.Connection) -> bool:
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    db.execute("ROLLBACK")
    return False


async def _take_up(world: FaultWorld, vendor: Vendor, session: str, message: str, then: str) -> None:
    """What follows once the lease is over, and that nothing is lost or done twice by it."""
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    if then == "message":
        assert session_of(await vendor.turn("And now?", session)) == session
    else:
        async with vendor.resume(session, "2-0", **{"continue": "1"}) as stream:
            assert (await stream.rest())[-1].type == "message_complete"
        assert await _files(vendor) == AFTER
    assert await _files(vendor) in (BEFORE, AFTER)
    said = ["Hello", message, *(["And now?"] if then == "message" else [])]
    await assert_history(vendor, session, said)
    assert_nothing_refused(world)


async def _files(vendor: Vendor) -> dict[str, str | None]:
    """Every file with its content, by the routes of the editor."""
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/files")
    assert answer.status_code == 200, answer.text
    return {file["path"]: await vendor.file(file["path"]) for file in answer.json()["files"]}


async def _revisions(vendor: Vendor) -> list[int]:
    return [checkpoint["revision"] for checkpoint in await _checkpoints(vendor)]


async def _checkpoints(vendor: Vendor) -> list[Json]:
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/checkpoints")
    return answer.json()["checkpoints"]


async def _all(vendor: Vendor, session: str) -> dict[str, Any]:
    """Everything a vendor can see of the session and of the app."""
    return {
        "session": await vendor.session(session),
        "files": await _files(vendor),
        "checkpoints": await _checkpoints(vendor),
    }
