"""The session function's handler, which answers in one piece: Lambda's own runtime cannot stream."""

import asyncio
import os
from functools import cache
from typing import Any

from aicode.http import LambdaContext, in_one_piece, vendors_pipeline
from aicode.start import begin
from session.dependencies import Dependencies, dependencies
from session.routes import ROUTES

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies)


def handler(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    """Answers one request of the session routes."""
    return _loop().run_until_complete(_answered(event, context))


async def _answered(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    return await answer(event, context, await dependencies.current())


async def answer(event: dict[str, object], context: LambdaContext, needed: Dependencies) -> dict[str, Any]:
    """The answer to one request."""
    pipeline = vendors_pipeline(needed, needed.settings.base_path, ROUTES)
    return await in_one_piece(await pipeline.answer(event, context))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Connections belong to one loop, so it lives as long as they do: from one request to the next."""
    return asyncio.new_event_loop()
