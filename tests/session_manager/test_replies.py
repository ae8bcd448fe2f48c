"""What the session store's refusals mean for who asked."""

import pytest

from aicode.errors import StoreUnavailable
from aicode.redis.replies import CommandError, result

# As Redis words them: https://github.com/redis/redis/blob/unstable/src/server.c (createSharedObjects)
UNUSABLE = [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "READONLY You can't write against a read only replica.",
    "NOAUTH Authentication required.",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOREPLICAS Not enough good replicas to write.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000.",
]


@pytest.mark.parametrize("error", UNUSABLE)
@pytest.mark.parametrize("loud", [True, False])
def test_a_database_that_cannot_serve_now_says_when_to_come_back(error: str, loud: bool) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        result({"error": error}, loud=loud)

    assert (caught.value.code, caught.value.retry_after) == ("store_unavailable", 5)
    assert error not in caught.value.message


@pytest.mark.parametrize(
    "error",
    [
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "BUSYGROUP Consumer Group name already exists",
        "ERR syntax error",
    ],
)
def test_a_command_that_is_wrong_is_that_commands_own_error(error: str) -> None:
    with pytest.raises(CommandError, match=error):
        result({"error": error}, loud=True)

    assert isinstance(result({"error": error}, loud=False), CommandError)
