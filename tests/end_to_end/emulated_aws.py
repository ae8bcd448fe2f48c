"""DynamoDB and S3 over HTTP, for the stacks of these tests where FILES_IN=dynamodb asks for them."""

import itertools
import os
from collections.abc import Generator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

_numbers = itertools.count(1)


@contextmanager
def variables() -> Generator[dict[str, str]]:
    """The variables of a stack that keeps apps and files there; none where they stay in SQLite."""
    if os.environ.get("FILES_IN") != "dynamodb":
        yield {}
        return
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # All servers of a process share their data, so each stack has a table and a bucket of its own.
        number = next(_numbers)
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "APPS_TABLE": f"apps-{number}",
            "FILES_BUCKET": f"files-{number}",
        }
    finally:
        server.stop()
