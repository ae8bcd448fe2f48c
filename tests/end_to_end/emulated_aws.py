"""DynamoDB and S3 over HTTP, for the stacks of these tests where FILES_IN=dynamodb asks for them."""

import itertools
import os
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - moto has none
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server

_numbers = itertools.count(1)


@contextmanager
def variables() -> Generator[dict[str, str]]:
    """The variables of a stack that keeps apps and files there; none where they stay in SQLite."""
    match os.environ.get("FILES_IN", "sqlite"):
        case "dynamodb":
            with serve() as known:
                yield known
        case "sqlite":
            yield {}
        case other:
            raise ValueError(f"FILES_IN is {other!r}: neither dynamodb nor sqlite")


@contextmanager
def serve() -> Generator[dict[str, str]]:
    """A server with a table and a bucket, which a stack makes; its variables."""
    server = make_server(
        "127.0.0.1", 0, OneAtATime(DomainDispatcherApplication(create_backend_app)), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        # All servers of a process share their data, so each stack has a table and a bucket of its own.
        number = next(_numbers)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "APPS_TABLE": f"apps-{number}",
            "FILES_BUCKET": f"files-{number}",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class OneAtATime:
    """moto applies a transaction to a copy of the table, and has no lock of its own."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            return list(self._application(environ, start_response))
