"""A store of uploads with its clock, and what a browser sends to it."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import requests

from aicode.api_types import NewUpload
from aicode.uploads.limits import Quota
from aicode.uploads.record import Record
from aicode.uploads.shelf import Shelf
from aicode.uploads.uploads import Uploads
from dev.http import Request
from dev.uploads import Endpoint

TTL = 86_400
DAY = 24 * 3_600_000
START = 1_800_000_000_000
# A method of sending a form: its url, its fields, and the file; the answer's status and body.
Send = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, str]]]


@dataclass
class Clock:
    """Epoch milliseconds, as the test has them."""

    now: int = START

    def __call__(self) -> int:
        return self.now

    def pass_ms(self, duration: int) -> None:
        self.now += duration


def sender(endpoint: Endpoint) -> Send:
    """Sends forms to the local stack's endpoint, without a network."""

    async def send(url: str, fields: Mapping[str, str], data: bytes) -> tuple[int, str]:
        sent = requests.Request("POST", url, data=dict(fields), files={"file": ("f", data)}).prepare()
        assert isinstance(sent.body, bytes)
        headers = {name.lower(): str(value) for name, value in sent.headers.items()}
        answer = await endpoint.answer(Request("POST", "/uploads", "", headers, sent.body))
        return answer.status, answer.body.decode()

    return send


class _Reading:
    """A shelf in all else."""

    def __init__(self, shelf: Shelf, read: Callable[[Record], bytes | None]) -> None:
        self._shelf = shelf
        self.read = read

    def __getattr__(self, name: str) -> object:
        return getattr(self._shelf, name)


@dataclass
class World:
    """Vendors who own the apps `<vendor>-app`, and their uploads."""

    shelf: Shelf
    send: Send
    clock: Clock = field(default_factory=Clock)
    quota: Quota = field(default_factory=Quota)
    ids: int = 0

    def __post_init__(self) -> None:
        self.store = Uploads(
            self.shelf, self._owns, session_ttl=TTL, quota=self.quota, now=self.clock, new_id=self._new_id
        )

    async def _owns(self, vendor: str, app_id: str) -> bool:
        return app_id in (f"{vendor}-app", f"{vendor}-other")

    def reading(self, read: Callable[[Record], bytes | None]) -> "World":
        """The same world for a process that reads the bytes of uploads in this way."""
        return replace(self, shelf=cast(Shelf, _Reading(self.shelf, read)))

    def _new_id(self) -> str:
        self.ids += 1
        return f"upload-{self.ids}"

    async def announce(
        self,
        data: bytes,
        media_type: str = "image/png",
        *,
        name: str = "a file",
        vendor: str = "alice",
        app: str | None = None,
    ) -> NewUpload:
        return await self.store.create(
            vendor,
            app or f"{vendor}-app",
            name=name,
            media_type=media_type,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    async def give(
        self, data: bytes, media_type: str = "image/png", *, name: str = "a file", vendor: str = "alice"
    ) -> str:
        """Announces and sends; returns the upload's id."""
        upload = await self.announce(data, media_type, name=name, vendor=vendor)
        status, told = await self.send(upload["url"], upload["fields"], data)
        assert status == 204, told
        return upload["uploadId"]
