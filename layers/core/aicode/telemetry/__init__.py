"""What operators see of an invocation: log lines and metrics, a trace and reports where they want them."""

from aicode.telemetry.log import logger
from aicode.telemetry.observer import Observer, Telemetry

__all__ = ["Observer", "Telemetry", "logger"]
