"""Merges what two sides made of a file, and of all files. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from git.history.folders import Folders
from git.history.objects import Entry, Packed
from git.merge.lines import merge_texts

Read = Callable[[str], bytes | None]
"""The content with an id, None if it is not at hand: then its file cannot be merged."""


@dataclass(slots=True)
class Merger:
    """Merges files one by one, and keeps the contents that it makes and the paths that are in conflict.

    In a conflict the side that is called ours counts.
    """

    read: Read
    made: dict[str, Packed] = field(default_factory=dict[str, Packed])
    conflicts: set[str] = field(default_factory=set[str])

    def merge(self, path: str, base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Entry | None:
        """What becomes of a path. Of a file that both have, the other side's mode stays: an app has none."""
        if _same(ours, base):
            return theirs
        if _same(theirs, base) or _same(ours, theirs):
            return Entry(theirs.mode, ours.id) if ours and theirs and theirs.is_file else ours
        merged = self._merged(base, ours, theirs)
        if merged is None:
            self.conflicts.add(path)
            return ours
        return merged

    def _merged(self, base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Entry | None:
        if not (base and ours and theirs and base.is_file and theirs.is_file):
            return None
        texts = [_text(self.read(side.id)) for side in (ours, base, theirs)]
        mine, before, other = texts
        if mine is None or before is None or other is None:
            return None
        text = merge_texts(mine, before, other)
        if text is None:
            return None
        packed = Packed.of("blob", text.encode())
        self.made[packed.id] = packed
        return Entry(theirs.mode, packed.id)


def merge_files(
    merger: Merger, base: Mapping[str, Entry], ours: Mapping[str, Entry], theirs: Mapping[str, Entry]
) -> Folders:
    """All files of both sides. A file and a folder of one name are a conflict, and names that differ in case.

    Such names cannot be checked out side by side on macOS and Windows.
    """
    merged = Folders({})
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        entry = merger.merge(path, base.get(path), ours.get(path), theirs.get(path))
        if entry is None:
            continue
        obstacles = list(merged.in_the_way(path))
        if obstacles:
            merger.conflicts.add(path)
            if path not in ours:
                continue
            for obstacle in obstacles:
                merged.remove(obstacle)
        merged.put(path, entry)
    added = {path.casefold() for path in theirs.keys() - ours.keys() if path in merged.files}
    mine = (path for path in ours.keys() - theirs.keys() if path in merged.files)
    merger.conflicts.update(path for path in mine if path.casefold() in added)
    return merged


def _same(one: Entry | None, other: Entry | None) -> bool:
    """True for the same content, whatever the mode of a file."""
    if one is None or other is None:
        return one is other
    return one.id == other.id and (one == other or (one.is_file and other.is_file))


def _text(data: bytes | None) -> str | None:
    if data is None or b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
