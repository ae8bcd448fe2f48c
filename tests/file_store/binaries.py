"""Binary contents for the tests of the stores and their routes."""

import random
import struct
import zlib


def png(width: int, height: int, seed: int = 0) -> bytes:
    """A picture of noise, which does not compress well."""
    rows = random.Random(seed)  # noqa: S311 - the same picture in every run
    lines = b"".join(b"\0" + rows.randbytes(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


LOGO = png(3, 2)
EVERY_BYTE = bytes(range(256))
