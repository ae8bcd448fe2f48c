"""Edits as models make them: which land, what the file is then, and what is said where they don't."""

import pytest
from tools_desk import Desk

from tests.tools.edit_corpus import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_an_edit_lands_or_says_why_not(desk: Desk, case: Case) -> None:
    await desk.vendor_writes("file", case.before)
    edits = [
        {"old": edit[0], "new": edit[1], **({"replace_all": edit[2]} if len(edit) == 3 else {})}
        for edit in case.edits
    ]
    arguments: dict[str, object] = {"path": "file", "edits": edits}

    if case.after is None:
        said = await desk.error("edit_file", **arguments)
    else:
        said = await desk.ok("edit_file", **arguments)
    outcome = await desk.commit()

    assert outcome.errors == {}
    assert (await desk.files())["file"] == (case.before if case.after is None else case.after)
    assert case.says in said
    assert len(said) < 10_000
