"""The file changes of one batch so far, kept in memory until the batch is committed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from aicode.file_store.store import Change, Move, Put, Remove
from chat.agent.tools.content import Binary, Content
from chat.agent.tools.stored_files import StoredFile


@dataclass(frozen=True, slots=True)
class _Operation:
    """One call's write (`content`), deletion (None) or rename (`new_path`)."""

    call_id: str
    path: str
    content: Content | None = None
    new_path: str | None = None

    @property
    def paths(self) -> set[str]:
        return {self.path, self.new_path} if self.new_path else {self.path}


@dataclass(frozen=True, slots=True)
class _PathState:
    """A path after the operations so far: its content, None if deleted, and the calls that made it.

    `origin` is the path under which the store has this file, None for a new one.
    """

    content: Content | None
    origin: str | None
    calls: tuple[str, ...] = ()


class Staged:
    """Writes, deletions and renames over the files that the store had."""

    def __init__(self) -> None:
        self._bases: dict[str, StoredFile | None] = {}
        self._operations: list[_Operation] = []
        self._states: dict[str, _PathState] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._states

    def content(self, path: str) -> Content | None:
        """The content of a staged path; None if it is deleted."""
        return self._states[path].content

    def contents(self) -> dict[str, Content | None]:
        """The content of every staged path; None for a deleted one."""
        return {path: state.content for path, state in self._states.items()}

    def calls(self) -> list[str]:
        """The calls that changed something, in order."""
        return list(dict.fromkeys(operation.call_id for operation in self._operations))

    def write(self, call_id: str, path: str, content: Content, base: StoredFile | None) -> None:
        """Stages a new content; `base` is the stored file; only a path's first operation sets it."""
        self._add(_Operation(call_id, path, content), {path: base})

    def delete(self, call_id: str, path: str, base: StoredFile | None) -> None:
        """Stages a deletion."""
        self._add(_Operation(call_id, path), {path: base})

    def rename(self, call_id: str, path: str, new_path: str, base: StoredFile | None) -> None:
        """Stages a rename to a path that is free."""
        self._add(_Operation(call_id, path, new_path=new_path), {path: base, new_path: None})

    def rebase(self, path: str, file: StoredFile) -> bool:
        """Bases the path's changes on this version of the stored file; False if its content is another."""
        base = self._bases.get(path)
        if base is None or base.content != file.content:
            return False
        self._bases[path] = file
        return True

    def take_out(self, path: str | None) -> list[str]:
        """Withdraws the calls that changed `path`, and later calls that built on them; gives them all.

        If `path` is not staged, the last call is withdrawn. The first call given is the one that failed.
        """
        tainted: set[str] = set()
        out: list[str] = []
        if path is not None and path in self._states:
            tainted.add(path)
        else:
            out.append(self._operations[-1].call_id)
        for operation in self._operations:
            if operation.call_id in out or operation.paths & tainted:
                tainted |= operation.paths
                out.append(operation.call_id)
        self._operations = [operation for operation in self._operations if operation.call_id not in out]
        self._states = {}
        for operation in self._operations:
            self._apply(operation)
        return list(dict.fromkeys(out))

    def changes(self) -> list[Change]:
        """The changes to commit, at most one of each path, in an order in which the store can apply them.

        What several calls did to a path is one change. Its `tool_id` lists the calls, separated by spaces.
        Two changes would not do, because only the store knows the version between them.
        """
        moves = {state.origin: path for path, state in self._states.items() if self._is_move(path, state)}
        removes = [
            Remove(path, base.version, " ".join(state.calls))
            for path, state in self._states.items()
            if state.content is None and path not in moves and (base := self._bases[path])
        ]
        moved = [change for path in moves.values() for change in self._move(path)]
        puts = [
            change
            for path in self._states
            if path not in moves.values()
            for change in self._put(path, path, self._states[path])
        ]
        return [*removes, *moved, *puts]

    def _is_move(self, path: str, state: _PathState) -> bool:
        """True for a stored file that is now at a path that was free, and has left its own path free."""
        origin = state.origin
        return (
            state.content is not None
            and origin is not None
            and origin != path
            and not self._bases[path]
            and self._states[origin].content is None
        )

    def _move(self, path: str) -> Iterator[Change]:
        """Writes a new content to the old path before the move, because only its version there is known."""
        state = self._states[path]
        origin = state.origin or path
        base = self._bases[origin]
        version = base.version if base else 0
        for put in self._put(origin, origin, state):
            version += 1
            yield put
        yield Move(origin, path, version, " ".join(state.calls))

    def _put(self, path: str, base_path: str, state: _PathState) -> Iterator[Change]:
        base = self._bases[base_path]
        if state.content is not None and (base is None or base.content != state.content):
            yield _put(path, state.content, base.version if base else 0, " ".join(state.calls))

    def _add(self, operation: _Operation, bases: dict[str, StoredFile | None]) -> None:
        for path, base in bases.items():
            self._bases.setdefault(path, base)
        self._operations.append(operation)
        self._apply(operation)

    def _state(self, path: str) -> _PathState:
        base = self._bases[path]
        untouched = _PathState(base.content, path) if base else _PathState(None, None)
        return self._states.get(path, untouched)

    def _apply(self, operation: _Operation) -> None:
        before = self._state(operation.path)
        calls = (*before.calls, operation.call_id)
        if operation.new_path is not None:
            target = self._state(operation.new_path)
            self._states[operation.path] = _PathState(None, None, calls)
            joined = tuple(dict.fromkeys((*target.calls, *calls)))
            self._states[operation.new_path] = _PathState(before.content, before.origin, joined)
        else:
            origin = before.origin if operation.content is not None else None
            self._states[operation.path] = _PathState(operation.content, origin, calls)


def _put(path: str, content: Content, base_version: int, calls: str) -> Put:
    if isinstance(content, Binary):
        return Put(path, content.data, base_version, calls, content.media_type)
    return Put(path, content, base_version, calls)
