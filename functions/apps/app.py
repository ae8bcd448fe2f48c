"""The apps function's handler."""

import os

from aicode.http import LambdaContext, Pipeline, Response
from aicode.start import begin
from apps.dependencies import Dependencies, dependencies
from apps.routes import ROUTES

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies)


async def handler(event: dict[str, object], context: LambdaContext) -> Response:
    """Answers one request of the editor."""
    return await pipeline(await dependencies.current()).answer(event, context)


def pipeline(needed: Dependencies) -> Pipeline[Dependencies]:
    """The editor's routes over what they work with."""
    return Pipeline(
        telemetry=needed.telemetry,
        base_path=needed.settings.apps_path,
        routes=ROUTES,
        dependencies=needed,
        authenticate=needed.authenticator.vendor,
        allowed_origins=needed.settings.allowed_origins,
        origin_secret=needed.settings.origin_secret,
        admit=needed.admit,
    )
