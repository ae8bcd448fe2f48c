"""AWS over HTTP, for the stacks of these tests where FILES_IN=dynamodb asks for it; it notes what is used."""

import io
import itertools
import json
import os
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - moto has none
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server

from tests.end_to_end.emulated_key_values import KeyValues
from tests.end_to_end.used_rights import AwsRequest, needed
from tests.template.deployed import Deployment
from tests.template.rights import Right, allowed_rights, beyond
from tests.waiting import PATIENCE

_numbers = itertools.count(1)
Answer = tuple[str, Any, list[bytes]]


@contextmanager
def variables() -> Generator[dict[str, str]]:
    """The variables of a stack that keeps apps and files there; none where they stay in SQLite.

    In the end no function may have used a right that template.yaml does not give it.
    """
    match os.environ.get("FILES_IN", "sqlite"):
        case "dynamodb":
            with recorded() as (known, door):
                yield known
            too_much = not_allowed(known, door.used)
            assert too_much == [], too_much
        case "sqlite":
            yield {}
        case other:
            raise ValueError(f"FILES_IN is {other!r}: neither dynamodb nor sqlite")


def not_allowed(known: Mapping[str, str], used: Iterable[Right]) -> list[str]:
    """What the functions of a stack used, and their roles in template.yaml do not allow."""
    names = {"AppsTable": known["APPS_TABLE"], "FilesBucket": known["FILES_BUCKET"]}
    makers = {"local"}  # who makes table and bucket, as CloudFormation does
    return beyond(
        (right for right in used if right.function not in makers),
        allowed_rights(Deployment("stack", references=names)),
    )


@contextmanager
def serve() -> Generator[dict[str, str]]:
    """A server with a table and a bucket, which a stack makes; its variables."""
    with recorded() as (known, _):
        yield known


@contextmanager
def recorded() -> Generator["tuple[dict[str, str], OneAtATime]"]:
    """Such a server's variables, and its door, which knows the rights that were used."""
    door = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, door, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        # All servers of a process share their data, so each stack has a table and a bucket of its own.
        number = next(_numbers)
        yield (
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
                "APPS_TABLE": f"apps-{number}",
                "FILES_BUCKET": f"files-{number}",
            },
            door,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class OneAtATime:
    """What DynamoDB does and moto does not: one change after the other, and each transaction once.

    moto applies a transaction to a copy of the table, without a lock. A client that has waited too long for
    the answer sends the same token again, and DynamoDB only answers:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

    `used` are the rights that the requests needed so far. `invoke_url` is where functions are invoked, which
    moto does not do for real. `key_values` are what sites show, which it does not have.
    """

    def __init__(self, application: Any) -> None:
        self.used: set[Right] = set()
        self.invoke_url = ""
        self.key_values = KeyValues()
        self._application = application
        self._lock = threading.Lock()
        self._done: dict[str, Answer] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = _read(environ)
        if self.invoke_url and request.path.startswith("/2015-03-31/functions/"):
            with self._lock:
                self.used |= needed(request)
            status, headers, body = _passed_on(self.invoke_url, request)  # what runs there comes by here too
            start_response(status, headers)
            return body
        token = _token(request)
        with self._lock:
            self.used |= needed(request)
            if KeyValues.are_asked(request):
                status, headers, body = self.key_values.answer(request)
            else:
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


def _read(environ: Any) -> AwsRequest:
    """The request, which can still be read by who carries it out."""
    body = b""
    if length := int(environ.get("CONTENT_LENGTH") or 0):  # without one an object's content comes in pieces
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return AwsRequest(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
    )


def _passed_on(url: str, request: AwsRequest) -> Answer:
    headers = {name: value for name, value in request.headers.items() if name.startswith("x-amz-")}
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        answer = client.request(
            request.method, request.path, params=request.query, content=request.body, headers=headers
        )
    return f"{answer.status_code} {answer.reason_phrase}", list(answer.headers.items()), [answer.content]


def _token(request: AwsRequest) -> str:
    """By what a transaction is known when it is sent again; nothing for other requests."""
    if not request.headers.get("x-amz-target", "").endswith(".TransactWriteItems"):
        return ""
    return json.loads(request.body)["ClientRequestToken"]
