"""A Function URL, the Lambda Runtime API and the Invoke API on this machine."""

from dev.function_url.function import Function
from dev.function_url.pool import ProcessInfo
from dev.function_url.server import (
    FunctionURLServer,
    LocalHandler,
    Route,
    serve,
)

__all__ = [
    "Function",
    "FunctionURLServer",
    "LocalHandler",
    "ProcessInfo",
    "Route",
    "serve",
]
