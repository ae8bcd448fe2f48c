"""The one wait of these tests: for what another task, thread or process brings about and tells nobody."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 30.0
"""How many seconds anything here may take, on a machine with much else to do."""
INTERVAL = 0.01


async def until(condition: Callable[[], object], *, seconds: float = PATIENCE) -> Any:
    """Waits until the condition, which may be a coroutine function, gives something true; gives that.

    It is looked at every ten milliseconds. The TimeoutError of a wait in vain shows the condition's source
    and what it gave last.
    """
    found: object = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if inspect.isawaitable(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(INTERVAL)
    except TimeoutError as late:
        source = inspect.getsource(condition).strip() if inspect.isfunction(condition) else repr(condition)
        raise TimeoutError(f"waited {seconds:g} s in vain for {source}\nlast it gave {found!r}") from late
