"""Every request of events/ against the whole local stack."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev import composition
from dev.token import make_token
from tests.stack.every_event import Sender, send_every_event

ENOUGH_SECONDS = 60


class Client(Sender):
    """A client of the stack's URL."""

    def __init__(self, token: str, http: httpx.AsyncClient) -> None:
        super().__init__(token)
        self._http = http

    async def answer(self, event: dict[str, Any]) -> httpx.Response:
        wanted = ("accept", "authorization", "content-type")
        return await self._http.request(
            event["requestContext"]["http"]["method"],
            event["rawPath"] + (f"?{event['rawQueryString']}" if event["rawQueryString"] else ""),
            content=event.get("body"),
            headers={name: value for name, value in event["headers"].items() if name in wanted},
        )


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[Client]:
    async with (
        composition.serve({}, port=0, data_dir=tmp_path) as stack,
        httpx.AsyncClient(base_url=stack.url, timeout=ENOUGH_SECONDS, trust_env=False) as http,
    ):
        yield Client(make_token(stack.settings, "local-vendor"), http)


async def test_every_route_answers_its_event(client: Client) -> None:
    await send_every_event(client)
