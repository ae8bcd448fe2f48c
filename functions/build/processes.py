"""Processes that work on what strangers wrote: each in a group of its own, with limits and little else."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# In kilobytes and seconds of the processor, set by the shell in the process that the program takes the place
# of. The two programs reserve much more address space than they use, so it is the data that is limited
# (setrlimit(2), RLIMIT_DATA: private writable memory); they write no file and leave no dump of their memory.
_LIMITED = 'ulimit -d "$0" && ulimit -t "$1" && ulimit -f 0 && ulimit -c 0 && shift && exec "$@"'


# What the kernel ends a process with whose seconds are over.
_BY_TIME = frozenset({-signal.SIGXCPU, -signal.SIGKILL})


class Stopped(Exception):
    """A process was stopped at a limit; the message says at which, in plain words.

    `output` is the beginning of what it wrote, where it was stopped because that was too much.
    """

    def __init__(self, message: str, output: bytes = b"") -> None:
        super().__init__(message)
        self.output = output


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process may use: `seconds` of a processor, for which it may wait as long again."""

    seconds: int
    memory_mb: int
    output_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process, its input and its output."""

    process: asyncio.subprocess.Process
    writer: asyncio.StreamWriter
    reader: asyncio.StreamReader


@asynccontextmanager
async def running(command: Sequence[str], *, cwd: Path, limits: Limits) -> AsyncGenerator[Running]:
    """The process of this command; behind the block nothing of its group is left.

    Raises Stopped where the block takes longer than it may.
    """
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        _LIMITED,
        str(limits.memory_mb * 1000),
        str(limits.seconds),
        *command,
        cwd=cwd,
        env=_environment(limits.memory_mb),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The process has no pipes.")
    try:
        async with asyncio.timeout(limits.seconds * 2):
            yield Running(process=process, writer=process.stdin, reader=process.stdout)
    except TimeoutError as error:
        raise Stopped(f"took longer than {limits.seconds * 2} seconds") from error
    finally:
        await asyncio.shield(_end(process, process.stdout))


async def broken_off(started: Running, limits: Limits) -> Stopped:
    """Why a process ended by itself before it had said all."""
    code = await started.process.wait()
    if code in _BY_TIME:
        return Stopped(f"needed more than {limits.seconds} seconds of a processor")
    return Stopped("ran out of memory")


async def _end(process: asyncio.subprocess.Process, output: asyncio.StreamReader) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # For asyncio a process has not ended before its output has, which stands still where nobody reads it.
    while await output.read(65_536):
        pass
    await process.wait()


def _environment(memory_mb: int) -> dict[str, str]:
    """For Go's runtime: collect in time to stay below the limit, and say nothing where that fails."""
    return {"GOMEMLIMIT": f"{memory_mb * 3 // 4}MiB", "GOTRACEBACK": "none"}


async def read_all(started: Running, limits: Limits) -> bytes:
    """All that the process writes until it ends. Raises Stopped where that is more than it may."""
    started.writer.close()
    output = bytearray()
    while chunk := await started.reader.read(65_536):
        output += chunk
        if len(output) > limits.output_bytes:
            told = f"wrote more than {limits.output_bytes // 1_000_000} MB"
            raise Stopped(told, bytes(output[: limits.output_bytes]))
    return bytes(output)
