"""The files of a commit as git's trees: changed file by file, written folder by folder. Pure."""

from collections.abc import Callable, Iterator, Mapping

from git.history.objects import FOLDER, Entry, Packed, tree_data


class Folders:
    """Files by path, and the trees that hold them; `write` makes only those that a change has reached."""

    def __init__(self, files: Mapping[str, Entry]) -> None:
        self.files: dict[str, Entry] = {}
        self._folders: dict[str, dict[str, Entry | None]] = {"": {}}
        self._changed: set[str] = {""}
        for path, entry in files.items():
            self.put(path, entry)

    def put(self, path: str, entry: Entry) -> None:
        """Puts a file there; nothing may be in its way."""
        self.files[path] = entry
        folder, _, name = path.rpartition("/")
        self._open(folder)[name] = entry

    def remove(self, path: str) -> None:
        """Removes a file that is there, and the folders that are empty then."""
        del self.files[path]
        while path:
            folder, _, name = path.rpartition("/")
            entries = self._open(folder)
            del entries[name]
            if entries or not folder:
                return
            del self._folders[folder]
            self._changed.discard(folder)
            path = folder

    def in_the_way(self, path: str) -> Iterator[str]:
        """The files that cannot be there beside a file of this path: above it, or below it."""
        if path in self._folders:
            yield from (other for other in self.files if other.startswith(f"{path}/"))
        parts = path.split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if above in self.files:
                yield above

    def write(self, made: Callable[[Packed], None]) -> str:
        """The id of the whole; each tree that is not as it was before is given to `made`."""
        for folder in sorted(self._changed, key=lambda each: each.count("/") + bool(each), reverse=True):
            entries = {name: entry for name, entry in self._folders[folder].items() if entry is not None}
            tree = Packed.of("tree", tree_data(entries))
            made(tree)
            above, _, name = folder.rpartition("/")
            if folder:
                self._folders[above][name] = Entry(FOLDER, tree.id)
            else:
                self._root = tree.id
        self._changed.clear()
        return self._root

    def _open(self, folder: str) -> dict[str, Entry | None]:
        """The folder's entries, which are about to change, and so are all folders above."""
        if folder not in self._folders:
            self._folders[folder] = {}
        at = folder
        while at and at not in self._changed:
            above, _, name = at.rpartition("/")
            self._changed.add(at)
            if above not in self._folders:
                self._folders[above] = {}
            self._folders[above][name] = None  # written with the folder
            at = above
        self._changed.add("")
        return self._folders[folder]
