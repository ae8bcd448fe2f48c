"""Redis commands through the real upstash-redis client."""

# upstash-redis types its answers as bare lists.
# pyright: reportUnknownMemberType=false

import asyncio

import pytest
from upstash_redis.asyncio import Redis
from upstash_redis.errors import UpstashError

from dev.upstash import Upstash

LOCKED = "#!lua flags=allow-key-locking\n"


async def test_strings(redis: Redis) -> None:
    assert await redis.set("k", "zażółć 🦆 \n\x00") is True
    assert await redis.get("k") == "zażółć 🦆 \n\x00"
    assert await redis.get("absent") is None
    assert await redis.set("k", "again", nx=True) is False
    assert await redis.incrby("n", 41) == 41
    assert await redis.incr("n") == 42
    assert await redis.mget("k", "absent", "n") == ["zażółć 🦆 \n\x00", None, "42"]
    assert await redis.delete("k", "absent") == 1


async def test_a_stored_ok_is_not_taken_for_the_status(redis: Redis) -> None:
    await redis.set("k", "OK")

    assert await redis.get("k") == "OK"
    assert await redis.eval("return redis.call('SET', KEYS[1], 'v')", keys=["k"]) == "OK"


async def test_hashes(redis: Redis) -> None:
    assert await redis.hset("h", values={"a": "1", "ö": "ü"}) == 2
    assert await redis.hgetall("h") == {"a": "1", "ö": "ü"}
    assert await redis.hmget("h", "a", "absent") == ["1", None]
    assert await redis.hincrby("h", "a", 2) == 3
    assert await redis.hdel("h", "a") == 1


async def test_lists(redis: Redis) -> None:
    assert await redis.rpush("l", "a", "b", "c") == 3
    assert await redis.lrange("l", 0, -1) == ["a", "b", "c"]
    assert await redis.lpop("l") == "a"


async def test_sorted_sets_give_scores_as_numbers(redis: Redis) -> None:
    assert await redis.zadd("z", {"a": 1, "b": 2.5, "c": 3}) == 3
    assert await redis.zrange("z", 0, -1, rev=True, withscores=True) == [
        ("c", 3),
        ("b", 2.5),
        ("a", 1),
    ]
    assert await redis.zscore("z", "b") == 2.5
    assert await redis.zrem("z", "a") == 1


async def test_streams_refuse_an_id_that_is_not_newer(redis: Redis) -> None:
    assert await redis.xadd("s", "1-1", {"m": "one"}) == "1-1"
    assert await redis.xadd("s", "1-2", {"m": "two"}) == "1-2"
    with pytest.raises(UpstashError, match="equal or smaller than the target stream top item"):
        await redis.xadd("s", "1-2", {"m": "again"})

    assert await redis.xlen("s") == 2


async def test_streams_are_read_from_behind_an_id(redis: Redis) -> None:
    for n in range(1, 5):
        await redis.xadd("s", f"7-{n}", {"m": str(n)})

    assert await redis.xrange("s", "(7-2", "+") == [["7-3", ["m", "3"]], ["7-4", ["m", "4"]]]
    assert await redis.execute(["XRANGE", "s", "-", "+", "COUNT", 1]) == [["7-1", ["m", "1"]]]
    assert await redis.execute(["XTRIM", "s", "MINID", "7-4"]) == 3


async def test_a_stream_that_must_exist_is_not_made(redis: Redis) -> None:
    assert await redis.execute(["XADD", "absent", "NOMKSTREAM", "1-1", "m", "x"]) is None
    assert await redis.exists("absent") == 0


async def test_keys_expire(redis: Redis) -> None:
    await redis.set("k", "v", px=60_000)
    assert 0 < await redis.pttl("k") <= 60_000
    assert await redis.expire("k", 100) is True
    assert 60 < await redis.ttl("k") <= 100
    assert await redis.pexpire("k", 0) is True
    assert await redis.get("k") is None
    assert await redis.ttl("k") == -2


async def test_a_failing_command_is_an_error(redis: Redis) -> None:
    await redis.set("k", "text")

    with pytest.raises(UpstashError, match="WRONGTYPE"):
        await redis.lpush("k", "x")
    with pytest.raises(UpstashError, match="not an integer"):
        await redis.incr("k")
    with pytest.raises(UpstashError, match="unknown command"):
        await redis.execute(["NONSENSE"])
    with pytest.raises(UpstashError, match="wrong number of arguments"):
        await redis.execute(["GET"])


@pytest.mark.parametrize(
    "command",
    [
        "BLPOP l 0",
        "brpop l 0",
        "XREAD COUNT 1 block 0 STREAMS s $",
        "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
        "WATCH k",
        "UNWATCH",
        "DISCARD",
        "MULTI",
        "SUBSCRIBE c",
        "SELECT 1",
        "CLIENT REPLY OFF",
        "SHUTDOWN NOSAVE",
        "CONFIG GET *",
    ],
)
async def test_a_command_that_upstash_does_not_take_is_refused(redis: Redis, command: str) -> None:
    with pytest.raises(UpstashError, match="ERR Command is not available"):
        await redis.execute(command.split())

    assert await redis.ping() == "PONG"


async def test_a_stream_may_be_called_block(redis: Redis) -> None:
    await redis.xadd("block", "1-1", {"m": "x"})

    assert await redis.execute(["XREAD", "STREAMS", "block", "0"]) == [["block", [["1-1", ["m", "x"]]]]]


async def test_one_failing_command_leaves_the_rest_of_a_pipeline(upstash: Upstash, redis: Redis) -> None:
    pipeline = redis.pipeline()
    pipeline.set("k", "text")
    pipeline.incr("k")
    pipeline.set("after", "done")
    with pytest.raises(UpstashError, match="not an integer"):
        await pipeline.exec()

    assert await redis.get("after") == "done"
    assert upstash.requests == 2


async def test_a_transaction_runs_all_its_commands(redis: Redis) -> None:
    transaction = redis.multi()
    transaction.set("n", "1")
    transaction.incr("n")
    transaction.hset("h", "f", "v")

    assert await transaction.exec() == [True, 2, 1]


async def test_commands_of_many_clients_do_not_get_mixed_up(redis: Redis) -> None:
    async def one(n: int) -> None:
        transaction = redis.multi()
        transaction.set(f"k{n}", "x" * n * 100)
        transaction.get(f"k{n}")
        assert await transaction.exec() == [True, "x" * n * 100]
        assert await redis.get(f"k{n}") == "x" * n * 100

    await asyncio.gather(*(one(n) for n in range(40)))


async def test_a_name_with_a_space_is_no_command(redis: Redis) -> None:
    for name in ("GET k", "SHUTDOWN NOSAVE"):
        with pytest.raises(UpstashError, match=f"ERR unknown command '{name}'"):
            await redis.execute([name])


async def test_a_large_answer_comes_back_whole(redis: Redis) -> None:
    value = "ä\r\n0123456789" * 50_000
    for n in range(1, 4):
        await redis.xadd("s", f"1-{n}", {"m": value})

    assert await redis.xrange("s", "-", "+") == [[f"1-{n}", ["m", value]] for n in range(1, 4)]
