"""The results of one batch have a limit together, whatever each call gives."""

import json
import re

import pytest
from turn_world import APP, VENDOR, Running, World, asks, says

from aicode.file_store.store import Commit, Put
from aicode.history.content import result_blocks, text_of
from aicode.history.records import encode

LINE = "const value = 'some words of a long file'\n"
LONG = LINE * 1_000  # about the most that one read_file shows


async def write(world: World, files: dict[str, str]) -> None:
    puts = [Put(path, text, base_version=0) for path, text in files.items()]
    await world.store.commit(VENDOR, APP, Commit(changes=puts, message="Files", author="vendor"))


async def results(world: World, running: Running) -> list[str]:
    """The results of the turn's first batch, as the history has them."""
    records = [entry["record"] for entry in (await world.view(running.sid)).entries]
    batch = next(record for record in records if record["kind"] == "results")
    return [text_of(result_blocks(block)) for block in batch["content"]]


async def test_forty_reads_at_once_are_cut_to_one_limit_and_each_says_how_to_read_on(world: World):
    await write(world, {f"{n}.ts": LONG for n in range(40)} | {"short.ts": LINE})
    paths = [*(f"{n}.ts" for n in range(40)), "short.ts"]

    running, events = await world.turn(
        asks(*(("read_file", {"path": path}) for path in paths)), says("Read.")
    )

    *long, short = await results(world, running)
    assert sum(map(len, [*long, short])) <= 400_000
    assert min(map(len, long)) > 9_000
    assert "[cut" not in short
    for path, text in zip(paths, long, strict=False):
        last, told = re.findall(r"^ *(\d+)\t", text, re.MULTILINE)[-1], text.rpartition("start_line ")[2]
        assert text.startswith(f"{path}: ")
        assert told == f"{int(last) + 1}.]"
    await world.assert_sound(running, events)


async def test_a_batch_within_the_limit_is_left_as_it_is(world: World):
    await write(world, {f"{n}.ts": LONG for n in range(5)})

    running, _ = await world.turn(
        asks(*(("read_file", {"path": f"{n}.ts"}) for n in range(5))), says("Read.")
    )

    assert not any("too long together" in text for text in await results(world, running))


@pytest.mark.parametrize("line", ['"""\'"""\n', "文字をたくさん書く\n", "\U0001f600\n", "\\\n", "\n"])
async def test_a_batch_is_a_write_that_a_small_plan_takes_whatever_it_is_made_of(world: World, line: str):
    await write(world, {f"{n}.ts": line * (60_000 // len(line)) for n in range(40)})

    running, events = await world.turn(
        asks(*(("read_file", {"path": f"{n}.ts"}) for n in range(40))), says("Read.")
    )

    records = [encode(entry["record"]) for entry in (await world.view(running.sid)).entries]
    assert max(len(json.dumps(record, ensure_ascii=False).encode()) for record in records) < 900_000
    await world.assert_sound(running, events)
