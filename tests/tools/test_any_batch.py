"""Any batch leaves the app as its calls, one after another, would; and any edit leaves the rest of a text."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tools_desk import APP, Desk

from aicode.errors import ToolError
from aicode.file_store.sqlite.store import SqliteFileStore
from chat.agent.tools.edit.apply import EditMissedError, Replacement, apply_edits

PATHS = st.sampled_from(["a", "b", "c", "d/e", "d/f"])
CALLS = st.one_of(
    st.tuples(st.just("create_file"), PATHS, st.sampled_from(["1\n", "2\n", "3\n"])),
    st.tuples(st.just("edit_file"), PATHS, st.sampled_from(["4\n", "5\n"])),
    st.tuples(st.just("rename_file"), PATHS, PATHS),
    st.tuples(st.just("delete_file"), PATHS, st.just("")),
)


async def _run(desk: Desk, call_id: str, call: tuple[str, str, str], model: dict[str, str]) -> None:
    """Makes one call, and does the same to the model where it succeeds."""
    name, path, other = call
    match name:
        case "create_file":
            await desk.call(name, call_id, path=path, content=other)
            model[path] = other
        case "edit_file":
            old = model.get(path, "x")
            await desk.call(name, call_id, path=path, edits=[{"old": old, "new": other}])
            model[path] = other
        case "rename_file":
            await desk.call(name, call_id, path=path, new_path=other)
            model[other] = model.pop(path)
        case _:
            await desk.call(name, call_id, path=path)
            del model[path]


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(st.lists(CALLS, max_size=8), max_size=4))
async def test_a_batch_leaves_the_app_as_its_calls_one_after_another_would(
    batches: list[list[tuple[str, str, str]]],
) -> None:
    with TemporaryDirectory() as folder:
        store = SqliteFileStore(Path(folder) / "files.db")
        await store.create_app("alice", "App", app_id=APP)
        desk, model = Desk(store), dict[str, str]()
        for batch in batches:
            landed: set[str] = set()
            for number, call in enumerate(batch):
                try:
                    await _run(desk, f"call-{number}", call, model)
                except ToolError:
                    continue
                landed.add(f"call-{number}")
            outcome = await desk.commit()

            assert outcome.errors == {}
            assert outcome.changes.keys() <= landed
            assert await desk.files() == model
            assert desk.seen.keys() <= model.keys()
        store.close()


TEXT = st.text(alphabet=st.sampled_from(list("ab \t\n'\u2019(\u200b")), max_size=60)


def _edited(text: str, old: str, new: str) -> str | None:
    try:
        return apply_edits(text, [Replacement(old, new)])[0]
    except EditMissedError:
        return None


@settings(max_examples=500, deadline=None)
@given(before=TEXT, old=TEXT.filter(bool), new=TEXT, after=TEXT)
def test_an_edit_that_lands_exactly_changes_nothing_else(before: str, old: str, new: str, after: str) -> None:
    line_begun = before.rpartition("\n")[2]
    assume(line_begun.strip(" \t") or not line_begun or old[0] not in " \t")  # not within an indentation
    result = _edited(before + old + after, old, new)

    assert result in (None, before + new + after, f"{before}{new}{after}\n")


@settings(max_examples=400, deadline=None)
@given(text=TEXT, old=TEXT, new=TEXT)
def test_a_file_with_crlf_is_edited_just_as_one_with_lf(text: str, old: str, new: str) -> None:
    result = _edited(text, old, new)
    with_crlf = _edited(text.replace("\n", "\r\n"), old, new)

    if result is None or "\n" not in text:
        assert with_crlf == result
    else:
        assert with_crlf == result.replace("\n", "\r\n")
