"""Seeds of the simulation: `make simulate` runs a thousand, SEEDS and FIRST_SEED choose others."""

import os
from collections.abc import Generator

import pytest
from simulation import Simulation

FIRST = int(os.environ.get("FIRST_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SEEDS", "25")))


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Generator[Simulation]:
    """The stores that all seeds share."""
    simulation = Simulation(tmp_path_factory.mktemp("simulation"))
    yield simulation
    simulation.close()


@pytest.mark.parametrize("hundred", range(0, len(SEEDS), 100))
def test_no_fault_breaks_a_conversation(simulation: Simulation, hundred: int):
    for seed in SEEDS[hundred : hundred + 100]:
        simulation.run(seed)
