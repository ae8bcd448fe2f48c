"""What a function makes of its settings is made anew when they have changed, and seldom asked for."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from aicode.secrets import Kept
from aicode.settings import SettingsError, missing

_services = itertools.count(1)  # a logger goes on writing to where its first test looked


@dataclass(eq=False)
class Made:
    """What the function works with."""

    variables: Mapping[str, str]
    closed: bool = False

    async def close(self) -> None:
        self.closed = True


@dataclass
class World:
    """A clock, and what the secret and the parameter say; `reads` are the tries that each reading had."""

    time: float = 1_800_000_000.0
    values: dict[str, str] = field(default_factory=lambda: {"KEY": "first"})
    away: bool = False
    env: dict[str, str] = field(default_factory=dict[str, str])
    reads: list[int] = field(default_factory=list[int])

    def kept(self) -> Kept[Made]:
        return Kept(
            self._make,
            service=f"test-{next(_services)}",
            close=Made.close,
            read=self._read,
            env=self.env,
            now=lambda: self.time,
        )

    def _read(self, tries: int) -> Mapping[str, str]:
        self.reads.append(tries)
        if self.away:
            raise SettingsError("The secret of SECRETS_ARN cannot be read: no answer.")
        return dict(self.values)

    def _make(self, variables: Mapping[str, str]) -> Made:
        if "KEY" not in variables:
            raise missing("KEY")
        return Made(variables)


async def test_within_five_minutes_nothing_is_asked_for():
    world = World()
    kept = world.kept()
    first = await kept.current()
    world.values["KEY"] = "second"
    world.time += 299

    assert await kept.current() is first
    assert len(world.reads) == 1


async def test_after_five_minutes_a_new_value_is_worked_with_and_the_old_connections_are_closed():
    world = World()
    kept = world.kept()
    first = await kept.current()
    world.values["KEY"] = "second"
    world.time += 300

    second = await kept.current()

    assert (first.variables["KEY"], second.variables["KEY"]) == ("first", "second")
    assert (first.closed, second.closed) == (True, False)
    assert await kept.current() is second


async def test_what_has_not_changed_is_not_made_anew():
    world = World()
    kept = world.kept()
    first = await kept.current()
    world.time += 300
    world.env["_X_AMZN_TRACE_ID"] = "another one with each invocation"

    assert await kept.current() is first
    assert not first.closed
    assert len(world.reads) == 2


async def test_a_variable_that_is_set_wins_and_an_empty_one_does_not():
    world = World(values={"KEY": "told", "OTHER": "told"}, env={"KEY": "own", "OTHER": " "})

    assert (await world.kept().current()).variables == {"KEY": "own", "OTHER": "told"}


async def test_a_process_that_has_nothing_yet_fails_until_it_is_told():
    world = World(values={})
    kept = world.kept()
    with pytest.raises(SettingsError, match="KEY is not set"):
        await kept.current()

    world.values["KEY"] = "filled"

    assert (await kept.current()).variables["KEY"] == "filled"


@pytest.mark.parametrize("fault", ["away", "emptied"])
async def test_what_cannot_be_read_again_is_gone_on_with_and_soon_asked_for(
    fault: str, capsys: pytest.CaptureFixture[str]
):
    world = World()
    kept = world.kept()
    first = await kept.current()
    world.time += 300
    world.away, world.values = fault == "away", {}

    assert await kept.current() is first
    assert "settings not read again" in capsys.readouterr().out
    assert await kept.current() is first
    assert len(world.reads) == 2
    world.away, world.values = False, {"KEY": "second"}
    world.time += 30
    assert (await kept.current()).variables["KEY"] == "second"
    assert first.closed


async def test_a_vendor_waits_for_one_try_where_there_is_something_to_go_on_with():
    world = World()
    kept = world.kept()
    await kept.current()
    world.time += 300
    await kept.current()

    assert world.reads == [3, 1]


async def test_a_value_that_was_refused_where_it_is_used_is_asked_for_at_once():
    world = World()
    kept = world.kept()
    await kept.current()
    world.values["KEY"] = "rotated"
    kept.expire()

    assert (await kept.current()).variables["KEY"] == "rotated"


async def test_a_clock_that_is_set_back_keeps_nothing_for_longer():
    world = World()
    kept = world.kept()
    await kept.current()
    world.values["KEY"] = "second"
    world.time -= 3600

    assert (await kept.current()).variables["KEY"] == "second"


def test_without_an_event_loop_it_is_the_same():
    world = World()
    kept = world.kept()
    first = kept.get()
    world.values["KEY"] = "second"
    assert kept.get() is first
    world.time += 300

    assert kept.get().variables["KEY"] == "second"
