"""Lines for the person at the terminal, who need not read them."""

import contextlib
import os
import select

# What a pipe that takes anything takes at once: https://man7.org/linux/man-pages/man7/pipe.7.html
_PIECE_BYTES = 4096
STDOUT = 1
STDERR = 2


def say(text: str, stream: int = STDOUT) -> None:
    """Writes a line. What a full pipe or a closed terminal does not take is dropped: the stack goes on."""
    rest = f"{text}\n".encode(errors="replace")
    with contextlib.suppress(OSError):
        while rest and select.select([], [stream], [], 0)[1]:
            rest = rest[os.write(stream, rest[:_PIECE_BYTES]) :]
