"""The processes of one function: started on demand, kept warm, ended when idle or outdated."""

import asyncio
import time
from dataclasses import dataclass

from dev.function_url.function import Function
from dev.function_url.invocation import THROTTLED, FunctionError, Invocation
from dev.function_url.process import FunctionProcess, Log
from dev.function_url.sources import Sources


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A running function process as others see it."""

    pid: int
    busy: bool


class FunctionPool:
    """Gives each invocation a process of its own, an idle one where there is one."""

    def __init__(self, function: Function, sources: Sources, invoke_url: str, log: Log) -> None:
        self._function = function
        self._sources = sources
        self._invoke_url = invoke_url
        self._log = log
        self._processes: dict[FunctionProcess, asyncio.Task[None]] = {}
        self._stops: set[asyncio.Task[None]] = set()
        self._change = asyncio.Event()
        self._closing = False

    def processes(self) -> list[ProcessInfo]:
        """Those that run; a process that is not idle is busy."""
        return [
            ProcessInfo(process.pid, not process.idle)
            for process in self._processes
            if process.pid is not None
        ]

    async def submit(self, invocation: Invocation, *, wait: bool) -> None:
        """Hands the invocation to a process; its reply gets the rest.

        At the limit of processes it waits for its turn; without `wait` it fails as throttled when
        the function's queue time is over.
        """
        patience, queue = self._function.finishing_seconds, self._function.queue_seconds
        while not self._closing:
            if self._assign(invocation, patient=patience > 0):
                return
            if patience > 0 and any(process.finishing for process in self._processes):
                patience = await self._wait_for_change(patience)
            elif wait:
                await self._change.wait()
            elif queue > 0:
                queue = await self._wait_for_change(queue)
            else:
                invocation.fail(FunctionError(THROTTLED, "Rate Exceeded."))
                return
        invocation.fail(FunctionError("Runtime.ExitError", "The server is being stopped."))

    def _assign(self, invocation: Invocation, *, patient: bool) -> bool:
        version = self._sources.version()
        current = [p for p in self._processes if p.version == version and not p.stopping]
        idle = max((p for p in current if p.idle), key=lambda p: p.idle_since, default=None)
        if idle is not None:
            idle.assign(invocation)
            return True
        if patient and any(p.finishing for p in current):
            return False
        if len(current) >= self._function.max_processes:
            return False
        self._start(version).assign(invocation)
        return True

    def _start(self, version: int) -> FunctionProcess:
        process = FunctionProcess(self._function, version, self._changed, self._log)
        task = asyncio.get_running_loop().create_task(process.run(self._invoke_url))
        self._processes[process] = task
        task.add_done_callback(lambda _: self._forget(process))
        return process

    def _forget(self, process: FunctionProcess) -> None:
        del self._processes[process]
        self._changed()

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    async def _wait_for_change(self, seconds: float) -> float:
        """Waits so long at most; returns how much of it is left."""
        began = time.monotonic()
        try:
            await asyncio.wait_for(self._change.wait(), seconds)
        except TimeoutError:
            return 0.0
        return seconds - (time.monotonic() - began)

    def tidy(self) -> None:
        """Ends the idle processes whose source has changed or that had nothing to do for long."""
        version = self._sources.version()
        oldest = time.monotonic() - self._function.idle_seconds
        for process in self._processes:
            if process.idle and (process.version != version or process.idle_since < oldest):
                self._stop(process)

    def _stop(self, process: FunctionProcess) -> None:
        process.stopping = True
        task = asyncio.get_running_loop().create_task(process.stop())
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    async def close(self) -> None:
        """Ends all processes and returns when they are gone."""
        self._closing = True
        self._changed()
        for process in self._processes:
            self._stop(process)
        await asyncio.gather(*self._processes.values(), *self._stops, return_exceptions=True)
