"""The process that Lambda starts. It exits with 0 after SIGTERM, with 1 if the handler does not load."""

import asyncio
import io
import os
import sys
from typing import cast

from .api import RuntimeApi, RuntimeApiError
from .loop import run


def main() -> None:
    # Lambda may freeze or kill the process at any time, so each line is written at once.
    cast("io.TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)
    seconds = float(os.environ.get("LAMBDA_STREAM_WRITE_SECONDS", "30"))
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"], write_seconds=seconds)
    try:
        code = asyncio.run(run(api, os.environ["_HANDLER"]))
    except RuntimeApiError as error:
        sys.exit(f"lambda_stream: {error}")
    sys.exit(code)


if __name__ == "__main__":
    main()
