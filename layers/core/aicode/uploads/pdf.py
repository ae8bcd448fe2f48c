"""How many pages a PDF has, counted in a process of its own: a PDF can be made to exhaust its reader."""

import os
import subprocess
import sys
import threading

from aicode.errors import AICodeError

SECONDS = 10
_ENCRYPTED = "encrypted"
# Each reader may take a quarter of the memory that the chat function has, so there is one at a time.
_ONE_READER = threading.Lock()
# Of this process's variables all that Python itself may need to start; none of its secrets.
_PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT")


class UnreadablePdf(AICodeError):
    """The PDF cannot be taken; the message says why, to the vendor."""


def count_pages(data: bytes) -> int:
    """The number of pages, 1 or more. Raises UnreadablePdf, also after SECONDS. Blocking."""
    variables = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        with _ONE_READER:
            reader = subprocess.run(
                [sys.executable, "-m", "aicode.uploads.pdf_pages"],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**variables, "PYTHONPATH": os.pathsep.join(sys.path)},
                timeout=SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise _unreadable() from None
    told = reader.stdout.decode("ascii", "replace").strip()
    if told == _ENCRYPTED:
        raise UnreadablePdf("This PDF has a password.")
    if reader.returncode or not told.isdecimal() or told == "0":
        raise _unreadable()
    return int(told)


def _unreadable() -> UnreadablePdf:
    return UnreadablePdf("This PDF cannot be read.")
