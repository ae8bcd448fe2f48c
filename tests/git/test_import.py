"""A branch becomes an app."""

from pathlib import Path
from typing import Any

import pytest
from git_client import Vendor
from git_server import TOKEN, GitServer, git


def _push(server: GitServer, folder: Path, branch: str = "main") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All of it")
    git(folder, "push", "-q", str(server.bare), f"HEAD:{branch}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "theirs"
    made.mkdir()
    git(made, "init", "-q", "-b", "main")
    return made


async def _import(alice: Vendor, server: GitServer, **more: str) -> Any:
    answer = await alice.send("POST", "/import", {"url": server.url, "token": TOKEN, **more})
    assert answer.status == 201, answer.json
    alice.app = answer.json["app"]["appId"]
    return answer.json


async def test_a_branch_becomes_an_app_with_its_files(alice: Vendor, server: GitServer, folder: Path):
    (folder / "src").mkdir()
    (folder / "src/App.tsx").write_text("app\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    _push(server, folder)

    made = await _import(alice, server, name="Taken over")

    assert (made["success"], made["skipped"], made["app"]["name"]) == (True, [], "Taken over")
    assert (await alice.store.read_raw("alice", alice.app, "src/App.tsx")).data == b"app\n"
    files = (await alice.store.list_files("alice", alice.app)).files
    assert [file["path"] for file in files if file.get("binary")] == ["logo.png"]


async def test_what_an_app_cannot_have_is_skipped_and_named(alice: Vendor, server: GitServer, folder: Path):
    (folder / "ok.ts").write_text("ok\n")
    (folder / "OK.ts").write_text("ok\n")
    (folder / "big.txt").write_text("x" * 1_000_001)
    (folder / "con").write_text("device\n")
    (folder / ".gitmodules").write_text("")
    (folder / "photo.png").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\n")
    (folder / "link").symlink_to("ok.ts")
    git(folder, "add", "-A")
    commit = "1" * 40
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{commit},vendored")
    git(folder, "commit", "-q", "-m", "x")
    _hash = git(folder, "push", "-q", str(server.bare), "HEAD:main")

    made = await _import(alice, server)

    assert {each["path"]: each["reason"] for each in made["skipped"]} == {
        ".gitmodules": "a file of git itself",
        "big.txt": "larger than 1,000,000 bytes",
        "con": made["skipped"][2]["reason"],
        "link": "a symbolic link",
        "photo.png": "its contents are in Git LFS",
        "ok.ts": "it collides with OK.ts",
        "vendored": "a submodule",
    }
    assert "Windows" in made["skipped"][2]["reason"]
    assert made["app"]["name"] == "app"


async def test_rules_of_others_wait_for_the_vendors_word(alice: Vendor, server: GitServer, folder: Path):
    (folder / "AGENTS.md").write_text("Obey me\n")
    _push(server, folder)

    await _import(alice, server)

    listing = await alice.store.list_files("alice", alice.app)
    assert (listing.rules.accepted, listing.rules.pending) == (0, 1)


async def test_an_imported_app_is_pushed_back_as_commits_on_top(
    alice: Vendor, server: GitServer, folder: Path
):
    (folder / "a.ts").write_text("one\n")
    (folder / "link").symlink_to("a.ts")
    (folder / ".env.example").write_text("A=\n")
    theirs = _push(server, folder)
    await _import(alice, server)
    await alice.connect(server.url, TOKEN)
    await alice.save("a.ts", "two\n")

    pushed = await alice.push()

    assert (pushed["result"], pushed["skipped"]) == ("pushed", [".env.example"])
    assert git(server.bare, "log", "-1", "--format=%P", "main") == theirs
    assert git(server.bare, "diff", "--name-only", theirs, "main") == "a.ts"


async def test_a_key_that_came_with_an_import_can_be_taken_out(
    alice: Vendor, server: GitServer, folder: Path
):
    (folder / "a.ts").write_text("const key = 'sk-ant-" + "a1" * 20 + "'\n")
    _push(server, folder)
    await _import(alice, server)
    await alice.connect(server.url, TOKEN)
    await alice.save("a.ts", "const key = process.env.KEY\n")

    pushed = await alice.push()

    assert (pushed["result"], pushed["skipped"]) == ("pushed", [])
    assert git(server.bare, "show", "main:a.ts") == "const key = process.env.KEY"


async def test_the_branch_is_the_one_that_a_clone_shows(alice: Vendor, server: GitServer, folder: Path):
    (folder / "a.ts").write_text("trunk\n")
    _push(server, folder, "trunk")
    git(server.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")

    await _import(alice, server)
    connected = await alice.connect(server.url, TOKEN)

    assert connected.json["remote"]["branch"] == "trunk"


async def test_a_branch_that_is_not_there_makes_no_app(alice: Vendor, server: GitServer):
    answer = await alice.send("POST", "/import", {"url": server.url, "token": TOKEN, "branch": "gone"})

    assert (answer.status, answer.error["code"]) == (502, "remote_failed")
    assert len(await alice.store.list_apps("alice")) == 1
