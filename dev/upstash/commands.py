"""Which commands Upstash takes over REST, and its own first line of scripts."""

from hashlib import sha1
from pathlib import Path

from dev.upstash.valkey import Command, Failure

# Stateless HTTP has no use for a connection's state, and a blocked request would hold others up
# (https://upstash.com/docs/redis/features/restapi, "REST - Redis API compatibility").
REFUSED = frozenset(
    b"AUTH HELLO SELECT QUIT RESET CLIENT MULTI EXEC DISCARD WATCH UNWATCH "
    b"SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE MONITOR "
    b"BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF "
    # Administration that a hosted database keeps to itself.
    b"CONFIG SHUTDOWN DEBUG SAVE BGSAVE BGREWRITEAOF REPLICAOF SLAVEOF FAILOVER CLUSTER MODULE "
    b"MIGRATE LATENCY SLOWLOG SWAPDB MOVE ACL SYNC PSYNC REPLCONF MEMORY COMMANDLOG".split()
)
# The first two are Upstash's, the others Redis's
# (https://upstash.com/docs/redis/features/key-locking, https://redis.io/docs/latest/develop/programmability/lua-api/).
KEY_LOCKING = "allow-key-locking"
SCRIPT_FLAGS = {KEY_LOCKING, "no-writes", "allow-oom", "allow-stale", "no-cluster"} | {
    "allow-cross-slot-keys"
}
# Upstash refuses keys that are not in KEYS under this flag; Valkey would let them pass. On one line,
# in the place of the first, so that line numbers in errors stay true.
CHECK_KEYS = b" ".join((Path(__file__).parent / "key_locking.lua").read_bytes().split())


class Scripts:
    """Takes off the `#!lua` line, which Redis and Valkey refuse with Upstash's own flag in it, and
    remembers under which SHA1 the rest is cached."""

    def __init__(self) -> None:
        self._cached_as: dict[bytes, bytes] = {}

    def prepare(self, command: Command) -> Command | Failure:
        """The command to run, or why it is refused."""
        name = command[0].upper()
        shown = command[0].decode("utf-8", "replace")
        if b" " in name:  # which valkey would send as a command and its first argument
            return Failure(f"ERR unknown command '{shown}', with args beginning with: ")
        if name in REFUSED or _blocks(name, command):
            return Failure(
                f"ERR Command is not available: '{shown.upper()}'. "
                "See https://upstash.com/docs/redis/overall/rediscompatibility for details"
            )
        if name in (b"EVAL", b"EVAL_RO") and len(command) > 1:
            return self._with_script(command, 1)
        if name in (b"EVALSHA", b"EVALSHA_RO") and len(command) > 1:
            digest = command[1].lower()
            return [command[0], self._cached_as.get(digest, digest), *command[2:]]
        if name == b"SCRIPT" and len(command) > 2:
            return self._script_command(command)
        return command

    def _script_command(self, command: Command) -> Command | Failure:
        if command[1].upper() == b"LOAD":
            return self._with_script(command, 2)
        if command[1].upper() == b"EXISTS":
            digests = (digest.lower() for digest in command[2:])
            return [*command[:2], *(self._cached_as.get(digest, digest) for digest in digests)]
        return command

    def _with_script(self, command: Command, index: int) -> Command | Failure:
        script = command[index]
        if not script.startswith(b"#!"):
            return command
        first, _, rest = script.partition(b"\n")
        engine, *options = first[2:].decode("utf-8", "replace").split()
        if engine != "lua":
            return Failure(f"ERR Could not find scripting engine '{engine}'")
        flags: set[str] = set()
        for option in options:
            name, _, value = option.partition("=")
            if name != "flags":
                return Failure(f"ERR Unknown lua shebang option: {option}")
            flags.update(filter(None, value.split(",")))
        if unknown := flags - SCRIPT_FLAGS:
            return Failure(f"ERR Unexpected flag in script shebang: {min(unknown)}")
        runnable = (CHECK_KEYS if KEY_LOCKING in flags else b"") + b"\n" + rest
        self._cached_as[_digest(script)] = _digest(runnable)
        return [*command[:index], runnable, *command[index + 1 :]]


def _blocks(name: bytes, command: Command) -> bool:
    if name not in (b"XREAD", b"XREADGROUP"):
        return False
    options = [argument.upper() for argument in command[1:]]
    streams = options.index(b"STREAMS") if b"STREAMS" in options else len(options)
    return b"BLOCK" in options[:streams]


def _digest(script: bytes) -> bytes:
    return sha1(script, usedforsecurity=False).hexdigest().encode()
