"""Work of a tool that nobody waits for any more ends by itself, and no call can ask for endless work."""

import asyncio
import threading
from itertools import count

import pytest

from chat.agent.tools.edit.apply import EditMissedError, Replacement, apply_edits
from chat.agent.tools.edit.blocks import equal_blocks
from chat.agent.tools.leak import Secret, leak
from chat.agent.tools.stopping import StoppedError, expect_wanted, in_thread, stopped_by
from tests.waiting import until

LINES = 2_000
REWRITTEN = "".join(f"“w{n}” y\n" for n in range(LINES))


async def test_work_in_a_thread_has_ended_when_its_cancellation_is_raised():
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        try:
            while True:
                expect_wanted()
        finally:
            ended.set()

    call = asyncio.create_task(in_thread(work))
    await until(begun.is_set)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert ended.is_set()


async def test_work_in_a_thread_gives_its_result_and_its_error():
    assert await in_thread(sorted, [2, 1]) == [1, 2]
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 1, 0)


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        pytest.param(
            "".join(f"\tf({n}, x)\n" for n in range(LINES)),
            [Replacement(f"f({n},  x)", f"g({n})") for n in range(100)],
            id="many edits that differ in white space",
        ),
        pytest.param(
            REWRITTEN,
            [Replacement(REWRITTEN.replace("“", '"').replace("”", '"'), REWRITTEN.replace("y", "z"))],
            id="a rewrite of most lines",
        ),
        pytest.param("é " * LINES, [Replacement("e\u0301", "e\u0302x", everywhere=True)], id="every place"),
        pytest.param("a b\n" * LINES, [Replacement("not there", "x")], id="a text that is nowhere"),
        pytest.param(
            "한e\u0301 " * LINES + "\u00e9", [Replacement("\u00e9", "x")], id="letters in several forms"
        ),
    ],
)
def test_an_edit_ends_when_it_is_stopped(text: str, edits: list[Replacement]) -> None:
    asked = count()

    with stopped_by(lambda: next(asked) == 50), pytest.raises(StoppedError):
        apply_edits(text, edits)
    assert next(asked) == 51


@pytest.mark.parametrize(
    ("query", "secret"),
    [
        pytest.param("x", "aB3" * LINES, id="a long value"),
        pytest.param("x", "a b " * LINES + "QUJD " * LINES, id="much that may be decoded"),
    ],
)
def test_a_comparison_with_secrets_ends_when_it_is_stopped(query: str, secret: str) -> None:
    asked = count()

    with stopped_by(lambda: next(asked) == 50), pytest.raises(StoppedError):
        leak([query], [Secret(".env", secret)] * 60, "")
    assert next(asked) == 51


def test_replacing_every_place_cannot_fill_the_memory():
    with pytest.raises(EditMissedError, match="larger than a file may be"):
        apply_edits("a" * 100_000, [Replacement("a", "b" * 1_000, everywhere=True)])


def test_texts_that_would_take_long_to_compare_share_what_was_found_in_time():
    old = [line for n in range(20_000) for line in (f"x{n}", "old")]
    new = [line for n in range(20_000) for line in (f"x{n}", "new")]
    *blocks, last = equal_blocks(old, new)

    assert 0 < len(blocks) < 1_000
    assert all(old[a : a + size] == new[b : b + size] for a, b, size in blocks)
    assert last == (40_000, 40_000, 0)
