"""What a file store tells of an app's whole history."""

import pytest

from aicode.errors import NotFound
from aicode.file_store.store import Commit, FileStore, Move, Put, Remove, TurnRef


@pytest.fixture
async def app(store: FileStore) -> str:
    """Revisions: a turn (1), a save in its midst (2), the turn again (3), a rename and a deletion (4)."""
    app = (await store.create_app("alice", "Todo"))["appId"]
    turn = TurnRef("session", 1, 1)
    for commit in (
        Commit(changes=[Put("a", "1", 0)], author="ai", message="Make it", turn=turn),
        Commit(changes=[Put("b", "2", 0)], author="vendor", message="Save b"),
        Commit(changes=[Put("a", "3", 1)], author="ai", message="Make it", turn=turn),
        Commit(changes=[Move("a", "c", 2), Remove("b", 1)], author="vendor", message="Tidy up"),
    ):
        await store.commit("alice", app, commit)
    return app


async def _told(store: FileStore, app: str, after: int = 0) -> tuple[int, list[str], list[dict[str, str]]]:
    """The revision, the files, and of each step the contents by path, empty for no file."""
    history = await store.history("alice", app, after=after)
    steps: list[dict[str, str]] = []
    for step in history.steps:
        read = await store.read_contents("alice", app, [file.sha for file in step.files if file.sha])
        steps.append({file.path: read[file.sha].decode() if file.sha else "" for file in step.files})
    return history.revision, [file.path for file in history.files], steps


async def test_each_checkpoint_has_the_paths_that_it_left_otherwise(store: FileStore, app: str):
    history = await store.history("alice", app)

    assert [step.checkpoint["message"] for step in history.steps] == ["Save b", "Make it", "Tidy up"]
    assert await _told(store, app) == (
        0,
        [],
        [{"a": "1", "b": "2"}, {"a": "3"}, {"a": "", "b": "", "c": "3"}],
    )


async def test_it_begins_where_it_is_wanted(store: FileStore, app: str):
    assert await _told(store, app, after=2) == (2, ["a", "b"], [{"a": "3"}, {"a": "", "b": "", "c": "3"}])
    assert await _told(store, app, after=4) == (4, ["c"], [])


async def test_nobody_reads_the_history_or_contents_of_anothers_app(store: FileStore, app: str):
    history = await store.history("alice", app)
    shas = [file.sha for step in history.steps for file in step.files if file.sha]
    foreign = (await store.create_app("bob", "Mine"))["appId"]

    with pytest.raises(NotFound):
        await store.history("bob", app)
    with pytest.raises(NotFound):
        await store.read_contents("bob", app, shas)
    with pytest.raises(NotFound):
        await store.read_contents("bob", foreign, shas)
