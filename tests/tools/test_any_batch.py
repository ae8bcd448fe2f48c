"""Any batch leaves the app as its calls, one after another, would."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tools_desk import APP, Desk

from aicode.errors import ToolError
from aicode.file_store.sqlite.store import SqliteFileStore
from tests.memory_uploads import png

PATHS = st.sampled_from(["a", "b", "c", "d/e", "d/f"])
UPLOADS = {"up-1": png(1, 1), "up-2": png(2, 2), "up-3": b"1\n"}
CALLS = st.one_of(
    st.tuples(st.just("create_file"), PATHS, st.sampled_from(["1\n", "2\n", "3\n"])),
    st.tuples(st.just("use_attachment"), PATHS, st.sampled_from(sorted(UPLOADS))),
    st.tuples(st.just("edit_file"), PATHS, st.sampled_from(["4\n", "5\n"])),
    st.tuples(st.just("rename_file"), PATHS, PATHS),
    st.tuples(st.just("delete_file"), PATHS, st.just("")),
)


async def _run(desk: Desk, call_id: str, call: tuple[str, str, str], model: dict[str, str | bytes]) -> None:
    """Makes one call, and does the same to the model where it succeeds."""
    name, path, other = call
    match name:
        case "create_file":
            await desk.call(name, call_id, path=path, content=other)
            model[path] = other
        case "use_attachment":
            await desk.call(name, call_id, path=path, uploadId=other)
            model[path] = UPLOADS[other] if other != "up-3" else UPLOADS[other].decode()
        case "edit_file":
            old = model.get(path)
            old = old if isinstance(old, str) else "x"
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
        desk, model = Desk(store), dict[str, str | bytes]()
        for data in UPLOADS.values():
            await desk.vendor_attaches("upload", data)
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
