"""DynamoDB and S3 of moto, with what AWS would bill for each request counted.

A read unit is 4 KB, or 8 KB that may be a moment old; a write unit is 1 KB, two of them in a transaction:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""

import base64
import io
import json
import logging
import math
import threading
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - moto has none
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server

from tests.end_to_end.emulated_aws import OneAtATime

READ, WRITE, TRANSACTION = 4096, 1024, 2
Json = Mapping[str, Any]


class CountedAWS:
    """A WSGI application in front of moto's; `counts` by what AWS bills."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self.counts: defaultdict[str, float] = defaultdict(float)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        asked = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(asked)
        answer = b"".join(self._application(environ, start_response))
        with self._lock:
            self._count(environ, asked, answer)
        return [answer]

    def _count(self, environ: Any, asked: bytes, answer: bytes) -> None:
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if operation:
            reads, writes = units(operation, json.loads(asked), json.loads(answer))
            self.counts["dynamodb_reads"] += reads
            self.counts["dynamodb_writes"] += writes
        else:
            reading = environ["REQUEST_METHOD"] in ("GET", "HEAD")
            self.counts["s3_reads" if reading else "s3_writes"] += 1


def units(operation: str, asked: Json, answer: Json) -> tuple[float, float]:
    """Read and write units of one request to DynamoDB; raises ValueError where its bill is not known."""
    match operation:
        case "GetItem" | "Query" | "Scan" | "BatchGetItem":
            return _reads(operation, asked, answer), 0
        case "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems":
            return 0, _writes(operation, asked)
        case "CreateTable":
            return 0, 0
        case _:
            raise ValueError(f"{operation}: what it costs is not known here")


def _reads(operation: str, asked: Json, answer: Json) -> float:
    if operation == "GetItem":
        return _read(size(answer.get("Item", {})), asked)
    if operation != "BatchGetItem":
        return _read(sum(map(size, answer["Items"])), asked)
    found = [item for items in answer["Responses"].values() for item in items]
    [each] = asked["RequestItems"].values()
    # What is not there is read too.
    missing = len(each["Keys"]) - len(found)
    return sum(_read(size(item), each) for item in found) + missing * _read(0, each)


def _writes(operation: str, asked: Json) -> int:
    if operation == "BatchWriteItem":
        [each] = asked["RequestItems"].values()
        return sum(_write(one.get("PutRequest", {})) for one in each)
    if operation == "TransactWriteItems":
        return TRANSACTION * sum(_write(one) for each in asked["TransactItems"] for one in each.values())
    return _write(asked)


def _read(size: int, asked: Json) -> float:
    units = max(1, math.ceil(size / READ))
    return units if asked.get("ConsistentRead") else units / 2


def _write(one: Json) -> int:
    """Of a put by its item; of an update by what is set, as the rest of the item is not known here."""
    return max(1, math.ceil(size(one.get("Item") or one.get("ExpressionAttributeValues", {})) / WRITE))


def size(item: Json) -> int:
    """The bytes of an item, about as DynamoDB counts them."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Json) -> int:
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2
        case "B":
            return len(base64.b64decode(held))
        case "L":
            return 3 + sum(1 + _value(each) for each in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(each) for name, each in held.items())
        case _:
            return 1


@contextmanager
def serve() -> Generator[tuple[CountedAWS, dict[str, str]]]:
    """A server, and the variables of a stack that keeps apps and files there."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    counted = CountedAWS(OneAtATime(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, counted, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield (
            counted,
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
                "APPS_TABLE": "apps",
                "FILES_BUCKET": "files",
            },
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
