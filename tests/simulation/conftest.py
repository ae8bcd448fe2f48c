"""One Valkey for all simulated stores, which come one after the other."""

from collections.abc import Generator

import pytest

from dev.upstash.valkey import EmbeddedValkey, running_valkey


@pytest.fixture(scope="session")
def valkey() -> Generator[EmbeddedValkey]:
    with running_valkey(None) as running:
        yield running
