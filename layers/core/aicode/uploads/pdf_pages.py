"""Reads a PDF from the standard input and tells its number of pages, or `encrypted`.

Run as a process, which limits itself: what it reads was made by others. It ends in an error where the PDF is
broken or too much for it.
"""

import contextlib
import resource
import sys
from io import BytesIO

CPU_SECONDS = 10
# Several times what an honest PDF of 10 MB takes, and half of what the apps function has.
MEMORY_BYTES = 256 * 1024 * 1024


def main() -> None:
    """Tells of the one PDF."""
    with contextlib.suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from pypdf import PdfReader  # noqa: PLC0415 - within the limits, and only in this process

    reader = PdfReader(BytesIO(sys.stdin.buffer.read()))
    sys.stdout.write("encrypted" if reader.is_encrypted else str(len(reader.pages)))


if __name__ == "__main__":
    main()
