"""What a host has sent: commits, trees and contents by id. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from git.history.objects import FOLDER, CommitHead, Entry, Kind, commit_head, tree_entries

MOST_FILES = 100_000
LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Fetched:
    """Objects; `shallow` if the past of the commits goes on at the host."""

    commits: dict[str, CommitHead]
    trees: dict[str, bytes]
    blobs: dict[str, bytes]
    shallow: bool

    @staticmethod
    def of(objects: Iterable[tuple[Kind, str, bytes]], *, shallow: bool) -> "Fetched":
        """These objects; raises ValueError if one is damaged."""
        fetched = Fetched({}, {}, {}, shallow)
        for kind, name, data in objects:
            if kind == "commit":
                fetched.commits[name] = commit_head(data)
            else:
                (fetched.trees if kind == "tree" else fetched.blobs)[name] = data
        return fetched

    def files(self, commit: str) -> dict[str, Entry]:
        """All that a commit holds but for folders, by path. Raises ValueError for more than MOST_FILES."""
        return self.files_of_tree(self.commits[commit].tree)

    def files_of_tree(self, tree: str) -> dict[str, Entry]:
        """All that a tree holds but for folders, by path. Raises ValueError for more than MOST_FILES."""
        files: dict[str, Entry] = {}
        for path, entry in self._below("", tree):
            files[path] = entry
            if len(files) > MOST_FILES:  # a few small trees can stand for any number of files
                raise ValueError("too many files")
        return files

    def past(self, commit: str) -> set[str]:
        """The commit and all before it that are here."""
        found, waiting = set[str](), [commit]
        while waiting:
            at = waiting.pop()
            if at not in found and at in self.commits:
                found.add(at)
                waiting += self.commits[at].parents
        return found

    def _below(self, folder: str, tree: str) -> Iterator[tuple[str, Entry]]:
        for name, entry in tree_entries(self.trees[tree]).items():
            path = folder + name
            if len(path) > LONGEST_PATH:
                raise ValueError("a path is too long")
            if entry.mode == FOLDER:
                yield from self._below(f"{path}/", entry.id)
            else:
                yield path, entry
