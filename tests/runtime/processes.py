"""Runtime processes, started as Lambda starts them: by the exec wrapper."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from tests.runtime.runtime_api import DEADLINE_SECONDS

PROJECT = Path(__file__).parents[2]
BOOTSTRAP = PROJECT / "layers/runtime/stream-bootstrap"
PYTHONPATH = f"{PROJECT / 'layers/runtime/python'}:{Path(__file__).parent / 'handlers'}"
STREAMING = (BOOTSTRAP, sys.executable, "/var/runtime/bootstrap.py")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": PYTHONPATH,
    "AWS_LAMBDA_FUNCTION_NAME": "chat",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/chat",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream-1",
}


class Function:
    """A process that serves one function."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def until_ended(self) -> tuple[int, str]:
        """The exit code and all that was written to the log."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            log, _ = await self._process.communicate()
        return self._process.returncode or 0, log.decode()


StartFunction = Callable[..., Coroutine[None, None, Function]]


@asynccontextmanager
async def start_function(
    handler: str, environment: dict[str, str], command: tuple[str | Path, ...] = STREAMING
) -> AsyncGenerator[Function]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**ENVIRONMENT, "_HANDLER": handler, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Function(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
