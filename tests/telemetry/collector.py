"""A server on this machine that takes what is exported: traces by OTLP, and events for Sentry."""

import gzip
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(slots=True)
class Collector:
    """What has come: each request's path, and its body unpacked; and the keys that traces were sent with.

    `dsn` names it as a project of Sentry's.
    """

    port: int = 0
    came: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    keys: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.port}/7"

    def spans(self) -> list[dict[str, Any]]:
        """All spans, each with its name, ids, nanoseconds and attributes, and the service it is of."""
        found: list[dict[str, Any]] = []
        for path, body in self.came:
            if path != "/v1/traces":
                continue
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        given = {each.key: _value(each.value) for each in span.attributes}
                        found.append(
                            {
                                "service": service["service.name"],
                                "name": span.name,
                                "trace": span.trace_id,
                                "id": span.span_id,
                                "parent": span.parent_span_id,
                                "began": span.start_time_unix_nano,
                                "ended": span.end_time_unix_nano,
                                **given,
                            }
                        )
        return found

    def events(self) -> list[dict[str, Any]]:
        """Sentry's events: an envelope has a line of JSON for each item's head, and one for the item."""
        envelopes = [body.splitlines() for path, body in self.came if path == "/api/7/envelope/"]
        return [json.loads(line) for lines in envelopes for line in lines if b'"exception"' in line]

    def all_of_it(self) -> str:
        """All that has come, as text."""
        return "\n".join(body.decode(errors="replace") for _, body in self.came)


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


@contextmanager
def a_collector() -> Generator[Collector]:
    """A running collector."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            collector.came.append((self.path, body))
            if self.path == "/v1/traces":
                collector.keys.append(self.headers.get("api-key", ""))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the class above
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
