"""What a file may be called."""

import posixpath
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aicode.errors import InvalidRequest
from aicode.file_store.paths import exported_path, named_path, normalise_path, path_key
from aicode.file_store.tree import Tree

ACCEPTED = [
    "src/app/[slug]/page.tsx",
    "(group)/page.tsx",
    "@types/index.d.ts",
    ".env",
    ".github/workflows/ci.yml",
    "read me.txt",
    " leading space",
    "日本語/テスト.ts",
    "приложение/файл.py",
    "a~b/~c",
    "console.ts",
    "conin",
    "com0",
    "git/.gitignore/x.git",
    ".github",
    "com10.txt",
    "lpt0",
    "nullable",
    "100%/50%25.txt",
    "...hidden/..a/.b",
    "x…",
    "½.txt",
    "👩\u200d💻.md",
    "👩🏽\u200d🚀/❤\ufe0f\u200d🔥/🏳\ufe0f\u200d🌈",
    "🙂\u200d↔\ufe0f",
    "❤\ufe0f.md",
    "☎\ufe0e",
    "1\ufe0f\u20e3",
    "\u2139\ufe0f",
    "a/" * 19 + "a",
    "a" * 200,
]

REFUSED = [
    "",
    "/etc/passwd",
    "//host/share",
    "~",
    "~/x",
    "~root/x",
    "C:/x",
    "c:x",
    "a\\b",
    "..\\x",
    "a//b",
    "a/",
    ".",
    "..",
    "a/./b",
    "a/../b",
    "../a",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "a\u200bb",
    "a\u202eb",
    "\ufeffa",
    "a\u200db",
    "\u200d💻",
    "👩\u200d",
    "a\ud800b",
    "a\ue000b",
    "a\u0378b",
    "a\u2028b",
    "a\u2029b",
    "\uff0e\uff0e/a",
    "\u2025/a",
    "\uff0e/a",
    "a\uff0fb",
    "a\uff3cb",
    "a℀b",
    "a%2eb",
    "%2E%2e/a",
    "a%2Fb",
    "a%5Cb",
    "a%00",
    "a.",
    "a./b",
    "a ",
    "a \u3000/b",
    "a\u00a0",
    "con",
    "CON.txt",
    "src/Nul.tar.gz",
    "aux/x",
    "PRN",
    "com1",
    "LPT9.log",
    "a/" * 20 + "a",
    "a" * 201,
    "é" * 101,
    "/".join(["a" * 100] * 6),
]


# Names that were accepted once, so that an app may have files of them, and what an export calls those.
ACCEPTED_ONCE = {
    "ab:c": "ab%3Ac",
    "src/a<b>.ts": "src/a%3Cb%3E.ts",
    'say "x"': "say %22x%22",
    "a|b": "a%7Cb",
    "what?": "what%3F",
    "*.ts": "%2A.ts",
    "CON .txt": "%43ON .txt",
    "src/conin$": "src/%63onin$",
    "CONOUT$.log": "%43ONOUT$.log",
    "Clock$": "%43lock$",
    "com\u00b9": "%63om\u00b9",
    "LPT\u00b3.txt": "%4CPT\u00b3.txt",
    "aux\u3000.c": "%61ux\u3000.c",
    ".git/config": ".%67it/config",
    "src/.GIT": "src/.%47IT",
    "a\u3164b": "a%E3%85%A4b",
    "\u115f": "%E1%85%9F",
    "a\uffa0b": "a%EF%BE%A0b",
    "a\u034fb": "a%CD%8Fb",
    "a\u180bb": "a%E1%A0%8Bb",
    "a\ufe0f": "a%EF%B8%8F",
    "1\ufe0f": "1%EF%B8%8F",
    "❤\ufe0f\ufe0f": "❤\ufe0f%EF%B8%8F",
    "❤\ufe00": "❤%EF%B8%80",
    "字\U000e0100": "字%F3%A0%84%80",
}


@pytest.mark.parametrize("path", ACCEPTED)
def test_a_name_that_any_system_can_hold_is_accepted(path: str):
    assert normalise_path(path) == unicodedata.normalize("NFC", path)


@pytest.mark.parametrize("path", [*REFUSED, *ACCEPTED_ONCE])
def test_a_name_that_some_system_reads_otherwise_is_refused(path: str):
    with pytest.raises(InvalidRequest) as caught:
        normalise_path(path)

    assert caught.value.message.startswith("This path is not allowed: ")


@pytest.mark.parametrize(("path", "exported"), ACCEPTED_ONCE.items())
def test_a_file_whose_name_was_accepted_once_can_be_named_and_exported(path: str, exported: str):
    assert named_path(path) == path
    assert exported_path(path) == exported == normalise_path(exported)


@pytest.mark.parametrize("path", REFUSED)
def test_a_name_that_no_file_can_have_names_none(path: str):
    with pytest.raises(InvalidRequest):
        named_path(path)


def test_both_normal_forms_spell_the_same_path():
    assert normalise_path("cafe\u0301.txt") == normalise_path("caf\u00e9.txt") == "caf\u00e9.txt"


def test_the_longest_path_is_accepted_in_its_longest_spelling():
    path = "/".join(["\u03b0" * 100, "\u03b0" * 100, "\u03b0" * 55])
    assert len(path.encode()) == 512

    assert normalise_path(unicodedata.normalize("NFD", path)) == path


def test_a_path_made_to_slow_normalisation_down_is_refused_at_once():
    began = time.process_time()
    with pytest.raises(InvalidRequest):
        normalise_path("a" + "\u0301\u0316" * 1_000_000)

    assert time.process_time() - began < 30  # an hour where it is normalised


HOSTILE_CHARACTERS = "./\\~%:.*?$ aA2eEfF05cC\uff0e\u2025\uff0f\uff3c\u200d👩💻\u0301\ufe0f"
HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE_CHARACTERS)), max_size=40)
OFTEN_ACCEPTED = st.text(st.sampled_from("abcdeé/.\uff0e\u2025\u0301👩\u200d💻"), min_size=1, max_size=8)


@given(HOSTILE | OFTEN_ACCEPTED)
@example("\uff0e\uff0e\uff0fx")
@settings(max_examples=400, deadline=None)
def test_what_is_accepted_stays_inside_its_folder_under_every_normal_form(path: str):
    try:
        accepted = normalise_path(path)
    except InvalidRequest:
        return

    assert normalise_path(accepted) == accepted
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        name = unicodedata.normalize(form, accepted)
        assert posixpath.normpath(posixpath.join("/app", name)) == f"/app/{name}"
        assert "\\" not in name
    assert exported_path(accepted) == named_path(accepted) == accepted


@given(st.text(st.sampled_from("abCcOoNn.$ :*?/git\u00b9\ufe0f\u3164"), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_whatever_a_file_is_called_its_export_can_be_unpacked_anywhere(path: str):
    try:
        known = named_path(path)
    except InvalidRequest:
        return

    exported = exported_path(known)
    assert exported == normalise_path(exported)


LETTERS = st.characters(categories=("Ll", "Lu", "Nd"), max_codepoint=0x24F, exclude_characters="\u0131")


@settings(deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=20))
def test_case_does_not_tell_keys_apart(name: str):
    assert path_key(name) == path_key(name.upper())
    assert path_key(path_key(name)) == path_key(name)


@pytest.mark.parametrize(
    ("existing", "path", "obstacle"),
    [
        ("src/App.tsx", "src/app.tsx", "src/App.tsx"),
        ("src/App.tsx", "SRC/other.ts", "src"),
        ("src/App.tsx", "src/App.tsx", "src/App.tsx"),
        ("a", "a/b", "a"),
        ("a", "A/b", "a"),
        ("a/b", "a", "a"),
        ("a/b", "A", "a"),
        ("a/b/c", "a/B/d", "a/b"),
        ("STRASSE", "straße", "STRASSE"),
        ("É.txt", "e\u0301.txt", "É.txt"),
    ],
)
def test_names_that_one_folder_cannot_hold_collide(existing: str, path: str, obstacle: str):
    assert Tree([existing]).conflict(path) == obstacle


@pytest.mark.parametrize(
    ("existing", "path"), [("a/b", "a/c"), ("a", "ab/c"), ("src/x", "source/x"), ("a.b", "a")]
)
def test_other_names_do_not_collide(existing: str, path: str):
    assert Tree([existing]).conflict(path) is None


NAMES = st.lists(st.sampled_from(["a", "A", "b", "c"]), min_size=1, max_size=3).map("/".join)


@settings(deadline=None)
@given(st.lists(NAMES, max_size=20), st.data())
def test_a_tree_forgets_what_is_taken_out(paths: list[str], data: st.DataObject):
    kept: list[str] = []
    tree = Tree([])
    for path in paths:
        if tree.conflict(path) is None:
            tree.add(path)
            kept.append(path)
    while kept:
        gone = kept.pop(data.draw(st.integers(0, len(kept) - 1)))
        tree.remove(gone)

        assert tree.conflict(gone) is None
        assert all(tree.conflict(path) == path for path in kept)
