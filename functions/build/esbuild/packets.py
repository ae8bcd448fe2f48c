"""The packets of esbuild's service, as its own JavaScript library writes and reads them.

The format belongs to one version of esbuild, which the service is told when it starts:
https://github.com/evanw/esbuild/blob/v0.28.2/lib/shared/stdio_protocol.ts
"""

import struct
from dataclasses import dataclass
from typing import TypeAlias, cast

Value: TypeAlias = "bool | int | str | bytes | list[Value] | dict[str, Value] | None"

_UINT32 = struct.Struct("<I")
_INT32 = struct.Struct("<i")


@dataclass(frozen=True, slots=True)
class Packet:
    """A question, or the answer to the question of the same number."""

    id: int
    is_request: bool
    value: Value


def encode(packet: Packet) -> bytes:
    """The packet with its length in front."""
    parts = [_UINT32.pack(packet.id << 1 | (not packet.is_request))]
    _write(parts, packet.value)
    body = b"".join(parts)
    return _UINT32.pack(len(body)) + body


def _write(parts: list[bytes], value: Value) -> None:
    if isinstance(value, list):
        parts.append(b"\5" + _UINT32.pack(len(value)))
        for item in value:
            _write(parts, item)
    elif isinstance(value, dict):
        parts.append(b"\6" + _UINT32.pack(len(value)))
        for name, item in value.items():
            parts.append(_sized(name.encode()))
            _write(parts, item)
    else:
        parts.append(_single(value))


def _single(value: bool | int | str | bytes | None) -> bytes:
    match value:
        case None:
            return b"\0"
        case bool():
            return b"\1\1" if value else b"\1\0"
        case int():
            return b"\2" + _INT32.pack(value)
        case str():
            return b"\3" + _sized(value.encode())
        case bytes():
            return b"\4" + _sized(value)


def _sized(data: bytes) -> bytes:
    return _UINT32.pack(len(data)) + data


def decode(body: bytes) -> Packet:
    """The packet of these bytes, without the length. Raises ValueError where they are none."""
    reader = _Reader(body)
    number = reader.number()
    return Packet(number >> 1, not number & 1, reader.value())


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def _take(self, size: int) -> bytes:
        taken = self._body[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("The packet is cut off.")
        self._at += size
        return taken

    def number(self) -> int:
        return cast("int", _UINT32.unpack(self._take(4))[0])

    def _bytes(self) -> bytes:
        return self._take(self.number())

    def value(self) -> Value:
        kind = self._take(1)[0]
        if kind == 5:
            return [self.value() for _ in range(self.number())]
        if kind == 6:
            return {self._bytes().decode(): self.value() for _ in range(self.number())}
        return self._single(kind)

    def _single(self, kind: int) -> bool | int | str | bytes | None:
        match kind:
            case 0:
                return None
            case 1:
                return self._take(1) != b"\0"
            case 2:
                return cast("int", _INT32.unpack(self._take(4))[0])
            case 3:
                return self._bytes().decode(errors="replace")
            case 4:
                return self._bytes()
            case _:
                raise ValueError(f"There is no value of the kind {kind}.")
