"""What came and went, line by line."""

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aicode.file_store.line_diff import count_changes, count_lines, lines, unified

TEXTS = st.lists(
    st.sampled_from(["a", "b", "c", "", "\x0b", "\r", "\u2028", "-- x", "+++"]), max_size=30
).map("\n".join)


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("", "", (0, 0)),
        ("", "a", (1, 0)),
        ("a\n", "", (0, 1)),
        ("a", "a\n", (1, 1)),
        ("a\nb\nc\n", "a\nx\ny\nc\n", (2, 1)),
        ("a\r\nb\r\n", "a\nb\n", (2, 2)),
        ("one\u2028line\n", "one\u2028line\ntwo\n", (1, 0)),
    ],
)
def test_changes_are_counted_in_lines(old: str, new: str, counts: tuple[int, int]):
    assert count_changes(old, new) == counts


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_figures_and_diff_agree(old: str, new: str):
    added, deleted = count_changes(old, new)
    body = lines(unified(old, new, "f", "f"))[2:]

    assert added == sum(line.startswith("+") for line in body)
    assert deleted == sum(line.startswith("-") for line in body)
    assert count_lines(new) - count_lines(old) == added - deleted


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_no_line_is_told_that_need_not_be(old: str, new: str):
    common = [[0] * (len(lines(new)) + 1)]
    for line in lines(old):
        row = [0]
        for index, other in enumerate(lines(new)):
            row.append(common[-1][index] + 1 if line == other else max(row[-1], common[-1][index + 1]))
        common.append(row)

    assert count_changes(old, new) == (
        len(lines(new)) - common[-1][-1],
        len(lines(old)) - common[-1][-1],
    )


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=5, max_size=5))
def test_a_diff_can_be_applied(pairs: list[tuple[str, str]]):
    for old, new in pairs:
        assert _apply(old, unified(old, new, "f", "f")) == new


def _apply(old: str, diff: str) -> str:
    """The text after a unified diff of it, by the rules of the format."""
    source, position, result = lines(old), 0, list[str]()
    body = lines(diff)[2:]
    for index, line in enumerate(body):
        bare = index + 1 < len(body) and body[index + 1].startswith("\\")
        text = line[1:-1] if bare else line[1:]
        if line.startswith("@@"):
            start, _, length = line.split()[1][1:].partition(",")
            first = int(start) - (length != "0")
            result += source[position:first]
            position = first
        elif line.startswith("+"):
            result.append(text)
        elif line.startswith(("-", " ")):
            assert source[position] == text
            result += [text] if line.startswith(" ") else []
            position += 1
    return "".join(result + source[position:])


def test_git_applies_a_diff(tmp_path: Path):
    old = "".join(f"line {n}\n" for n in range(100))
    new = old.replace("line 10\n", "").replace("line 50\n", "fifty\nand more\n") + "no end"
    (tmp_path / "f").write_text(old)
    patch = unified(old, new, "f", "f").encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True, timeout=30)  # noqa: S607 - any git

    assert (tmp_path / "f").read_text() == new
    assert patch.count(b"@@ -") == 3


def test_texts_with_too_many_ways_to_compare_count_as_replaced():
    dice = random.Random(1)  # noqa: S311 - the same texts in every run
    old, new = ("".join(f"{dice.randrange(5)}\n" for _ in range(20_000)) for _ in range(2))

    added, deleted = count_changes(f"head\n{old}", f"head\n{new}")
    assert 19_000 < added == deleted <= 20_000
    assert count_changes(old, f"{old}more\n") == (1, 0)


def test_what_is_looked_at_is_bounded_for_a_text_as_a_whole():
    def text(symbols: str) -> str:
        part = "".join(f"{symbol}\n" for symbol in symbols * 200)
        return "".join(f"{number}\n{part}" for number in range(100))

    added, deleted = count_changes(text("ab"), text("bac"))
    assert (600 - 399) * 100 < added < 600 * 100
    assert added - deleted == 200 * 100


def test_changes_far_apart_in_a_long_text_are_told_one_by_one():
    old = [f"line {n}" for n in range(30_000)]
    new = list(old)
    new[10], new[15_000:15_001], new[29_990:29_992] = "changed", ["one", "two"], []

    assert count_changes("\n".join(old), "\n".join(new)) == (3, 4)


def test_anchors_in_another_order_are_still_a_diff():
    old = [f"line {n}" for n in range(6_000)]
    new = old[3_000:] + ["between"] * 2 + old[:3_000]
    added, deleted = count_changes("\n".join(old) + "\n", "\n".join(new) + "\n")

    assert (added, deleted) == (3_002, 3_000)
