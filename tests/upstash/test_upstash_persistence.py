"""What is still there after a restart, an orderly one and a kill."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from upstash_client import TOKEN, client
from upstash_redis.asyncio import Redis
from upstash_redis.errors import UpstashError

from dev.upstash import ValkeyUnavailableError, serve

ROOT = Path(__file__).parents[2]


async def fill(redis: Redis) -> None:
    await redis.set("k", "zażółć", ex=3600)
    await redis.hset("h", values={"f": "v"})
    await redis.rpush("l", "a", "b")
    await redis.zadd("z", {"a": 1.5})
    await redis.xadd("s", "5-1", {"m": "one"})
    await redis.xadd("s", "5-2", {"m": "two"})
    await redis.xdel("s", "5-2")
    await redis.set("gone", "v", px=1)


async def check(redis: Redis) -> None:
    assert await redis.get("k") == "zażółć"
    assert 3500 < await redis.ttl("k") <= 3600
    assert await redis.hgetall("h") == {"f": "v"}
    assert await redis.lrange("l", 0, -1) == ["a", "b"]
    assert await redis.zscore("z", "a") == 1.5
    assert await redis.xrange("s", "-", "+") == [["5-1", ["m", "one"]]]
    with pytest.raises(UpstashError, match="equal or smaller"):
        await redis.xadd("s", "5-2", {"m": "again"})
    assert await redis.get("gone") is None


@asynccontextmanager
async def process(data_dir: Path) -> AsyncGenerator[tuple[str, asyncio.subprocess.Process]]:
    """`python -m dev.upstash`, and the URL it printed."""
    arguments = ["-m", "dev.upstash", "--data-dir", str(data_dir), "--token", TOKEN]
    started = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert started.stdout is not None
    try:
        async with asyncio.timeout(30):
            yield (await started.stdout.readline()).decode().strip(), started
    finally:
        if started.returncode is None:
            started.terminate()
        await started.wait()


def redis_at(url: str) -> Redis:
    return Redis(url, TOKEN, rest_retries=0, allow_telemetry=False)


async def test_data_survive_an_orderly_restart(tmp_path: Path) -> None:
    folder = tmp_path / ("a folder with spaces and a name too long for a socket " * 3)
    async with serve(data_dir=folder, token=TOKEN) as first, client(first) as redis:
        await fill(redis)
    async with serve(data_dir=folder, token=TOKEN) as again, client(again) as redis:
        await check(redis)


async def test_without_a_folder_nothing_is_kept() -> None:
    for _ in range(2):
        async with serve(data_dir=None, token=TOKEN) as run, client(run) as redis:
            assert await redis.set("k", "v", nx=True) is True


async def test_a_killed_valkey_is_started_again_with_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    async with (
        serve(data_dir=tmp_path, token=TOKEN) as upstash,
        client(upstash) as redis,
    ):
        await fill(redis)
        killed = upstash.store.pid
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(30):
            while upstash.store.pid == killed:
                with suppress(UpstashError):  # the request that was on its way
                    await redis.ping()
        await check(redis)


async def test_a_process_ends_in_order_and_keeps_its_data(tmp_path: Path) -> None:
    async with process(tmp_path) as (url, started), redis_at(url) as redis:
        await fill(redis)
        started.terminate()
        assert await started.wait() == 0
    async with process(tmp_path) as (url, _), redis_at(url) as redis:
        await check(redis)


async def test_a_killed_process_leaves_a_valkey_that_the_next_one_relieves(tmp_path: Path) -> None:
    async with process(tmp_path) as (url, started), redis_at(url) as redis:
        await fill(redis)
        started.kill()
        await started.wait()
    async with process(tmp_path) as (url, _), redis_at(url) as redis:
        await check(redis)


async def test_a_folder_is_served_once_at_a_time(tmp_path: Path) -> None:
    async with serve(data_dir=tmp_path, token=TOKEN):
        with pytest.raises(BlockingIOError):
            async with serve(data_dir=tmp_path, token=TOKEN):
                pass


async def test_valkey_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("in the way")
    with pytest.raises(ValkeyUnavailableError, match=f"see {tmp_path}/valkey.log"):
        async with serve(data_dir=tmp_path, token=TOKEN):
            pass


async def test_a_taken_port_is_an_error_that_leaves_nothing_behind(tmp_path: Path) -> None:
    async with serve(data_dir=None, token=TOKEN) as upstash:
        port = int(upstash.url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            async with serve(data_dir=tmp_path, token=TOKEN, port=port):
                pass
    async with serve(data_dir=tmp_path, token=TOKEN) as again, client(again) as redis:
        assert await redis.ping() == "PONG"
