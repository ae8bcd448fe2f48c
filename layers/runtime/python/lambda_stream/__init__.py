"""Response streaming for Python on AWS Lambda: a Runtime API loop for asynchronous handlers.

`_HANDLER` names an `async def handler(event, context)` that returns a `Response`; its body is sent
while it is being made. Started by `stream-bootstrap` as AWS_LAMBDA_EXEC_WRAPPER. A response of which
nothing is taken for LAMBDA_STREAM_WRITE_SECONDS (30) is given up, and its body is closed.
"""

from .context import Context
from .loop import Handler, Response

__all__ = ["Context", "Handler", "Response"]
