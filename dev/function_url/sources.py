"""Notices that the functions' source has changed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


class Sources:
    """The source files below some folders; compiled and hidden files don't count."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = [str(folder) for folder in folders]
        self._seen = frozenset(self._scan())
        self._version = 0

    def version(self) -> int:
        """A number that has grown if any file was written, made or deleted since the last call."""
        current = frozenset(self._scan())
        if current != self._seen:
            self._seen = current
            self._version += 1
        return self._version

    def _scan(self) -> Iterator[tuple[str, int, int]]:
        pending = list(self._folders)
        while pending:
            try:
                with os.scandir(pending.pop()) as entries:
                    for entry in entries:
                        if entry.name.startswith((".", "__pycache__")):
                            continue
                        if entry.is_dir():
                            pending.append(entry.path)
                        else:
                            stat = entry.stat()
                            yield entry.path, stat.st_mtime_ns, stat.st_size
            except FileNotFoundError:
                continue  # renamed or deleted while it was being looked at: the next scan sees it
