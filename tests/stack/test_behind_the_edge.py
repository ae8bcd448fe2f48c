"""The functions where the edge stands before them: they know it by a header, and answer nobody else."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from dev import composition
from dev.composition import ROOT
from dev.demo_app import APP_ID
from dev.token import make_token

SECRET = "what only the edge knows"
EDGE = {"X-Origin-Secret": SECRET}
CHAT, APPS = "/api/vendor/ai-chat-v2", "/api/vendor/apps"
ROUTES = [
    (method.upper(), path)
    for path, item in json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))["paths"].items()
    for method in item
]
ENOUGH_SECONDS = 60

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A signed-in vendor, who calls the functions without the edge unless told otherwise."""

    http: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> httpx.Response:
        return await self.http.request(method, path, headers=headers, json=body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vendor(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Vendor]:
    folder = tmp_path_factory.mktemp("stack")
    async with composition.serve({"ORIGIN_SECRET": SECRET}, port=0, data_dir=folder) as stack:
        headers = {"Authorization": f"Bearer {make_token(stack.settings, 'local-vendor')}"}
        async with httpx.AsyncClient(
            base_url=stack.url, headers=headers, timeout=ENOUGH_SECONDS, trust_env=False
        ) as http:
            yield Vendor(http)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("headers", [{}, {"X-Origin-Secret": "a guess"}, {"X-Origin-Secret": ""}])
async def test_who_comes_around_the_edge_is_refused_at_every_route(
    vendor: Vendor, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await vendor.ask(method, path.replace("{", "").replace("}", ""), headers)

    assert answer.status_code == 403
    assert answer.json().keys() == {"success", "error"}
    assert answer.json()["error"].keys() == {"code", "message", "requestId"}
    assert answer.json()["error"]["code"] == "forbidden_origin"
    assert SECRET not in answer.text
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(
    "path", [CHAT, f"{CHAT}/a-session/stream", f"{APPS}/an-app/files", f"{CHAT}/no/path"]
)
async def test_around_the_edge_there_is_no_preflight_and_nothing_to_find_out(
    vendor: Vendor, path: str
) -> None:
    preflight = await vendor.ask("OPTIONS", path, {"Origin": "https://code.example.com"})
    stranger = await vendor.ask("GET", path, {"Authorization": "none"})

    assert (preflight.status_code, stranger.status_code) == (403, 403)


async def test_over_the_edge_everything_works_as_before(vendor: Vendor) -> None:
    message = {"message": "Say hello.", "appId": APP_ID}
    turn = await vendor.ask("POST", CHAT, EDGE, message)
    sessions = await vendor.ask("GET", f"{CHAT}?appId={APP_ID}", EDGE)
    apps = await vendor.ask("GET", APPS, EDGE)
    unknown = await vendor.ask("GET", f"{CHAT}/no/such/path", EDGE)

    assert turn.status_code == 200
    assert '"type":"message_complete"' in turn.text
    assert len(sessions.json()["sessions"]) == 1
    assert [app["appId"] for app in apps.json()["apps"]] == [APP_ID]
    assert unknown.status_code == 404
