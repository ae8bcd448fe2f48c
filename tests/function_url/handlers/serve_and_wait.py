"""Serves with one busy and one idle process, says their pids in a line, and waits to be ended."""

import asyncio
import re
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from dev.function_url import Function, Route, serve


async def main() -> None:
    folder = Path(__file__).parent
    function = Function(
        name="stream",
        handler="streaming_function.handler",
        streaming=True,
        python_path=(folder.parents[2] / "layers" / "runtime" / "python", folder),
        task_root=folder,
    )
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with serve(functions=[function], routes=[Route(None, re.compile("/.*"), "stream")]) as server:
        host, port = server.url.removeprefix("http://").split(":")
        busy_reader, busy = await asyncio.open_connection(host, int(port))
        busy.write(b"GET /?do=gated&gate=/never-there/for-this-test HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await busy_reader.readuntil(b"first")
        idle_reader, idle = await asyncio.open_connection(host, int(port))
        idle.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await idle_reader.readuntil(b"\r\n0\r\n\r\n")
        print(*(process.pid for process in server.processes("stream")), flush=True)  # noqa: T201
        await stopped.wait()


asyncio.run(main())
