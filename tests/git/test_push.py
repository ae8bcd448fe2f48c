"""Pushing an app to a real git host: what lands there, what never does, and what if others were faster."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from git_client import Vendor
from git_server import TOKEN, GitServer, git

from aicode.file_store.limits import Limits
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import FileStore, Move, Remove
from tests.observing import Operators


@pytest.fixture
async def connected(alice: Vendor, server: GitServer) -> Vendor:
    await alice.ask("Make a todo list", src__App_dot_tsx="one\ntwo\nthree\nfour\n", README_dot_md="# Todo\n")
    answer = await alice.connect(server.url, TOKEN)
    assert answer.json == {"success": True, "remote": {"url": server.url, "branch": "main"}}
    return alice


async def test_the_first_push_has_one_commit_a_checkpoint(connected: Vendor, server: GitServer):
    revision = await connected.save("src/App.tsx", "one\ntwo\nthree\n4\n")

    pushed = await connected.push()

    assert pushed == {
        "success": True,
        "result": "pushed",
        "branch": "main",
        "commit": server.tip(),
        "skipped": [],
    }
    assert server.log() == ["Save src/App.tsx", "Make a todo list"]
    assert (
        git(server.bare, "log", "--format=%an <%ae> %(trailers:key=Co-authored-by)", "main")
        .split("\n")[-1]
        .startswith("alice <alice@users.noreply.invalid> Co-authored-by: Claude")
    )
    remote = (await connected.send("GET", f"/{connected.app}/git")).json["remote"]
    assert remote == {
        "url": server.url,
        "branch": "main",
        "pushedRevision": revision,
        "pushedAt": 1_800_000_000_000,
    }


async def test_a_push_without_changes_is_up_to_date(connected: Vendor, server: GitServer):
    first = await connected.push()

    again = await connected.push()

    assert (again["result"], again["commit"]) == ("up_to_date", first["commit"])


async def test_later_pushes_add_to_the_branch(connected: Vendor, server: GitServer):
    first = await connected.push()
    await connected.ask("Add a button", src__Button_dot_tsx="button\n")
    await connected.change("Clean up", Remove("README.md", 1), Move("src/App.tsx", "src/Main.tsx", 1))

    second = await connected.push()

    assert second["result"] == "pushed"
    assert server.log(form="%H")[2] == first["commit"]
    assert sorted(git(server.bare, "ls-tree", "-r", "--name-only", "main").split("\n")) == [
        "src/Button.tsx",
        "src/Main.tsx",
    ]


async def test_what_others_pushed_is_merged_line_by_line(connected: Vendor, server: GitServer):
    await connected.push()
    theirs = server.others_push(src__App_dot_tsx="ONE\ntwo\nthree\nfour\n", docs__notes_dot_md="theirs\n")
    await connected.save("src/App.tsx", "one\ntwo\nthree\nFOUR\n")

    merged = await connected.push()

    assert merged["result"] == "merged"
    parents = git(server.bare, "log", "-1", "--format=%P", "main").split()
    assert parents[0] == theirs
    assert len(parents) == 2
    folder = server.checkout()
    assert (folder / "src/App.tsx").read_text() == "ONE\ntwo\nthree\nFOUR\n"
    assert (folder / "docs/notes.md").read_text() == "theirs\n"
    git(server.bare, "fsck", "--strict")


async def test_after_a_merge_later_pushes_go_on_from_it(connected: Vendor, server: GitServer):
    await connected.push()
    server.others_push(src__App_dot_tsx="ONE\ntwo\nthree\nfour\n")
    await connected.save("src/App.tsx", "one\ntwo\nthree\nFOUR\n")
    merged = await connected.push()
    await connected.save("src/App.tsx", "one\ntwo\nthree\nFOUR\nfive\n")

    again = await connected.push()

    assert again["result"] == "pushed"
    assert git(server.bare, "log", "-1", "--format=%P", "main") == merged["commit"]
    assert (server.checkout() / "src/App.tsx").read_text() == "ONE\ntwo\nthree\nFOUR\nfive\n"
    assert (await connected.push())["result"] == "up_to_date"


async def test_a_conflict_goes_to_a_branch_of_its_own(connected: Vendor, server: GitServer):
    await connected.push()
    theirs = server.others_push(src__App_dot_tsx="theirs\ntwo\nthree\nfour\n")
    await connected.save("src/App.tsx", "mine\ntwo\nthree\nfour\n")

    pushed = await connected.push()

    assert pushed["result"] == "branch"
    assert server.tip() == theirs
    assert server.tip(pushed["branch"]) == pushed["commit"]
    base = server.url.removesuffix(".git")
    assert pushed["link"] == f"{base}/compare/main...{pushed['branch']}"
    assert await connected.push() == pushed


async def test_a_conflict_that_people_have_merged_is_no_conflict_any_more(
    connected: Vendor, server: GitServer
):
    await connected.push()
    server.others_push(src__App_dot_tsx="theirs\ntwo\nthree\nfour\n")
    await connected.save("src/App.tsx", "mine\ntwo\nthree\nfour\n")
    branch = (await connected.push())["branch"]
    folder = server.checkout()
    git(folder, "checkout", "-q", "-B", "main", "origin/main")
    git(folder, "merge", "-q", "-X", "theirs", f"origin/{branch}")
    git(folder, "push", "-q", "origin", "main")
    await connected.save("README.md", "# Todo list\n")

    pushed = await connected.push()

    assert pushed["result"] == "merged"
    assert (server.checkout() / "src/App.tsx").read_text() == "mine\ntwo\nthree\nfour\n"
    assert (server.checkout() / "README.md").read_text() == "# Todo list\n"


async def test_a_repository_that_began_by_itself_is_merged_in(alice: Vendor, server: GitServer):
    server.others_push(LICENSE="free\n")
    await alice.ask("Make it", src__App_dot_tsx="app\n")
    await alice.connect(server.url, TOKEN)

    pushed = await alice.push()

    assert pushed["result"] == "merged"
    assert git(server.bare, "ls-tree", "-r", "--name-only", "main").split("\n") == ["LICENSE", "src/App.tsx"]
    await alice.save("src/App.tsx", "app 2\n")
    assert (await alice.push())["result"] == "pushed"


async def test_a_file_that_both_began_with_otherwise_is_for_people_to_decide(
    alice: Vendor, server: GitServer
):
    server.others_push(README_dot_md="theirs\n")
    await alice.save("README.md", "mine\n")
    await alice.connect(server.url, TOKEN)

    pushed = await alice.push()

    assert pushed["result"] == "branch"
    # A host compares only what has something in common.
    assert git(server.bare, "merge-base", "main", pushed["branch"]) == server.tip()
    assert server.log() == ["From elsewhere"]


async def test_files_that_others_added_come_back_to_no_app(connected: Vendor, server: GitServer):
    await connected.push()
    server.others_push(new="theirs\n")
    await connected.save("README.md", "mine\n")
    await connected.push()

    listing = await connected.store.list_files("alice", connected.app)

    assert [file["path"] for file in listing.files] == ["README.md", "src/App.tsx"]


async def test_a_file_in_the_place_of_a_folder_is_a_conflict(connected: Vendor, server: GitServer):
    await connected.push()
    server.others_push(docs__a="theirs\n")
    await connected.save("docs", "mine\n")

    assert (await connected.push())["result"] == "branch"


async def test_secrets_are_never_pushed_and_named(connected: Vendor, server: GitServer):
    key = "sk-ant-" + "a1" * 20
    await connected.save(".env", "A=canary-in-env\n")
    await connected.save("src/key.ts", f'const key = "{key}";\n')
    await connected.save("src/App.tsx", f"{key}\n", message=f"Use {key} please")
    await connected.save("src/App.tsx", "clean again\n")

    pushed = await connected.push()

    assert pushed["skipped"] == [".env", "src/App.tsx", "src/key.ts"]
    everything = git(server.bare, "cat-file", "--batch-all-objects", "--batch")
    assert "canary-in-env" not in everything
    assert key not in everything
    assert (server.checkout() / "src/App.tsx").read_text() == "clean again\n"


async def test_a_file_with_a_key_stays_on_the_branch_as_it_was_pushed(connected: Vendor, server: GitServer):
    await connected.push()
    await connected.save("src/App.tsx", "sk-ant-" + "a1" * 20)
    await connected.save("README.md", "new\n")
    held = await connected.push()
    assert held["skipped"] == ["src/App.tsx"]
    assert (server.checkout() / "src/App.tsx").read_text() == "one\ntwo\nthree\nfour\n"

    await connected.save("src/App.tsx", "one\ntwo\nthree\nfour\nfive\n")
    pushed = await connected.push()

    assert (pushed["result"], pushed["skipped"]) == ("pushed", [])
    assert (server.checkout() / "src/App.tsx").read_text() == "one\ntwo\nthree\nfour\nfive\n"


async def test_a_protected_branch_is_told_in_the_hosts_own_words(connected: Vendor, server: GitServer):
    server.hook("echo 'GH006: Protected branch update failed for main.' >&2; exit 1")

    answer = await connected.send("POST", f"/{connected.app}/git/push")

    assert (answer.status, answer.error["code"]) == (502, "remote_failed")
    assert "GH006: Protected branch update failed for main." in answer.error["message"]


async def test_a_host_that_refuses_the_token_is_told_at_once_and_at_every_push(
    alice: Vendor, server: GitServer
):
    connected = await alice.connect(server.url, "wrong-token-canary")
    pushed = await alice.send("POST", f"/{alice.app}/git/push")

    assert connected.json["remote"] == {"url": server.url, "branch": "main"}
    assert "Invalid username or token." in connected.json["problem"]
    assert (pushed.status, pushed.error["code"]) == (502, "remote_failed")
    assert "Invalid username or token." in pushed.error["message"]
    assert b"canary" not in connected.content + pushed.content


async def test_a_host_that_is_not_there_yet_can_be_connected(alice: Vendor):
    answer = await alice.connect("http://127.0.0.1:9/you/app", TOKEN)

    assert answer.json["remote"] == {"url": "http://127.0.0.1:9/you/app", "branch": "main"}
    assert answer.json["problem"] == "The connection to 127.0.0.1 failed or broke off."


async def test_a_token_is_in_no_answer_log_or_document(
    connected: Vendor, server: GitServer, operators: Operators
):
    await connected.push()
    server.hook(f"echo {TOKEN} >&2; exit 1")
    await connected.save("README.md", "more\n")
    failed = await connected.send("POST", f"/{connected.app}/git/push")
    shown = await connected.send("GET", f"/{connected.app}/git")
    document: Any = await connected.store.read_document("alice", connected.app, "git")

    told = [failed.content.decode(), shown.content.decode(), str(document.value)]
    assert TOKEN not in "".join([*told, *operators.written, *map(str, operators.logged)])


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_a_push_that_broke_off_is_made_good_by_pushing_again(
    connected: Vendor, server: GitServer, lost: str
):
    await connected.push()
    await connected.save("README.md", "more\n")
    server.drop = lost

    broken = await connected.send("POST", f"/{connected.app}/git/push")
    again = await connected.push()

    assert (broken.status, broken.error["code"]) == (502, "remote_failed")
    assert again["result"] == {"request": "pushed", "answer": "up_to_date"}[lost]
    assert server.tip() == again["commit"]
    assert server.log() == ["Save README.md", "Make a todo list"]


async def test_a_branch_that_moves_under_the_push_is_looked_at_again(connected: Vendor, server: GitServer):
    await connected.push()
    await connected.save("README.md", "more\n")
    # The first push is refused as stale, after somebody else was faster.
    marker, theirs = server.bare / "raced", server.others_push(other="theirs\n")
    before = git(server.bare, "rev-parse", f"{theirs}^")
    git(server.bare, "update-ref", "refs/heads/main", before)
    server.hook(
        f"[ -e {marker} ] && exit 0; touch {marker}; unset GIT_QUARANTINE_PATH\n"
        f"git update-ref refs/heads/main {theirs}"
    )

    pushed = await connected.push()

    assert pushed["result"] == "merged"
    assert theirs in server.log(form="%H")


async def test_two_pushes_at_once_are_one(connected: Vendor, server: GitServer):
    results = await asyncio.gather(connected.push(), connected.push())

    assert {result["commit"] for result in results} == {server.tip()}
    assert server.log() == ["Make a todo list"]


async def test_a_repository_that_is_connected_again_goes_on_where_it_was(
    connected: Vendor, server: GitServer
):
    await connected.push()
    deleted = await connected.send("DELETE", f"/{connected.app}/git")
    refused = await connected.send("POST", f"/{connected.app}/git/push")
    await connected.connect(server.url, TOKEN)
    await connected.save("README.md", "more\n")

    pushed = await connected.push()

    assert deleted.json == {"success": True, "remote": None}
    assert (refused.status, refused.error["code"]) == (400, "invalid_request")
    assert pushed["result"] == "pushed"


async def test_a_branch_that_was_rewound_is_never_overwritten(connected: Vendor, server: GitServer):
    first = (await connected.push())["commit"]
    await connected.save("README.md", "second\n")
    await connected.push()
    git(server.bare, "update-ref", "refs/heads/main", first)
    theirs = server.others_push(other="theirs\n")
    await connected.save("README.md", "third\n")

    pushed = await connected.push()

    assert pushed["result"] == "merged"
    assert theirs in server.log(form="%H")
    assert (server.checkout() / "README.md").read_text() == "third\n"
    assert (server.checkout() / "other").read_text() == "theirs\n"


async def test_a_branch_that_was_deleted_is_made_anew(connected: Vendor, server: GitServer):
    first = await connected.push()
    git(server.bare, "update-ref", "-d", "refs/heads/main")

    again = await connected.push()

    assert (again["result"], again["commit"]) == ("pushed", first["commit"])


@pytest.fixture
async def forgetful(
    tmp_path: Path, server: GitServer, vendor_of: Callable[[FileStore], Awaitable[Vendor]]
) -> AsyncIterator[Vendor]:
    """Alice, whose app was pushed, and keeps little more of its past than two checkpoints."""
    store = SqliteFileStore(tmp_path / "short.sqlite3", limits=Limits(history_bytes=4_000, checkpoints=2))
    alice = await vendor_of(store)
    await alice.save("a.txt", "one\ntwo\nthree\n")
    await alice.connect(server.url, TOKEN)
    await alice.push()
    yield alice
    store.close()


async def _until_it_is_forgotten(alice: Vendor) -> None:
    for number in range(8):
        await alice.save("b.txt", f"{number}\n")
    assert len(await alice.store.checkpoints("alice", alice.app)) < 8


async def test_a_push_goes_on_from_the_last_one_though_the_app_has_forgotten_it(
    forgetful: Vendor, server: GitServer
):
    first = server.tip()
    await _until_it_is_forgotten(forgetful)

    pushed = await forgetful.push()

    assert pushed["result"] == "pushed"
    assert first in server.log(form="%H")
    assert git(server.bare, "show", "main:b.txt") == "7"
    assert (await forgetful.push())["result"] == "up_to_date"


async def test_what_others_changed_is_kept_though_the_app_has_forgotten_what_it_was(
    forgetful: Vendor, server: GitServer
):
    server.others_push(a_dot_txt="ONE\ntwo\nthree\n")
    await forgetful.save("b.txt", "mine\n")
    merged = (await forgetful.push())["commit"]
    await _until_it_is_forgotten(forgetful)

    pushed = await forgetful.push()

    # Nobody can tell any more whether the app's line is older than theirs.
    assert pushed["result"] == "branch"
    assert server.tip() == merged
    assert git(server.bare, "merge-base", "main", pushed["branch"]) == merged


async def test_what_is_no_text_is_pushed_as_it_is(connected: Vendor, server: GitServer):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    await connected.save("public/logo.png", picture)
    await connected.save("scripts/build.sh", "#!/bin/sh\n")

    await connected.push()

    assert (server.checkout() / "public/logo.png").read_bytes() == picture
    assert git(server.bare, "ls-tree", "main", "scripts/build.sh").startswith("100755")


async def test_two_hundred_commits_are_pushed(alice: Vendor, server: GitServer, sqlite_store: object):
    for number in range(200):
        await alice.save(f"src/{number % 60}.ts", f"// {number}\n")
    await alice.connect(server.url, TOKEN)

    await alice.push()

    assert len(server.log()) == 200
    git(server.bare, "fsck", "--strict")


async def test_another_function_pushes_for_a_turn(
    connected: Vendor, server: GitServer, push_event: Callable[[dict[str, object]], Awaitable[Any]]
):
    done = await push_event({"vendor": "alice", "appId": connected.app, "message": "Share it"})
    foreign = await push_event({"vendor": "bob", "appId": connected.app, "message": "Take it"})
    server.hook("echo 'closed for today' >&2; exit 1")
    await connected.save("README.md", "more\n")
    failed = await push_event({"vendor": "alice", "appId": connected.app, "message": ""})

    assert done == {"result": "pushed", "branch": "main", "commit": server.tip(), "skipped": []}
    assert foreign == {"error": "There is no such app."}
    assert "closed for today" in failed["error"]


@pytest.fixture
def push_event(alice: Vendor) -> Callable[[dict[str, object]], Awaitable[Any]]:
    from git.routes import push_event  # noqa: PLC0415

    return lambda event: push_event(alice.dependencies, event)
