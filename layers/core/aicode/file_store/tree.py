"""Which paths of an app collide with each other. Pure."""

from collections.abc import Iterable, Iterator

from aicode.file_store.paths import path_key


class _Name:
    """A file, or a folder; `files` counts the files at or below it."""

    __slots__ = ("files", "is_file", "spelling")

    def __init__(self, spelling: str, *, is_file: bool) -> None:
        self.spelling = spelling
        self.is_file = is_file
        self.files = 0


class Tree:
    """The files and folders of an app; finds out if a further path would collide with one of them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names: dict[str, _Name] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Adds a path that has no `conflict`."""
        for key, spelling in _prefixes(path):
            name = self._names.get(key)
            if name is None:
                name = self._names[key] = _Name(spelling, is_file=spelling == path)
            name.files += 1

    def remove(self, path: str) -> None:
        """Removes a path, and the folders that only it was in."""
        for key, _ in _prefixes(path):
            self._names[key].files -= 1
            if self._names[key].files == 0:
                del self._names[key]

    def conflict(self, path: str) -> str | None:
        """The existing file or folder with which this path would collide, if there is one."""
        for key, spelling in _prefixes(path):
            name = self._names.get(key)
            if name and (name.spelling != spelling or name.is_file or spelling == path):
                return name.spelling
        return None


def _prefixes(path: str) -> Iterator[tuple[str, str]]:
    """The key and the spelling of each folder that a path is in, and of the path itself."""
    keys, spellings = path_key(path).split("/"), path.split("/")
    return (("/".join(keys[:n]), "/".join(spellings[:n])) for n in range(1, len(keys) + 1))
