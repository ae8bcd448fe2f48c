"""What a vendor downloads: a bundle and an archive that real git takes for a repository."""

import io
import tracemalloc
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from git_client import Vendor
from git_server import git

from aicode.file_store.store import FileStore, Move, Put, Remove
from tests.file_store.texts import noise

ODD = (
    "git~1/config",
    ".gitmodules",
    "GITMOD~1",
    "_.gitmodules",
    ".gitattributes/x",
    "src/app/[slug]/page.tsx",
)
PLAIN = (
    "-dash",
    ".hidden/.a",
    "@x/#y&z;.ts",
    "a b/c d.txt",
    "\U0001f468\u200d\U0001f469.txt",
    "cafe\u0301.md",
)


async def _clone(alice: Vendor, folder: Path) -> Path:
    (folder / "app.bundle").write_bytes(await alice.download("export.bundle"))
    git(folder, "clone", "-q", "app.bundle", "clone")
    return folder / "clone"


async def _unpacked(alice: Vendor, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(await alice.download("export.zip"))) as archive:
        assert archive.testzip() is None
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


async def _an_app_of_all_kinds(alice: Vendor) -> None:
    await alice.ask("Make a todo list\nwith colours", src__App_dot_tsx="one\n", README_dot_md="# Todo\n")
    await alice.save("public/logo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    await alice.save("build.sh", "#!/bin/sh\necho\n")
    await alice.save("deep/in/a/folder.ts", "x\n")
    await alice.save("\u00e4/\u65e5\u672c.txt", "x\n")
    await alice.save(".env", "A=1\n")
    await alice.change(
        "Move things", Move("src/App.tsx", "src/Main.tsx", 1), Remove("deep/in/a/folder.ts", 1)
    )
    await alice.save("deep", "a file where a folder was\n")


async def test_a_clone_of_the_bundle_has_every_file_and_every_checkpoint(alice: Vendor, tmp_path: Path):
    await _an_app_of_all_kinds(alice)

    clone = await _clone(alice, tmp_path)

    git(clone, "fsck", "--strict")
    assert git(clone, "branch", "--show-current") == "main"
    assert git(clone, "log", "--format=%s").split("\n")[-1] == "Make a todo list"
    assert len(git(clone, "log", "--format=%s").split("\n")) == 8
    listing = await alice.store.list_files("alice", alice.app)
    for file in listing.files:
        raw = await alice.store.read_raw("alice", alice.app, file["path"])
        assert (clone / file["path"]).read_bytes() == raw.data
    tracked = git(clone, "-c", "core.quotePath=off", "ls-files").split("\n")
    assert sorted(tracked) == sorted(file["path"] for file in listing.files)
    assert git(clone, "ls-files", "-s", "build.sh").startswith("100755")


async def test_commits_tell_who_when_and_what(alice: Vendor, tmp_path: Path):
    await alice.ask("x" * 200, a="1\n")
    await alice.save("a", "2\n")

    clone = await _clone(alice, tmp_path)

    times = [each["createdAt"] // 1000 for each in await alice.store.checkpoints("alice", alice.app)]
    assert git(clone, "log", "--format=%at %ai").split("\n") == [
        f"{time} {git(clone, 'log', '-1', '--format=%ai', f'HEAD~{back}')}" for back, time in enumerate(times)
    ]
    assert git(clone, "log", "--format=%ad", "--date=format:%z").split("\n") == ["+0000", "+0000"]
    assert git(clone, "log", "--format=%cn <%ce>", "-1") == "AI Code <ai-code@users.noreply.invalid>"
    subject, body = git(clone, "log", "-1", "--format=%s%n%b", "HEAD~1").split("\n", 1)
    assert subject == f"{'x' * 71}…"
    assert body.startswith("x" * 200)
    assert "Co-authored-by: Claude <noreply@anthropic.com>" in body
    assert "Co-authored-by" not in git(clone, "log", "-1", "--format=%b")


async def test_bundles_of_one_history_agree_to_the_byte_whatever_holds_it_and_what_the_app_is_called(
    sqlite_store: FileStore,
    dynamodb_store: FileStore,
    vendor_of: Callable[[FileStore], Awaitable[Vendor]],
):
    bundles: list[bytes] = []
    for store in (sqlite_store, dynamodb_store):
        alice = await vendor_of(store)
        await _an_app_of_all_kinds(alice)
        await store.restore("alice", alice.app, 2)
        bundles.append(await alice.download("export.bundle"))
        await store.rename_app("alice", alice.app, "Another name")
        bundles.append(await alice.download("export.bundle"))

    assert len(set(bundles)) == 1


async def test_a_later_bundle_goes_on_from_an_earlier_one(alice: Vendor, tmp_path: Path):
    await _an_app_of_all_kinds(alice)
    clone = await _clone(alice, tmp_path)
    await alice.save("README.md", "more\n")
    (tmp_path / "app.bundle").write_bytes(await alice.download("export.bundle"))

    git(clone, "pull", "-q", "--ff-only")

    assert (clone / "README.md").read_text() == "more\n"


async def test_the_archive_is_a_repository_in_which_nothing_is_changed(alice: Vendor, tmp_path: Path):
    await _an_app_of_all_kinds(alice)

    folder = await _unpacked(alice, tmp_path)

    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "rev-parse", "HEAD") == git(await _clone(alice, tmp_path), "rev-parse", "HEAD")
    git(folder, "fsck", "--strict")
    (folder / "README.md").write_text("mine\n")
    git(folder, "commit", "-q", "-a", "-m", "Go on")


async def test_names_that_git_takes_for_its_own_get_an_underscore(alice: Vendor, tmp_path: Path):
    for path in (*ODD, *PLAIN):
        await alice.save(path, f"[{path}\n")

    clone = await _clone(alice, tmp_path)

    git(clone, "fsck", "--strict")
    renamed = ["_git~1/config", "_.gitmodules", "_GITMOD~1", "__.gitmodules", "_.gitattributes/x", ODD[-1]]
    assert sorted(git(clone, "-c", "core.quotePath=off", "ls-files").split("\n")) == sorted(
        [*renamed, *PLAIN[:-1], "caf\u00e9.md"]
    )
    assert git(await _unpacked(alice, tmp_path), "status", "--porcelain") == ""


async def test_attributes_that_git_refuses_to_read_are_in_the_archive_alone(alice: Vendor, tmp_path: Path):
    await alice.save(".gitattributes", "a" * 3000)
    await alice.save("a", "1\n")

    clone = await _clone(alice, tmp_path)

    git(clone, "fsck", "--strict")
    assert git(clone, "ls-files") == "a"
    assert (await _unpacked(alice, tmp_path) / ".gitattributes").exists()


async def test_an_app_without_a_file_is_a_repository_without_a_file(alice: Vendor, tmp_path: Path):
    clone = await _clone(alice, tmp_path)

    assert git(clone, "log", "--format=%s") == "Begin an empty app"
    assert git(clone, "ls-files") == ""
    assert git(await _unpacked(alice, tmp_path), "status", "--porcelain") == ""


async def test_an_app_of_somebody_else_is_not_there(alice: Vendor):
    alice.name = "bob"

    for name in ("export.bundle", "export.zip", "git"):
        assert (await alice.send("GET", f"/{alice.app}/{name}")).status == 404
    assert (await alice.send("POST", f"/{alice.app}/git/push")).status == 404
    assert (await alice.send("DELETE", f"/{alice.app}/git")).status == 404
    assert (await alice.connect("https://example.com/a", "token")).status == 404


async def test_two_hundred_commits_of_sixty_files_are_cloned(alice: Vendor, tmp_path: Path):
    for number in range(200):
        path = f"src/{number % 60}.ts"
        await alice.change(f"Change {number}", Put(path, f"// {number}\n", await alice.version(path)))

    clone = await _clone(alice, tmp_path)

    assert git(clone, "rev-list", "--count", "HEAD") == "200"
    git(clone, "fsck", "--strict")


async def test_a_download_is_an_attachment_with_the_apps_name(alice: Vendor):
    bundle = await alice.send("GET", f"/{alice.app}/export.bundle")
    archive = await alice.send("GET", f"/{alice.app}/export.zip")

    assert bundle.headers["content-type"] == "application/octet-stream"
    assert "Todo%20list.bundle" in bundle.headers["content-disposition"]
    assert archive.headers["content-type"] == "application/zip"
    assert archive.headers["content-disposition"].startswith("attachment; ")


async def test_an_archive_holds_exactly_the_files_beside_the_history(alice: Vendor):
    await alice.store.rename_app("alice", alice.app, 'Café "x"; y')
    files = {"src/日本.ts": "1\r\n", ".env": "", "a b/[slug]/page.tsx": "x" * 100_000, "%2x..y": "\ufeff"}
    for path, content in files.items():
        await alice.save(path, content)
    await alice.save("gone", "")
    await alice.change("Delete gone", Remove("gone", 1))
    answer = await alice.send("GET", f"/{alice.app}/export.zip")

    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''Caf%C3%A9%20%22x%22%3B%20y.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith(".git/")]
        assert {name: archive.read(name).decode() for name in names} == files
        assert archive.getinfo(".env").date_time[0] >= 2025


async def _make_large(alice: Vendor) -> None:
    """The largest app there can be: 50 files of a million bytes that hardly compress."""
    text = noise(1, 1_000_000)
    await alice.change("Make it large", *(Put(f"{n}.txt", f"{n:02}{text[2:]}", 0) for n in range(50)))


@pytest.mark.parametrize("name", ["export.zip", "export.bundle"])
async def test_a_download_of_fifty_megabytes_is_never_in_memory_as_a_whole(alice: Vendor, name: str):
    await _make_large(alice)
    tracemalloc.start()
    try:
        response = await alice.begin("GET", f"/{alice.app}/{name}")
        sizes = [len(chunk) async for chunk in response.body]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert sum(sizes) > 25_000_000
    assert max(sizes) < 1_000_000
    assert peak < 20_000_000


async def test_an_archive_is_the_app_as_it_was_when_the_download_began(alice: Vendor):
    for path in ("0.txt", "1.txt"):
        await alice.save(path, "before")
    response = await alice.begin("GET", f"/{alice.app}/export.zip")
    await alice.change("Change both", Put("1.txt", "after", 1), Remove("0.txt", 1))
    content = b"".join([chunk async for chunk in response.body])

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [archive.read(name) for name in ("0.txt", "1.txt")] == [b"before", b"before"]
