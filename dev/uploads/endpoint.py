"""The address that takes the forms."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from aicode.settings import Settings
from aicode.uploads import DATABASE, LOCAL_PATH
from aicode.uploads.limits import MOST_BYTES
from aicode.uploads.sqlite.shelf import SqliteShelf
from dev.function_url import Route
from dev.http import Answer, Request
from dev.uploads.form import FIELD_BYTES, read_form
from dev.uploads.policy import check
from dev.uploads.refusal import Refusal

# The largest file, its fields, and what is between them.
BODY_LIMIT = MOST_BYTES + 2 * FIELD_BYTES
# As the bucket's rules in template.yaml: what counts is the signature, and no cookie is looked at.
_CORS = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "*"))


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def serve(data_dir: Path) -> AsyncGenerator[list[Route]]:
    """The route that takes the forms for the uploads of a data folder; sweeps them first."""
    shelf = SqliteShelf(data_dir / DATABASE, LOCAL_PATH)
    try:
        await asyncio.to_thread(shelf.sweep, _epoch_ms())
        endpoint = Endpoint(shelf)
        methods = frozenset({"POST", "OPTIONS"})
        yield [Route(methods, re.compile(re.escape(LOCAL_PATH)), endpoint.answer, limit=BODY_LIMIT)]
    finally:
        shelf.close()


def origins(settings: Settings, region: str) -> frozenset[str]:
    """Where the page sends uploads: to its own origins, or to the bucket or its emulator."""
    if not settings.files_bucket:
        return settings.public_origins
    if settings.aws_endpoint_url:
        return frozenset({"{0.scheme}://{0.netloc}".format(urlsplit(settings.aws_endpoint_url))})
    return frozenset({f"https://{settings.files_bucket}.s3.{region}.amazonaws.com"})


class Endpoint:
    """Puts what a form brings on the shelf."""

    def __init__(self, shelf: SqliteShelf, now: Callable[[], int] = _epoch_ms) -> None:
        self._shelf = shelf
        self._now = now

    async def answer(self, request: Request) -> Answer:
        """204 for a form that keeps to its policy, else S3's error; also what a browser asks beforehand."""
        if request.method == "OPTIONS":
            return Answer(204, (*_CORS, ("Access-Control-Allow-Methods", "POST")))
        try:
            await asyncio.to_thread(self._take, request)
        except Refusal as refusal:
            body = (
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
            )
            return Answer(refusal.status, (*_CORS, ("Content-Type", "application/xml")), body.encode())
        return Answer(204, _CORS)

    def _take(self, request: Request) -> None:
        form = read_form(request.headers.get("content-type", ""), request.body)
        check(form, self._shelf.signing_key(), self._now())
        if not self._shelf.receive(form.fields["key"], form.data):
            raise Refusal(403, "AccessDenied", "There is no such upload any more.")
