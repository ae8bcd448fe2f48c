"""The data folder is its owner's alone: it holds what vendors wrote, and the keys that are in their files."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def private_files(folder: Path) -> Generator[None]:
    """Makes the folder if there is none, for its owner alone; so is what this process and its children write.

    A folder from before is narrowed. One that belongs to somebody else or is meant for all, such as /tmp,
    stays as it is: there the files alone are private.
    """
    before = os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mode = folder.stat().st_mode
        if not mode & stat.S_ISVTX:
            with suppress(PermissionError):
                folder.chmod(0o700)
        yield
    finally:
        os.umask(before)
