"""Every test of the sign-in has its own pool, function processes and browser."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sign_in_world import ORIGIN, World, signing_in


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with signing_in(tmp_path, ORIGIN) as world:
        yield world
