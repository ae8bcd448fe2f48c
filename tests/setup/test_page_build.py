"""When the page is built again."""

from pathlib import Path

from dev.setup.page import content_hash, is_current, sources


def page(folder: Path) -> Path:
    for name in (
        "index.html",
        "src/main.tsx",
        "tests/main.test.tsx",
        "node_modules/react/index.js",
        "dist/x.js",
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return folder


def hash_of(web: Path) -> str:
    return content_hash(web, sources(web))


def test_what_is_installed_or_built_or_tests_is_no_source(tmp_path: Path) -> None:
    web = page(tmp_path)

    assert {file.relative_to(web).as_posix() for file in sources(web)} == {"index.html", "src/main.tsx"}


def test_a_file_that_was_only_touched_changes_nothing(tmp_path: Path) -> None:
    web = page(tmp_path)
    before = hash_of(web)
    (web / "src/main.tsx").write_text("src/main.tsx", encoding="utf-8")

    assert hash_of(web) == before


def test_another_content_or_another_name_is_another_page(tmp_path: Path) -> None:
    web = page(tmp_path)
    first = hash_of(web)
    (web / "src/main.tsx").write_text("changed", encoding="utf-8")
    second = hash_of(web)
    (web / "src/main.tsx").rename(web / "src/other.tsx")

    assert len({first, second, hash_of(web)}) == 3


def test_what_was_made_from_something_else_is_not_current(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"

    assert not is_current(stamp, "abc")
    stamp.write_text("abc", encoding="utf-8")
    assert is_current(stamp, "abc")
    assert not is_current(stamp, "def")
