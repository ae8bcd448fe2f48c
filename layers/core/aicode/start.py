"""The start of a function's process: at its first request, or from a snapshot of one that had started."""

import importlib
import os
import random
from collections.abc import Callable
from typing import Any

from aicode.secrets import Kept
from aicode.tls import certificates

# Elsewhere they are imported when they are first needed.
_LATE = ("aicode.redis.sdk", "aicode.file_store.dynamodb.store")


def begin(kept: Kept[Any], load: Callable[[], object] = lambda: None) -> None:
    """Begins the life of a process: one that cannot run refuses to start.

    With SnapStart a process begins while its version is published, when nobody has filled the secret, and
    copies of it live on for as long as the version does. Nobody waits for it, so it imports all that it may
    need; `load` imports what one function needs besides. What is told from outside is read when a copy is
    restored, and its randomness is its own:
    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        kept.get()
        return
    for name in _LATE:
        importlib.import_module(name)
    certificates()
    load()
    hooks: Any = importlib.import_module("snapshot_restore_py")
    hooks.register_after_restore(random.seed)
    hooks.register_after_restore(kept.get)
