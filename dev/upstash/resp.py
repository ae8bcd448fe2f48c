"""RESP2, the Redis serialization protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

from collections.abc import Generator, Sequence


class Status(bytes):
    """A simple string such as OK: unlike a stored value it is never base64-encoded when it is OK."""

    __slots__ = ()


class Failure(Exception):
    """An error reply. It is a value inside pipelines and transactions, so it is returned, not raised."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


Reply = int | bytes | None | Failure | list["Reply"]
Command = Sequence[bytes]


def encode(command: Command) -> bytes:
    """One command as an array of bulk strings."""
    arguments = (b"$%d\r\n%b\r\n" % (len(argument), argument) for argument in command)
    return b"*%d\r\n%b" % (len(command), b"".join(arguments))


class ReplyReader:
    """Turns received bytes into replies, however they are cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._position = 0
        self._parsing: Generator[None, None, Reply] | None = None

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completed, in order."""
        self._buffer += data
        replies: list[Reply] = []
        while self._parsing is not None or self._position < len(self._buffer):
            self._parsing = self._parsing or self._reply()
            try:
                next(self._parsing)
            except StopIteration as done:
                replies.append(done.value)
                self._parsing = None
            else:
                break
        del self._buffer[: self._position]
        self._position = 0
        return replies

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n", self._position)) < 0:
            yield
        line = bytes(self._buffer[self._position : end])
        self._position = end + 2
        return line

    def _reply(self) -> Generator[None, None, Reply]:
        line = yield from self._line()
        kind, rest = line[:1], line[1:]
        match kind:
            case b"$":
                return (yield from self._bulk(int(rest)))
            case b":":
                return int(rest)
            case b"+":
                return Status(rest)
            case b"-":
                return Failure(rest.decode("utf-8", "replace"))
            case b"*":
                return (yield from self._array(int(rest)))
            case _:
                raise ValueError(f"not RESP2: {kind!r}")

    def _bulk(self, length: int) -> Generator[None, None, bytes | None]:
        if length < 0:
            return None
        while len(self._buffer) < self._position + length + 2:
            yield
        value = bytes(self._buffer[self._position : self._position + length])
        self._position += length + 2
        return value

    def _array(self, length: int) -> Generator[None, None, list[Reply] | None]:
        if length < 0:
            return None
        items: list[Reply] = []
        for _ in range(length):
            items.append((yield from self._reply()))  # noqa: PERF401 (a comprehension can't yield)
        return items
