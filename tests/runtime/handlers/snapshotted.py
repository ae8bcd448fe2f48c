"""A handler whose hooks around the snapshot leave their traces; FAIL names the one that fails."""

import os
from collections.abc import AsyncIterator

import streaming
from snapshot_restore_py import (  # pyright: ignore[reportMissingTypeStubs]  (it has none)
    register_after_restore,
    register_before_snapshot,
)

from lambda_stream import Context, Response

steps: list[str] = []


@register_before_snapshot
def second_before() -> None:
    steps.append("second before")


@register_before_snapshot
def first_before() -> None:
    _step("first before")


@register_after_restore
async def after() -> None:
    _step("after")


def _step(name: str) -> None:
    if os.environ.get("FAIL") == name:
        raise streaming.SecretError("what went wrong")
    steps.append(name)


async def handler(event: dict[str, object], context: Context) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield ", ".join(steps).encode()

    return streaming.Answer(body())
