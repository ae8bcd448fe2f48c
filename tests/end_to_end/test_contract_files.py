"""Apps and files: every call's answer, versions, conflicts, paths, checkpoints, diffs, restore, export."""

import io
import json
import unicodedata
import zipfile
from base64 import b64encode
from typing import Any

import httpx
import pytest

from tests.end_to_end.contract_world import Vendor, assert_error, assert_guarded
from tests.end_to_end.stack import APPS, Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

INFO = {"path", "version", "size", "updatedAt"}


class Editor:
    """The calls of the editor on one app."""

    def __init__(self, vendor: Vendor) -> None:
        self.client = vendor.client
        self.at = f"{APPS}/{vendor.app}"

    async def put(self, path: Any, content: Any = "x", base: Any = 0) -> httpx.Response:
        body = {"path": path, "content": content, "baseVersion": base}
        # Escaped, so that half a surrogate pair can be sent too.
        headers = {"Content-Type": "application/json"}
        return await self.client.put(f"{self.at}/file", content=json.dumps(body), headers=headers)

    async def rename(self, path: str, new_path: str, base: int) -> httpx.Response:
        body = {"path": path, "newPath": new_path, "baseVersion": base}
        headers = {"Content-Type": "application/json"}
        return await self.client.post(f"{self.at}/rename", content=json.dumps(body), headers=headers)

    async def delete(self, path: str, base: int) -> httpx.Response:
        return await self.client.delete(f"{self.at}/file", params={"path": path, "baseVersion": base})

    async def get(self, rest: str, **query: Any) -> Json:
        answer = await self.client.get(f"{self.at}/{rest}", params=query)
        assert answer.status_code == 200, answer.text
        assert_guarded(answer)
        return answer.json()

    async def restore(self, **body: Any) -> httpx.Response:
        return await self.client.post(f"{self.at}/restore", json=body)

    async def paths(self) -> list[str]:
        return [file["path"] for file in (await self.get("files"))["files"]]


@pytest.fixture
def editor(vendor: Vendor) -> Editor:
    return Editor(vendor)


def good(answer: httpx.Response, status: int = 200) -> Json:
    """The body of an answer that went well."""
    assert answer.status_code == status, answer.text
    assert_guarded(answer)
    assert answer.json()["success"] is True
    return answer.json()


async def test_an_app_is_made_listed_and_deleted(vendor: Vendor):
    made = good(await vendor.client.post(APPS, json={"name": "My \u00e4pp \N{GRINNING FACE}"}), 201)["app"]
    listed = good(await vendor.client.get(APPS))["apps"]

    assert set(made) == {"appId", "name", "createdAt", "updatedAt"}
    assert made["name"] == "My \u00e4pp \N{GRINNING FACE}"
    assert made in listed
    assert len(listed) == 2
    assert good(await vendor.client.delete(f"{APPS}/{made['appId']}")) == {"success": True}
    assert made not in good(await vendor.client.get(APPS))["apps"]
    assert_error(await vendor.client.delete(f"{APPS}/{made['appId']}"), 404, "not_found")


async def test_a_file_is_made_read_changed_renamed_and_deleted(editor: Editor):
    empty = await editor.get("files")
    assert empty == {"success": True, "revision": empty["revision"], "files": []}
    text = "\u00e4\r\n\N{GRINNING FACE}\u2028end without a line end"
    made = good(await editor.put("src/a.txt", text))
    assert set(made) == {"success", "revision", "file"}
    assert set(made["file"]) == INFO
    assert (made["file"]["version"], made["file"]["size"]) == (1, len(text.encode()))
    read = (await editor.get("file", path="src/a.txt"))["file"]
    assert read == {**made["file"], "content": text}

    changed = good(await editor.put("src/a.txt", "2", 1))
    assert changed["revision"] > made["revision"]
    assert changed["file"]["version"] == 2
    assert (await editor.get("file", path="src/a.txt", version=1))["file"]["content"] == text
    moved = good(await editor.rename("src/a.txt", "b.txt", 2))
    assert moved["revision"] > changed["revision"]
    assert set(moved["file"]) == INFO
    assert await editor.paths() == ["b.txt"]
    gone = good(await editor.delete("b.txt", moved["file"]["version"]))
    assert set(gone) == {"success", "revision"}
    assert gone["revision"] > moved["revision"]
    assert await editor.paths() == []
    again = good(await editor.put("src/a.txt", "3"))
    assert again["file"]["version"] > 2
    assert_error(await editor.client.get(f"{editor.at}/file?path=b.txt"), 404, "not_found")


async def test_a_stale_version_is_409_with_the_current_file(editor: Editor):
    good(await editor.put("a.txt", "1"))
    current = good(await editor.put("a.txt", "2", 1))["file"]
    for answer in (
        await editor.put("a.txt", "3", 1),
        await editor.put("a.txt", "3", 0),
        await editor.put("a.txt", "3", 7),
        await editor.rename("a.txt", "b.txt", 1),
        await editor.delete("a.txt", 1),
    ):
        assert assert_error(answer, 409, "version_conflict")["file"] == {**current, "content": "2"}
    for answer in (
        await editor.put("absent.txt", "3", 1),
        await editor.rename("absent.txt", "b.txt", 1),
        await editor.delete("absent.txt", 1),
    ):
        assert assert_error(answer, 409, "version_conflict")["file"] is None
    assert (await editor.get("file", path="a.txt"))["file"]["content"] == "2"


REFUSED = [
    *("", "/a", "~", "~/a", "~a", "C:/a", "c:a", "a\\b", "\\a", "a//b", "a/"),
    *(".", "..", "./a", "a/../b", "a/.."),
    *("a\nb", "a\x00b", "a\x7fb", "a\u200bb", "a\u202eb", "a\ufeffb", "a\ue000b", "a\u0378b", "a\u2028b"),
    *(
        "a\u2029",
        "a\u200db",
        "\uff0e\uff0e/a",
        "\u2025/a",
        "\uff0e/a",
        "a\uff0fb",
        "a\uff3cb",
        "\u2024\u2024/b",
    ),
    *("%2e%2e/a", "a%2Fb", "a%5cb", "a%00", "%2E", "a./b", "a ", "a /b", "a\u00a0", "a\u3000/b", "a."),
    *("CON", "con", "Prn.txt", "aux", "NUL.tar.gz", "com1", "COM9.x", "lpt1", "LPT9", "src/nul/a"),
    *(
        "xy:z",
        "a.txt::$DATA",
        "a<b",
        "what?",
        "a*b",
        'say "so"',
        "a|b",
        "conin$",
        "CLOCK$",
        "COM\u00b9",
        "con .txt",
    ),
    *(".git", "a/.GIT/config", "a\u3164b"),
    *("/".join("a" * 21), "a" * 201, "\u00e4" * 101, "/".join(["a" * 199] * 3), "\ud800"),
]
ACCEPTED = [
    *("src/app/[slug]/page.tsx", "(group)/a", "@types/b.d.ts", ".env", ".gitignore", "a b/c d.txt"),
    *("\N{WOMAN}\u200d\N{PERSONAL COMPUTER}.txt", "COM0", "COM10", "console.log", "nul1", "a..b", "...a"),
    *("a%20b", "100%", "/".join("defghijklmnopqrstuvw"), "z" * 200, "c/~d"),
    *("emoji \N{GRINNING FACE}", "\u0928\u093f.txt", "\u65e5\u672c\u8a9e.md"),
]


async def test_paths_that_could_do_harm_are_400_wherever_they_are_named(editor: Editor):
    let_through: list[str] = []
    for path in REFUSED:
        for answer in (
            await editor.put(path),
            await editor.rename("absent.txt", path, 1),
        ):
            if answer.status_code != 400:
                let_through.append(path)
            else:
                assert_error(answer, 400, "invalid_request")

    assert let_through == []
    for path in ("../a", "/etc/passwd", "a\\b", "C:/a"):
        query = {"path": path, "baseVersion": "1"}
        read = await editor.client.get(f"{editor.at}/file", params={"path": path})
        assert_error(read, 400, "invalid_request")
        assert_error(await editor.client.delete(f"{editor.at}/file", params=query), 400, "invalid_request")
        assert_error(await editor.restore(revision=0, paths=[path]), 400, "invalid_request")


async def test_all_other_paths_are_accepted_and_come_back_as_they_were(editor: Editor):
    for path in ACCEPTED:
        good(await editor.put(path, path))
    assert set(await editor.paths()) == set(ACCEPTED)
    for path in ACCEPTED:
        assert (await editor.get("file", path=path))["file"]["content"] == path
    exported = await editor.client.get(f"{editor.at}/export.zip")
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith(".git/")]
        assert {name: archive.read(name).decode() for name in names} == {p: p for p in ACCEPTED}


async def test_nfd_spells_the_same_path_as_nfc(editor: Editor):
    composed, apart = "caf\u00e9.txt", unicodedata.normalize("NFD", "caf\u00e9.txt")
    made = good(await editor.put(apart, "1"))["file"]
    assert made["path"] == composed
    assert (await editor.get("file", path=apart))["file"]["path"] == composed
    good(await editor.put(composed, "2", 1))
    assert_error(await editor.put(apart, "3"), 409, "version_conflict")
    good(await editor.delete(apart, 2))
    assert await editor.paths() == []


async def test_paths_that_differ_in_case_or_are_each_others_folder_are_409(editor: Editor):
    good(await editor.put("Src/Main.ts"))
    for path in ("src/other.ts", "SRC/Main.ts", "Src/main.ts", "Src", "Src/Main.ts/more", "src"):
        assert_error(await editor.put(path), 409, "path_conflict")
    good(await editor.put("free.txt"))
    for new_path in ("src/x", "Src", "Src/Main.ts/x"):
        assert_error(await editor.rename("free.txt", new_path, 1), 409, "path_conflict")
    renamed = good(await editor.rename("free.txt", "FREE.txt", 1))
    assert renamed["file"]["path"] == "FREE.txt"
    good(await editor.rename("Src/Main.ts", "src/main.ts", 1))
    assert await editor.paths() == ["FREE.txt", "src/main.ts"]


async def test_contents_are_text_of_at_most_a_million_bytes(editor: Editor):
    good(await editor.put("ascii.txt", "x" * 1_000_000))
    good(await editor.put("wide.txt", "\N{GRINNING FACE}" * 250_000))
    good(await editor.put("empty.txt", ""))
    assert_error(await editor.put("more.txt", "x" * 1_000_001), 413, "too_large")
    assert_error(await editor.put("more.txt", "\N{GRINNING FACE}" * 250_000 + "x"), 413, "too_large")
    for refused in ("a\x00b", "\ud800", None, 1, ["x"]):
        assert_error(await editor.put("more.txt", refused), 400, "invalid_request")
    assert await editor.paths() == ["ascii.txt", "empty.txt", "wide.txt"]


async def test_numbers_and_fields_are_of_their_kind(editor: Editor):
    for base in (-1, 1.5, "0", None, True, 2**64):
        assert_error(await editor.put("a.txt", "1", base), 400, "invalid_request")
    for rest in (
        *("file", "file?path=", "file?path=a&version=x", "file?path=a&version=-1", "file?path=a&path=b"),
        *("diff", "diff?from=0", "diff?to=0", "diff?from=a&to=b", "diff?from=-1&to=1"),
    ):
        assert_error(await editor.client.get(f"{editor.at}/{rest}"), 400, "invalid_request")
    for query in ("path=a", "baseVersion=1", "path=a&baseVersion=x", "path=a&baseVersion="):
        assert_error(await editor.client.delete(f"{editor.at}/file?{query}"), 400, "invalid_request")
    for body in (
        *({"revision": -1}, {"revision": "0"}, {"revision": 0, "paths": "a"}, {"revision": 0, "paths": [1]}),
        *({"revision": 0, "force": "yes"}, {"revision": 0, "more": 1}, {"paths": ["a"]}),
    ):
        assert_error(await editor.restore(**body), 400, "invalid_request")
    for name in ("", " ", "x" * 1000, None, 1):
        assert_error(await editor.client.post(APPS, json={"name": name}), 400, "invalid_request")


async def test_checkpoints_are_listed_newest_first_with_what_they_changed(editor: Editor):
    one = good(await editor.put("a.txt", "1\n2\n"))["revision"]
    two = good(await editor.put("a.txt", "1\n3\n4\n", 1))["revision"]
    three = good(await editor.rename("a.txt", "b.txt", 2))["revision"]
    checkpoints = (await editor.get("checkpoints"))["checkpoints"]

    assert [c["revision"] for c in checkpoints] == [three, two, one]
    assert [c["baseRevision"] for c in checkpoints[:2]] == [two, one]
    for checkpoint in checkpoints:
        assert set(checkpoint) == {"revision", "baseRevision", "author", "message", "createdAt", "changes"}
        assert checkpoint["author"] == "vendor"
        for change in checkpoint["changes"]:
            assert set(change) - {"previousPath"} == {"path", "action", "additions", "deletions"}
            assert ("previousPath" in change) == (change["action"] == "renamed")
    assert checkpoints[2]["changes"] == [
        {"path": "a.txt", "action": "created", "additions": 2, "deletions": 0}
    ]
    assert checkpoints[1]["changes"] == [
        {"path": "a.txt", "action": "edited", "additions": 2, "deletions": 1}
    ]


async def test_two_revisions_are_compared_by_unified_diffs(editor: Editor):
    one = good(await editor.put("a.txt", "1\n2\n"))["revision"]
    two = good(await editor.put("a.txt", "1\n3\n", 1))["revision"]
    three = good(await editor.put("b.txt", "new\n"))["revision"]
    (edited,) = (await editor.get("diff", **{"from": one, "to": two}))["files"]
    both = (await editor.get("diff", **{"from": one, "to": three}))["files"]
    back = (await editor.get("diff", **{"from": three, "to": two}))["files"]

    assert set(edited) == {"path", "action", "diff"}
    assert (edited["path"], edited["action"]) == ("a.txt", "edited")
    assert "-2\n+3\n" in edited["diff"]
    assert "@@ " in edited["diff"]
    assert [(f["path"], f["action"]) for f in both] == [("a.txt", "edited"), ("b.txt", "created")]
    assert [(f["path"], f["action"]) for f in back] == [("b.txt", "deleted")]
    assert (await editor.get("diff", **{"from": two, "to": two}))["files"] == []


async def test_a_restore_is_a_new_revision_that_can_itself_be_undone(editor: Editor):
    one = good(await editor.put("a.txt", "1"))["revision"]
    good(await editor.put("a.txt", "2", 1))
    good(await editor.put("b.txt", "b"))
    three = (await editor.get("files"))["revision"]
    back = good(await editor.restore(revision=one))
    assert set(back) == {"success", "revision", "changes"}
    assert back["revision"] > three
    assert await editor.paths() == ["a.txt"]
    restored = (await editor.get("file", path="a.txt"))["file"]
    assert (restored["content"], restored["version"]) == ("1", 3)
    good(await editor.restore(revision=three))
    assert await editor.paths() == ["a.txt", "b.txt"]
    assert (await editor.get("file", path="a.txt"))["file"]["content"] == "2"
    emptied = good(await editor.restore(revision=0))
    assert await editor.paths() == []
    assert emptied["revision"] == (await editor.get("files"))["revision"]


async def test_a_restore_of_paths_that_were_changed_since_needs_force(editor: Editor):
    base = good(await editor.put("a.txt", "1"))["revision"]
    good(await editor.put("a.txt", "2", 1))
    good(await editor.put("other.txt", "untouched"))
    latest = good(await editor.put("a.txt", "3", 2))["file"]
    refused = await editor.restore(revision=base, paths=["a.txt"])
    assert assert_error(refused, 409, "version_conflict")["file"] == {**latest, "content": "3"}
    forced = good(await editor.restore(revision=base, paths=["a.txt"], force=True))
    assert [change["path"] for change in forced["changes"]] == ["a.txt"]
    assert (await editor.get("file", path="a.txt"))["file"]["content"] == "1"
    assert (await editor.get("file", path="other.txt"))["file"]["content"] == "untouched"


async def test_revisions_that_never_were_are_refused(editor: Editor):
    good(await editor.put("a.txt", "1"))
    for answer in (
        await editor.restore(revision=999),
        await editor.client.get(f"{editor.at}/diff?from=0&to=999"),
        await editor.client.get(f"{editor.at}/file?path=a.txt&version=9"),
    ):
        assert answer.status_code in (400, 404)
        assert_error(
            answer, answer.status_code, {400: "invalid_request", 404: "not_found"}[answer.status_code]
        )


async def test_bytes_pass_both_ways_as_they_are(editor: Editor):
    data = b"\x89PNG\r\n" + bytes(range(256)) * 3_000
    body = {"path": "a.bin", "contentBase64": b64encode(data).decode(), "baseVersion": 0}
    file = good(await editor.client.put(f"{editor.at}/file", json=body))["file"]
    answer = await editor.client.get(f"{editor.at}/raw", params={"path": "a.bin"})

    assert file.keys() == INFO | {"binary", "mediaType"}
    assert (await editor.get("file", path="a.bin"))["file"] == file
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_export_is_a_zip_of_the_files(editor: Editor):
    good(await editor.put("src/a.txt", "\u00e4"))
    good(await editor.put("b.txt", "b" * 300_000))
    answer = await editor.client.get(f"{editor.at}/export.zip")

    assert answer.headers["content-type"] == "application/zip"
    assert_guarded(answer)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if not name.startswith(".git/")]
        assert sorted(names) == ["b.txt", "src/a.txt"]
        assert archive.read("src/a.txt").decode() == "\u00e4"
