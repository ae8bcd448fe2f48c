"""Response streaming for Python on AWS Lambda: a Runtime API loop for asynchronous handlers.

The environment variable `_HANDLER` names an `async def handler(event, context)` that returns a
`Response`, whose body is sent while it is being made. `stream-bootstrap`, set as
AWS_LAMBDA_EXEC_WRAPPER, starts this package as a process. A response of which nothing is taken for
LAMBDA_STREAM_WRITE_SECONDS (30) is abandoned, and its body is closed.
"""

from .context import Context
from .loop import Handler, Response

__all__ = ["Context", "Handler", "Response"]
