"""Lua scripts as Upstash takes them: its first line, its flag, its rule about keys, its bill."""

# upstash-redis types its answers as bare lists.
# pyright: reportUnknownMemberType=false

from hashlib import sha1

import pytest
from upstash_redis.asyncio import Redis
from upstash_redis.errors import UpstashError

from dev.upstash import Upstash

LOCKED = "#!lua flags=allow-key-locking\n"


async def test_a_script_may_start_with_upstashs_line(redis: Redis) -> None:
    script = LOCKED + "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])"

    assert await redis.eval(script, keys=["k"], args=["ą"]) == "ą"
    assert await redis.eval("#!lua\nreturn {1, 'two', false, {3}}") == [1, "two", None, [3]]
    assert await redis.eval("return ARGV[1]", args=["plain"]) == "plain"


async def test_a_loaded_script_is_found_by_the_digest_of_its_own_text(redis: Redis) -> None:
    script = LOCKED + "return redis.call('INCR', KEYS[1])"
    digest = await redis.script_load(script)

    assert await redis.evalsha(digest, keys=["k"]) == 1
    assert await redis.evalsha(sha1(script.encode(), usedforsecurity=False).hexdigest(), keys=["k"]) == 2
    assert await redis.script_exists(digest, "0" * 40) == [True, False]
    with pytest.raises(UpstashError, match="NOSCRIPT"):
        await redis.evalsha("0" * 40)


@pytest.mark.parametrize(
    ("first_line", "message"),
    [
        ("#!lua flags=allow-all", "Unexpected flag in script shebang: allow-all"),
        ("#!lua flags=no-writes,nonsense", "Unexpected flag in script shebang: nonsense"),
        ("#!lua color=red", "Unknown lua shebang option: color=red"),
        ("#!python", "Could not find scripting engine 'python'"),
    ],
)
async def test_an_unknown_first_line_is_refused(redis: Redis, first_line: str, message: str) -> None:
    with pytest.raises(UpstashError, match=message):
        await redis.eval(first_line + "\nreturn 1")


@pytest.mark.parametrize(
    "statement",
    [
        "redis.call('SET', 'other', 'x')",
        "redis.call('del', KEYS[1], 'other')",
        "redis.call('HGET', ARGV[1], 'f')",
        "redis.call('FLUSHALL')",
    ],
)
async def test_under_key_locking_a_key_that_was_not_declared_is_refused(redis: Redis, statement: str) -> None:
    await redis.set("k", "v")
    with pytest.raises(UpstashError, match="when 'allow-key-locking' flag is set"):
        await redis.eval(LOCKED + statement, keys=["k"], args=["other"])

    assert await redis.get("k") == "v"
    assert await redis.exists("other") == 0


async def test_under_key_locking_pcall_gives_the_refusal_to_the_script(redis: Redis) -> None:
    script = LOCKED + "return redis.pcall('GET', 'other').err"

    assert await redis.eval(script, keys=["k"]) == (
        "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: other"
    )


async def test_under_key_locking_a_declared_key_may_be_computed(redis: Redis) -> None:
    script = LOCKED + "redis.call('TIME') return redis.call('INCR', 'n:' .. ARGV[1])"

    assert await redis.eval(script, keys=["n:7"], args=["7"]) == 1


async def test_a_script_that_fails_does_not_spoil_the_next(redis: Redis) -> None:
    for script in ("x = 1", "foo(", "return nil .. 'x'", "return redis.call('HGET', 'k')"):
        with pytest.raises(UpstashError):
            await redis.eval(LOCKED + script, keys=["k"])

        assert await redis.eval(LOCKED + "return ARGV[1]", args=["fine"]) == "fine"


async def test_each_command_of_a_script_is_billed_beside_the_script(upstash: Upstash, redis: Redis) -> None:
    upstash.reset_counters()
    script = LOCKED + "for i = 1, 5 do redis.call('INCR', KEYS[1]) end return 1"
    await redis.eval(script, keys=["k"])

    assert upstash.commands_billed == 6
    assert upstash.requests == 1


async def test_each_command_of_a_pipeline_and_of_a_transaction_is_billed(
    upstash: Upstash, redis: Redis
) -> None:
    upstash.reset_counters()
    for batch in (redis.pipeline(), redis.multi()):
        batch.set("k", "1")
        batch.incr("k")
        batch.eval(LOCKED + "return redis.call('GET', KEYS[1])", keys=["k"])
        await batch.exec()

    assert upstash.commands_billed == 8
    assert upstash.commands_billed == 8
    assert upstash.requests == 2
