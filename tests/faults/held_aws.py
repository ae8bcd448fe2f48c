"""DynamoDB and S3 over HTTP, where one request of a test's choice can be held on its way there or back."""

import asyncio
import io
import threading
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - moto has none
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server

from tests.end_to_end.emulated_aws import OneAtATime
from tests.waiting import PATIENCE


@dataclass(slots=True)
class Hold:
    """One request: held as soon as it comes, or once it is carried out and before it is answered.

    `release(carry_out=False)` loses it on its way. `status` is what it was answered in the end.
    """

    call: str
    containing: str
    carried_out: bool
    reached: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)
    status: str = ""
    _released: threading.Event = field(default_factory=threading.Event)
    _lost: bool = False

    def release(self, *, carry_out: bool) -> None:
        """Lets the request, or its answer, go on."""
        self._lost = not carry_out
        self._released.set()

    def wait(self) -> bool:
        """Until it is released; whether it shall be carried out then."""
        self.reached.set()
        assert self._released.wait(PATIENCE * 2)
        return not self._lost


class HeldAws:
    """The server, its variables for a stack, and the order to hold a request."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._hold: Hold | None = None
        self._lock = threading.Lock()

    def hold(self, call: str, containing: str, *, carried_out: bool = False) -> Hold:
        """The next request of this kind that has this text in it."""
        hold = Hold(call, containing, carried_out)
        with self._lock:
            self._hold = hold
        return hold

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answers one request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        hold = self._taken(environ.get("HTTP_X_AMZ_TARGET", ""), body)
        if hold is None:
            return self._application(environ, start_response)
        if not hold.carried_out and not hold.wait():
            start_response("500 Lost", [])
            return []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            hold.status = status
            return start_response(status, headers)

        answer = self._application(environ, start)
        if hold.carried_out:
            hold.wait()
        hold.answered.set()
        return answer

    def _taken(self, target: str, body: bytes) -> Hold | None:
        with self._lock:
            hold = self._hold
            if hold and target.endswith(f".{hold.call}") and hold.containing.encode() in body:
                self._hold = None
                return hold
        return None


@asynccontextmanager
async def serve() -> AsyncGenerator[tuple[HeldAws, dict[str, str]]]:
    """A server with its variables; a stack makes table and bucket."""
    aws = HeldAws(OneAtATime(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, aws, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        yield aws, {"AWS_ENDPOINT_URL": url, "APPS_TABLE": "held-apps", "FILES_BUCKET": "held-files"}
    finally:
        await asyncio.to_thread(server.shutdown)
        thread.join()
        server.server_close()
