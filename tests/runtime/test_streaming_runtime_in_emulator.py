"""The runtime process under AWS's own Runtime API, as the emulator has it."""

import ast
import json
import sys
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.runtime.emulator import Emulator, serve_emulator
from tests.runtime.processes import BOOTSTRAP, ENVIRONMENT


@pytest.fixture
async def emulator() -> AsyncGenerator[Emulator]:
    command = [BOOTSTRAP, sys.executable, "streaming.handler"]
    async with serve_emulator(command, ENVIRONMENT) as emulator:
        yield emulator


async def count_invocations(emulator: Emulator) -> int:
    """How often the one process has been asked this; it starts anew in another process."""
    _, _, body = (await emulator.invoke({"do": "tell"})).partition(bytes(8))
    facts: dict[str, Any] = ast.literal_eval(body.decode())
    return facts["invocations"]


async def test_the_first_and_the_next_invocation_are_answered_by_one_process(emulator: Emulator):
    answer = await emulator.invoke({"do": "say", "words": ["one", "two"], "cookies": ["a=1"]})
    prelude, _, body = answer.partition(bytes(8))

    assert json.loads(prelude) == {"statusCode": 200, "headers": {}, "cookies": ["a=1"]}
    assert body == b"onetwo"
    assert [await count_invocations(emulator) for _ in range(2)] == [1, 2]


async def test_an_error_before_the_response_is_reported_and_the_process_goes_on(
    emulator: Emulator,
):
    before = await count_invocations(emulator)
    error = json.loads(await emulator.invoke({"do": "fail_before"}))

    assert error["errorType"] == "SecretError"
    assert error["errorMessage"] == "The function failed."
    assert await count_invocations(emulator) == before + 1


async def test_an_error_in_the_body_ends_the_response_and_the_process_goes_on(emulator: Emulator):
    before = await count_invocations(emulator)
    answer = await emulator.invoke({"do": "fail_during"})

    assert answer.partition(bytes(8))[2] == b"some"
    assert await count_invocations(emulator) == before + 1


async def test_a_body_larger_than_every_buffer_arrives_whole(emulator: Emulator):
    answer = await emulator.invoke({"do": "all_kinds_of_bytes", "size": 5_000_000})

    assert answer.partition(bytes(8))[2] == b"array,01234567," + b"x" * 5_000_000
