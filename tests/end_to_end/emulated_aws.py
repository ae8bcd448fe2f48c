"""DynamoDB and S3 over HTTP, for the stacks of these tests where FILES_IN=dynamodb asks for them."""

import io
import itertools
import json
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
Answer = tuple[str, Any, list[bytes]]


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
    """What DynamoDB does and moto does not: one change after the other, and each transaction once.

    moto applies a transaction to a copy of the table, without a lock. A client that has waited too long for
    the answer sends the same token again, and DynamoDB only answers:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._done: dict[str, Answer] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        token = _token(environ)
        with self._lock:
            status, headers, body = self._done.get(token) or self._carried_out(environ)
            if token and status.startswith("200"):
                self._done[token] = status, headers, body
        start_response(status, headers)
        return body

    def _carried_out(self, environ: Any) -> Answer:
        heads: list[tuple[str, Any]] = []

        def start(status: str, headers: Any, _: object = None) -> None:
            heads.append((status, headers))

        body = list(self._application(environ, start))
        return *heads[0], body


def _token(environ: Any) -> str:
    """By what a transaction is known when it is sent again; nothing for other requests."""
    if not environ.get("HTTP_X_AMZ_TARGET", "").endswith(".TransactWriteItems"):
        return ""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    return json.loads(body)["ClientRequestToken"]
