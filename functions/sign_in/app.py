"""The sign-in function's handler, which answers in one piece."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from aicode.http import Pipeline, Request
from aicode.start import begin
from sign_in.dependencies import Dependencies, dependencies
from sign_in.routes import ROUTES

_metrics = Metrics(namespace="AICode", service="sign-in")

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies)


@_metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    """Answers one request of the sign-in's routes."""
    return asyncio.run(_answered(event, context))


async def _answered(event: dict[str, object], context: LambdaContext) -> dict[str, Any]:
    return await answer(event, context, await dependencies.current(), _count)


async def answer(
    event: dict[str, object],
    context: LambdaContext,
    needed: Dependencies,
    observe: Callable[[str, int], None],
) -> dict[str, Any]:
    """The answer in the shape that Function URLs expect of a function that does not stream."""
    pipeline = Pipeline(
        service="sign-in",
        base_path="",
        routes=ROUTES,
        dependencies=needed,
        authenticate=_nobody_yet,
        allowed_origins=frozenset(),
        origin_secret=needed.settings.origin_secret,
        observe=observe,
    )
    response = await pipeline.answer(event, context)
    body = b"".join([chunk async for chunk in response.body])
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "cookies": list(response.cookies),
        "body": body.decode("ascii"),
    }


async def _nobody_yet(_: Request) -> str:
    """No vendor: the routes are there for those who are not signed in."""
    return ""


def _count(route: str, status: int) -> None:
    _metrics.add_dimension("route", route)
    _metrics.add_dimension("status", str(status))
    _metrics.add_metric("Requests", MetricUnit.Count, 1)
