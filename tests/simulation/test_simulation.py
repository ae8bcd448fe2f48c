"""Seeds of the simulation: `make simulate` runs a thousand, SEEDS and FIRST_SEED choose others."""

import os
from collections import Counter
from collections.abc import Generator

import pytest
from simulation import Simulation

from dev.upstash.valkey import EmbeddedValkey

FIRST = int(os.environ.get("FIRST_SEED", "40"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SEEDS", "25")))

# So many seeds meet everything that can happen.
ENOUGH = 25
FATES = ("killed", "stopped", "store down", "store slow", "cancelled", "handed over", "replaced", "answered")


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory, valkey: EmbeddedValkey) -> Generator[Simulation]:
    """The stores that all seeds share."""
    simulation = Simulation(tmp_path_factory.mktemp("simulation"), valkey)
    yield simulation
    simulation.close()


@pytest.mark.parametrize("hundred", range(0, len(SEEDS), 100))
def test_no_fault_breaks_a_conversation(simulation: Simulation, hundred: int):
    fates: Counter[str] = Counter()
    seeds = SEEDS[hundred : hundred + 100]
    for seed in seeds:
        fates += simulation.run(seed)
    if len(seeds) >= ENOUGH:
        assert all(fates[fate] for fate in FATES), fates


@pytest.mark.parametrize("hundred", range(0, len(SEEDS), 100))
def test_nothing_is_written_after_a_session_was_deleted(simulation: Simulation, hundred: int):
    for seed in SEEDS[hundred : hundred + 100]:
        simulation.run(seed, deleting=True)
