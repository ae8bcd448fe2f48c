"""Texts are merged as the page's editor merges them."""

import pytest

from git.merge.lines import merge_texts

BASE = "a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("A\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n"),
        ("A\nb\nc\nd\n", BASE, "A\nb\nc\nd\n"),
        ("A\nb\nc\nd\n", "A\nb\nc\nd\n", "A\nb\nc\nd\n"),
        ("A\nb\nc\nD\n", "A\nb\nc\nd\n", "A\nb\nc\nD\n"),
        ("b\nc\nd\n", "a\nb\nc\nd\ne\n", "b\nc\nd\ne\n"),
        ("", "", ""),
        ("A\nb\nc\nd\n", "Z\nb\nc\nd\n", None),
        ("A\nb\nc\nd\n", "a\nB\nc\nd\n", None),  # side by side
        ("a\nb\nc\nd\nmine\n", "a\nb\nc\nd\ntheirs\n", None),
        ("", "a\nb\nC\nd\n", None),
    ],
)
def test_both_sides_changes_are_one_text_unless_they_touch(mine: str, theirs: str, merged: str | None):
    assert merge_texts(mine, BASE, theirs) == merged
    assert merge_texts(theirs, BASE, mine) == merged
