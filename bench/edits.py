"""How the time of one edit_file call grows with its edits, and how soon it ends: `python -m bench.edits`.

Each row is a file of about 1 MB and 100 edits that match only when white space, or typography too, is
ignored. `times one` is the time of the call over that of its first edit alone; `longest` is the longest
stretch in which the work did not ask if it is still wanted, over the time of the call.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager

from chat.agent.tools.edit.apply import Replacement, apply_edits
from chat.agent.tools.stopping import stopped_by

FUNCTIONS = 23_000
EDITS = 100
CASES = {
    "white space": ("f", '"', 1),
    "white space, new depths": ("f", '"', 2),
    "typography, accents": ("é", "“", 1),
}


def _call(letter: str, quote: str, lines: int) -> tuple[str, list[Replacement]]:
    text = "".join(f"    def {letter}{n}(x):\n        return {quote}{n}\n" for n in range(FUNCTIONS))
    edits: list[Replacement] = []
    for n in range(0, EDITS * 50, 50):
        head = f"def {letter}{n}(x):\n"
        body = f'      if x:\n        return "{n + 1}\n' if lines > 1 else f'      return "{n + 1}\n'
        edits.append(Replacement(f'{head}      return "{n}\n', head + body))
    return text, edits


@contextmanager
def _stretches() -> Generator[list[float]]:
    """The seconds between the questions that the work within the block asks."""
    moments = [time.perf_counter()]
    stretches: list[float] = []

    def asked() -> bool:
        moments.append(time.perf_counter())
        stretches.append(moments[-1] - moments[-2])
        return False

    with stopped_by(asked):
        yield stretches
    asked()


def table() -> str:
    """The figures as Markdown."""
    rows = ["| 100 edits that differ in | seconds | times one | longest |", "| --- | --- | --- | --- |"]
    for name, case in CASES.items():
        text, edits = _call(*case)
        apply_edits(text, edits[:1])
        begun = time.perf_counter()
        apply_edits(text, edits[:1])
        one = time.perf_counter() - begun
        begun = time.perf_counter()
        with _stretches() as stretches:
            apply_edits(text, edits)
        whole = time.perf_counter() - begun
        rows.append(f"| {name} | {whole:.1f} | {whole / one:.0f} | {max(stretches) / whole:.1%} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
