"""The process that Lambda starts: exit 0 after SIGTERM, 1 where the handler does not load."""

import asyncio
import os
import sys

from .api import RuntimeApi, RuntimeApiError
from .loop import run


def main() -> None:
    # Lambda may freeze or kill the process at any time: a line that is printed must be out.
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  (typeshed: TextIO)
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        code = asyncio.run(run(api, os.environ["_HANDLER"]))
    except RuntimeApiError as error:
        sys.exit(f"lambda_stream: {error}")
    sys.exit(code)


main()
