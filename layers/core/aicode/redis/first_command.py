"""Sends the first commands of a process, each over a socket of its own.

Importing upstash-redis and httpx takes longer than everything else that a cold function does before it
answers. So the first requests are sent without them, by asyncio alone, as the same JSON to the same REST API.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from aicode.tls import certificates

LIMIT = 64 * 1024 * 1024


class WireError(Exception):
    """The database did not answer, or its answer was not HTTP with JSON."""


async def send(
    url: str, headers: Mapping[str, str], command: Sequence[object], seconds: float
) -> tuple[int, object]:
    """The status and the parsed JSON of the answer to one POST. Raises WireError, also after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            body = json.dumps(command, separators=(",", ":")).encode("ascii")
            return await _exchange(url, headers, body)
    except (OSError, EOFError, ValueError, IndexError, TimeoutError, asyncio.LimitOverrunError) as error:
        raise WireError from error


async def _exchange(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, object]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(
        parts.hostname, port, ssl=certificates() if secure else None, limit=LIMIT
    )
    try:
        head = [
            f"POST {parts.path or '/'} HTTP/1.1",
            f"Host: {parts.netloc.rpartition('@')[2]}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            "Connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, object]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunked(reader)
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    return int(first.split(" ")[1]), json.loads(body)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return body
