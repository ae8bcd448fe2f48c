"""What the calls of one batch have changed so far, kept in memory until the batch is committed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from aicode.api_types import File
from aicode.file_store.store import Change, Move, Put, Remove


@dataclass(frozen=True, slots=True)
class _Step:
    """One call's write (`text`), deletion (None) or rename (`new_path`)."""

    call_id: str
    path: str
    text: str | None = None
    new_path: str | None = None

    @property
    def paths(self) -> set[str]:
        return {self.path, self.new_path} if self.new_path else {self.path}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A path after the steps so far. `origin` is the path of the stored file that became this one."""

    text: str | None
    origin: str | None
    calls: tuple[str, ...] = ()


class Staged:
    """Writes, deletions and renames over the files that the store had."""

    def __init__(self) -> None:
        self._bases: dict[str, File | None] = {}
        self._steps: list[_Step] = []
        self._entries: dict[str, _Entry] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def text(self, path: str) -> str | None:
        """The text of a staged path; None where it is deleted."""
        return self._entries[path].text

    def texts(self) -> dict[str, str | None]:
        """Every staged path."""
        return {path: entry.text for path, entry in self._entries.items()}

    def calls(self) -> list[str]:
        """The calls that changed something, in order."""
        return list(dict.fromkeys(step.call_id for step in self._steps))

    def write(self, call_id: str, path: str, text: str, base: File | None) -> None:
        """Stages a new text; `base` is what the store holds, and counts for a path's first step only."""
        self._add(_Step(call_id, path, text), {path: base})

    def delete(self, call_id: str, path: str, base: File | None) -> None:
        """Stages a deletion."""
        self._add(_Step(call_id, path), {path: base})

    def rename(self, call_id: str, path: str, new_path: str, base: File | None) -> None:
        """Stages a rename to a path that is free."""
        self._add(_Step(call_id, path, new_path=new_path), {path: base, new_path: None})

    def take_out(self, path: str | None) -> list[str]:
        """Withdraws the calls that changed `path`, and later ones that built on what they did.

        Where no staged path is named, the last call. The first of the answer is the call that failed.
        """
        tainted: set[str] = set()
        out: list[str] = []
        if path is not None and path in self._entries:
            tainted.add(path)
        else:
            out.append(self._steps[-1].call_id)
        for step in self._steps:
            if step.call_id in out or step.paths & tainted:
                tainted |= step.paths
                out.append(step.call_id)
        self._steps = [step for step in self._steps if step.call_id not in out]
        self._entries = {}
        for step in self._steps:
            self._apply(step)
        return list(dict.fromkeys(out))

    def changes(self) -> list[Change]:
        """At most one change of a path, in an order in which the store can apply them.

        What several calls did to a path is one change whose `tool_id` lists them, separated by spaces: the
        version between two changes of a commit is the store's to know.
        """
        moves = {entry.origin: path for path, entry in self._entries.items() if self._is_move(path, entry)}
        removes = [
            Remove(path, base["version"], " ".join(entry.calls))
            for path, entry in self._entries.items()
            if entry.text is None and path not in moves and (base := self._bases[path])
        ]
        moved = [change for path in moves.values() for change in self._move(path)]
        puts = [
            change
            for path in self._entries
            if path not in moves.values()
            for change in self._put(path, path, self._entries[path])
        ]
        return [*removes, *moved, *puts]

    def _is_move(self, path: str, entry: _Entry) -> bool:
        """A stored file under a path that was free, while its own is free now."""
        origin = entry.origin
        return (
            entry.text is not None
            and origin is not None
            and origin != path
            and not self._bases[path]
            and self._entries[origin].text is None
        )

    def _move(self, path: str) -> Iterator[Change]:
        """The new text goes to the old path first: only there the version is known beforehand."""
        entry = self._entries[path]
        origin = entry.origin or path
        base = self._bases[origin]
        version = base["version"] if base else 0
        for put in self._put(origin, origin, entry):
            version += 1
            yield put
        yield Move(origin, path, version, " ".join(entry.calls))

    def _put(self, path: str, base_path: str, entry: _Entry) -> Iterator[Change]:
        base = self._bases[base_path]
        if entry.text is not None and (base is None or base["content"] != entry.text):
            yield Put(path, entry.text, base["version"] if base else 0, " ".join(entry.calls))

    def _add(self, step: _Step, bases: dict[str, File | None]) -> None:
        for path, base in bases.items():
            self._bases.setdefault(path, base)
        self._steps.append(step)
        self._apply(step)

    def _entry(self, path: str) -> _Entry:
        base = self._bases[path]
        untouched = _Entry(base["content"], path) if base else _Entry(None, None)
        return self._entries.get(path, untouched)

    def _apply(self, step: _Step) -> None:
        before = self._entry(step.path)
        calls = (*before.calls, step.call_id)
        if step.new_path is not None:
            target = self._entry(step.new_path)
            self._entries[step.path] = _Entry(None, None, calls)
            joined = tuple(dict.fromkeys((*target.calls, *calls)))
            self._entries[step.new_path] = _Entry(before.text, before.origin, joined)
        else:
            origin = before.origin if step.text is not None else None
            self._entries[step.path] = _Entry(step.text, origin, calls)
