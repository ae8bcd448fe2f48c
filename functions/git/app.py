"""The git function's handler."""

import os
from collections.abc import Mapping
from typing import Any, cast

from aicode.http import LambdaContext, Pipeline, Response, vendors_pipeline
from aicode.start import begin
from git.dependencies import Dependencies, dependencies
from git.routes import ROUTES, push_event

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies)


async def handler(event: dict[str, object], context: LambdaContext) -> Response | dict[str, object]:
    """Answers one request, or another function that pushes for a turn: `{"push": {vendor, appId, message}}`.

    Such an event has no `requestContext`, and no request through the URL can be without one.
    """
    needed = await dependencies.current()
    if "requestContext" not in event:
        return await called(needed, event, context)
    return await pipeline(needed).answer(event, context)


async def called(
    needed: Dependencies, event: Mapping[str, object], context: LambdaContext
) -> dict[str, object]:
    """The answer to another function; what is not the host's failure is raised."""
    observer = needed.telemetry.observer(context.aws_request_id)
    try:
        return await push_event(needed, cast("Mapping[str, Any]", event["push"]))
    except Exception as error:
        observer.crash(error)
        raise
    finally:
        await observer.finish(Route="pushed_for_a_turn")


def pipeline(needed: Dependencies) -> Pipeline[Dependencies]:
    """The routes over what they work with."""
    return vendors_pipeline(needed, needed.settings.apps_path, ROUTES)
