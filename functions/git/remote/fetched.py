"""What a host has sent: commits, trees and contents by id. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aicode.errors import RemoteFailed
from git.history.objects import FOLDER, CommitHead, Entry, Kind, commit_head, tree_entries

# Files and folders.
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
        """All that a commit holds but for folders, by path. Raises RemoteFailed for more than MOST_FILES."""
        try:
            files = dict(self._below(self.commits[commit].tree))
        except (LookupError, ValueError):
            raise RemoteFailed("What the host sent of the branch cannot be read.") from None
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

    def _below(self, tree: str) -> Iterator[tuple[str, Entry]]:
        waiting, seen = [("", tree)], 0
        while waiting:
            folder, at = waiting.pop()
            for name, entry in tree_entries(self.trees[at]).items():
                path, seen = folder + name, seen + 1
                # A few small trees can stand for any number of files and folders.
                if seen > MOST_FILES or len(path) > LONGEST_PATH:
                    raise RemoteFailed(f"The branch holds more than {MOST_FILES:,} files, or too long paths.")
                if entry.mode == FOLDER:
                    waiting.append((f"{path}/", entry.id))
                else:
                    yield path, entry
