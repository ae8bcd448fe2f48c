"""The sign-in function's handler, which answers in one piece."""

import asyncio
import os
from typing import Any

from aicode.http import LambdaContext, Pipeline, Request, in_one_piece
from aicode.start import begin
from sign_in.dependencies import Dependencies, dependencies
from sign_in.routes import ROUTES

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies)


def handler(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    """Answers one request of the sign-in's routes."""
    return asyncio.run(_answered(event, context))


async def _answered(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    return await answer(event, context, await dependencies.current())


async def answer(event: dict[str, object], context: LambdaContext, needed: Dependencies) -> dict[str, Any]:
    """The answer to one request."""
    pipeline = Pipeline(
        telemetry=needed.telemetry,
        base_path="",
        routes=ROUTES,
        dependencies=needed,
        authenticate=_nobody_yet,
        allowed_origins=frozenset(),
        origin_secret=needed.settings.origin_secret,
    )
    return await in_one_piece(await pipeline.answer(event, context))


async def _nobody_yet(_: Request) -> str:
    """No vendor: the routes are there for those who are not signed in."""
    return ""
