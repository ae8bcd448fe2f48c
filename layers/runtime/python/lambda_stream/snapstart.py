"""SnapStart: runs the hooks that a function registered for before its snapshot and after a restore.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from .api import RuntimeApi
from .failure import record

Hook = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]


async def snapshot(api: RuntimeApi) -> int:
    """Waits until the process is restored from a snapshot; returns 0, or an exit code if a hook failed.

    Hooks run in the managed runtime's order: those for before the snapshot run last one first. If a
    hook returns an awaitable, it is awaited. The exit codes are the managed runtime's: 64 for a hook
    before the snapshot, 65 for one after it.
    """
    before, after = _registered()
    try:
        while before:
            await _call(before.pop())
    except Exception as error:  # noqa: BLE001  (hooks are foreign code; what they raise is reported)
        failure = record(error, error_type="Runtime.BeforeSnapshotError", tell=True)
        await api.init_error(failure)
        return 64
    await api.restore_next()
    try:
        for hook in after:
            await _call(hook)
    except Exception as error:  # noqa: BLE001  (as above)
        failure = record(error, error_type="Runtime.AfterRestoreError", tell=True)
        await api.restore_error(failure)
        return 65
    return 0


def _registered() -> tuple[list[Hook], list[Hook]]:
    try:
        hooks = importlib.import_module("snapshot_restore_py")
    except ModuleNotFoundError:
        return [], []
    return hooks.get_before_snapshot(), hooks.get_after_restore()


async def _call(hook: Hook) -> None:
    function, arguments, keywords = hook
    result = function(*arguments, **keywords)
    if inspect.isawaitable(result):
        await result
