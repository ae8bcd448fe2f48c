"""The session function's one process: its parts, made while Lambda starts it, and its handler."""

import asyncio

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from aicode import secrets
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from aicode.telemetry import logger
from session.api import Answer, SessionApi
from session.app_files import StoredFiles

_logger = logger("session")
_metrics = Metrics(namespace="AICode", service="session")
_settings = secrets.settings()
# Connections belong to one loop, so it lives as long as they do: from one request to the next.
_loop = asyncio.new_event_loop()


def _observe(route: str, status: int) -> None:
    _metrics.add_dimension("route", route)
    _metrics.add_dimension("status", str(status))
    _metrics.add_metric("Requests", MetricUnit.Count, 1)


_api = SessionApi(
    _settings,
    SessionManager(RedisClient(_settings.redis_url, _settings.redis_token), _settings),
    StoredFiles(_settings, _logger),
    observe=_observe,
    logger=_logger,
)


@_logger.inject_lambda_context
@_metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, object], context: LambdaContext) -> Answer:
    """Answers one request of the session routes."""
    return _loop.run_until_complete(_api.answer(event, context))
