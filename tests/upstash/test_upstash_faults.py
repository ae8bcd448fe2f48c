"""Each fault that can be ordered, as the client sees it and as the data shows it."""

# upstash-redis types its answers as bare lists.
# pyright: reportUnknownMemberType=false

import asyncio
import json

import httpx
import pytest
from upstash_client import TOKEN
from upstash_redis.asyncio import Redis
from upstash_redis.errors import UpstashError

from dev.upstash import Faults, Upstash, serve
from dev.upstash.faults import Fault, Kind
from tests.waiting import until


@pytest.fixture
def faults(upstash: Upstash) -> Faults:
    assert upstash.faults is not None
    return upstash.faults


async def test_a_request_dropped_before_it_runs_leaves_no_trace(redis: Redis, faults: Faults) -> None:
    fault = faults.add("drop_request", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await redis.rpush("l", "x")

    assert fault.struck == 1
    assert await redis.llen("l") == 0


async def test_a_dropped_answer_belongs_to_a_command_that_ran(redis: Redis, faults: Faults) -> None:
    faults.add("drop_answer", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await redis.rpush("l", "x")

    assert await redis.llen("l") == 1


async def test_a_bad_gateway_answers_html(upstash: Upstash, redis: Redis, faults: Faults) -> None:
    faults.add("bad_gateway", times=2)
    async with httpx.AsyncClient(timeout=30) as http:
        answer = await http.post(upstash.url, content=b'["SET", "k", "v"]')
    with pytest.raises(json.JSONDecodeError):
        await redis.set("k", "v")

    assert answer.status_code == 502
    assert answer.text.startswith("<html>")
    assert await redis.get("k") is None


async def test_a_token_can_be_refused(redis: Redis, faults: Faults) -> None:
    faults.add("unauthorized", times=1)
    with pytest.raises(UpstashError, match="WRONGPASS"):
        await redis.set("k", "v")

    assert await redis.get("k") is None


async def test_a_full_database_refuses_commands_one_by_one(redis: Redis, faults: Faults) -> None:
    faults.add("out_of_memory", containing="SET")
    pipeline = redis.pipeline()
    pipeline.set("k", "v")
    with pytest.raises(UpstashError, match="OOM command not allowed"):
        await redis.set("k", "v")
    with pytest.raises(UpstashError, match="OOM command not allowed"):
        await pipeline.exec()

    assert await redis.get("k") is None


async def assert_held_back(redis: Redis, key: str, fault: Fault) -> None:
    """Sets a key that the fault is for, which is not answered while another one is."""
    waiting = asyncio.create_task(redis.set(key, "v"))
    await until(lambda: fault.struck == 1)
    assert await redis.set("other", "v") is True
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_hanging_request_is_never_answered_and_never_runs(redis: Redis, faults: Faults) -> None:
    await assert_held_back(redis, "hung", faults.add("hang", containing='"hung"'))
    faults.clear()

    assert await redis.get("hung") is None


async def test_a_delay_holds_a_request_back(redis: Redis, faults: Faults) -> None:
    await assert_held_back(redis, "slow", faults.add("delay", containing='"slow"', seconds=30))

    faults.clear()
    faults.add("delay", seconds=0.01)
    started = asyncio.get_running_loop().time()
    await redis.set("k", "v")
    assert asyncio.get_running_loop().time() - started >= 0.01


async def test_a_fault_can_wait_for_the_one_request_it_is_meant_for(redis: Redis, faults: Faults) -> None:
    fault = faults.add("drop_answer", containing="XADD", skip=1, times=1)
    await redis.xadd("s", "1-1", {"m": "first"})
    await redis.set("k", "v")
    with pytest.raises(httpx.RemoteProtocolError):
        await redis.xadd("s", "1-2", {"m": "second"})
    await redis.xadd("s", "1-3", {"m": "third"})

    assert fault.struck == 1
    assert await redis.xlen("s") == 3


@pytest.mark.parametrize("kind", ["drop_request", "bad_gateway", "unauthorized", "out_of_memory"])
async def test_a_fault_lasts_until_it_is_cleared(redis: Redis, faults: Faults, kind: Kind) -> None:
    fault = faults.add(kind)
    for _ in range(3):
        with pytest.raises((UpstashError, httpx.HTTPError, ValueError)):
            await redis.set("k", "v")
    faults.clear()

    assert fault.struck == 3
    assert await redis.set("k", "v") is True


async def test_faults_and_counters_can_be_set_from_another_process(upstash: Upstash, redis: Redis) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=upstash.url, headers=headers, timeout=30) as http:
        await http.delete("/-/counters")
        await redis.set("k", "v")
        assert (await http.get("/-/counters")).json() == {"requests": 1, "commands_billed": 1}
        ordered = await http.post("/-/faults", json={"kind": "unauthorized", "times": 1})
        nonsense = await http.post("/-/faults", json={"sort": "unknown"})
        unknown = await http.post("/-/faults", json={"kind": "unknown"})
        with pytest.raises(UpstashError, match="WRONGPASS"):
            await redis.get("k")
        [listed] = (await http.get("/-/faults")).json()
        await http.delete("/-/faults")
        assert (await http.get("/-/faults")).json() == []

    assert ordered.status_code == 200
    assert nonsense.status_code == unknown.status_code == 400
    assert (listed["kind"], listed["times"], listed["struck"]) == ("unauthorized", 0, 1)


async def test_without_faults_there_is_no_control() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        serve(data_dir=None, token=TOKEN) as upstash,
        httpx.AsyncClient(headers=headers, timeout=30) as http,
    ):
        answer = await http.get(upstash.url + "/-/counters")

    assert answer.status_code == 400
    assert "unknown command" in answer.json()["error"]
