"""The apps function's handler."""

import os

from aicode.http import LambdaContext, Pipeline, Response, vendors_pipeline
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
    return vendors_pipeline(needed, needed.settings.apps_path, ROUTES)
