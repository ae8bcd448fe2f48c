"""What the chat function asks of the git function, and what it knows of an app's repository without it."""

from collections.abc import Mapping
from typing import Any

import pytest

from aicode.errors import RemoteFailed, StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put
from aicode.invoke import FunctionFailed, NotInvoked
from chat.agent.tools.git_function import DOCUMENT, GitPusher
from chat.agent.tools.push_app import Pushed

CONNECTED = {"url": "https://git.example/todo.git", "branch": "main", "token": "sealed"}


@pytest.fixture
async def app(store: SqliteFileStore) -> str:
    return (await store.create_app("alice", "Todo"))["appId"]


def pusher(store: SqliteFileStore, app: str, answer: Any = None) -> tuple[GitPusher, list[Any]]:
    """A pusher whose function gives this answer, or raises it, and what the function was asked."""
    asked: list[Any] = []

    async def ask(event: Mapping[str, object]) -> Any:
        asked.append(event)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return GitPusher(ask, store, "alice", app), asked


async def connect(store: SqliteFileStore, app: str, value: Mapping[str, Any]) -> None:
    assert await store.write_document("alice", app, DOCUMENT, value, version=0)


async def test_an_app_without_a_repository_or_without_its_token_has_none(store: SqliteFileStore, app: str):
    assert await pusher(store, app)[0].remote() is None

    await connect(store, app, {"url": "https://git.example/todo.git", "branch": "main"})
    assert await pusher(store, app)[0].remote() is None


async def test_a_repository_is_told_without_its_token(store: SqliteFileStore, app: str):
    await connect(store, app, {**CONNECTED, "synced": {"revision": 4}, "pushedAt": 9})

    assert await pusher(store, app)[0].remote() == {
        "url": "https://git.example/todo.git",
        "branch": "main",
        "pushedRevision": 4,
        "pushedAt": 9,
    }


async def test_commits_are_counted_from_a_revision_on(store: SqliteFileStore, app: str):
    for number in range(5):
        commit = Commit(changes=[Put(f"{number}.txt", "", 0)], author="vendor", message="")
        await store.commit("alice", app, commit)

    counted = [await pusher(store, app)[0].commits_since(*of) for of in ((0, 10), (3, 10), (5, 10), (0, 2))]
    assert counted == [5, 2, 0, 2]


async def test_the_function_is_asked_to_push_the_vendors_app(store: SqliteFileStore, app: str):
    answer = {"result": "pushed", "branch": "main", "commit": "0a", "skipped": [".env"]}
    git, asked = pusher(store, app, answer)

    assert await git.push("Add a mode") == Pushed(
        result="pushed", branch="main", commit="0a", skipped=[".env"]
    )
    assert asked == [{"push": {"vendor": "alice", "appId": app, "message": "Add a mode"}}]


async def test_a_host_that_refuses_is_told_in_its_words(store: SqliteFileStore, app: str):
    with pytest.raises(RemoteFailed, match="denied"):
        await pusher(store, app, {"error": "remote: Permission denied"})[0].push(None)


@pytest.mark.parametrize("failure", [NotInvoked("away"), FunctionFailed("broken")])
async def test_without_an_answer_nobody_knows(store: SqliteFileStore, app: str, failure: Exception):
    with pytest.raises(StoreUnavailable):
        await pusher(store, app, failure)[0].push(None)
