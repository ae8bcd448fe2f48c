"""A conversation with esbuild's service: one build, and what it asks for on the way."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from build.esbuild.packets import Packet, Value, decode, encode
from build.processes import Limits, Running, Stopped, broken_off, running

VERSION = "0.28.2"
PROGRAM = "@esbuild/*/bin/esbuild"
"""Where it is below node_modules."""
_BUILD = 0

Answer = Callable[[dict[str, Value]], dict[str, Value]]


async def build(
    program: str, request: dict[str, Value], answer: Answer, *, cwd: Path, limits: Limits
) -> dict[str, Value]:
    """What the service answers to the request; `answer` answers what it asks meanwhile.

    Raises Stopped where it goes beyond its limits.
    """
    command = [program, f"--service={VERSION}", "--ping"]
    async with running(command, cwd=cwd, limits=limits) as started:
        conversation = _Conversation(started, limits.output_bytes)
        try:
            return await conversation.hold(request, answer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await broken_off(started, limits) from error


class _Conversation:
    def __init__(self, started: Running, output_bytes: int) -> None:
        self._writer = started.writer
        self._reader = started.reader
        self._left = output_bytes

    async def hold(self, request: dict[str, Value], answer: Answer) -> dict[str, Value]:
        version = (await self._read()).decode()
        if version != VERSION:
            raise RuntimeError(f"esbuild is {version}, not {VERSION}.")
        self._write(Packet(_BUILD, True, request))
        while True:
            packet = decode(await self._read())
            value = cast("dict[str, Value]", packet.value)
            if packet.is_request:
                self._write(Packet(packet.id, False, answer(value)))
                await self._writer.drain()
            else:
                return value

    async def _read(self) -> bytes:
        size = int.from_bytes(await self._reader.readexactly(4), "little")
        self._left -= size
        if self._left < 0:
            raise Stopped("made more than it may")
        return await self._reader.readexactly(size)

    def _write(self, packet: Packet) -> None:
        self._writer.write(encode(packet))


def strings(values: Sequence[str]) -> list[Value]:
    """A list of strings as a value of a packet."""
    return list(values)
