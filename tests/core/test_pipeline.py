"""The way of every request: which endpoint it finds, who is let in, and that each failure has its shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from aicode.errors import SessionBusy, Unauthenticated
from aicode.http import Pipeline, Request, RequestContext, Response, Routes, json_response
from tests.function_event import Invocation
from tests.observing import Operators

BASE = "/api/things"
ORIGIN = "https://code.example.com"
CANARY = "canary-9c1f"


@dataclass
class Seen:
    """What the endpoints were given, and what was observed."""

    contexts: list[RequestContext["Seen"]] = field(default_factory=list[RequestContext["Seen"]])
    operators: Operators = field(default_factory=Operators)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


async def read(context: RequestContext[Seen]) -> Response:
    context.dependencies.contexts.append(context)
    return json_response(200, {"success": True})


async def save(context: RequestContext[Seen]) -> Response:
    return json_response(200, {"size": len(context.request.body())})


async def refuse(_context: RequestContext[Seen]) -> Response:
    raise SessionBusy("Wait.", retry_after=2, details={"turnId": 7})


async def break_down(_context: RequestContext[Seen]) -> Response:
    raise ZeroDivisionError(CANARY)


async def authenticate(request: Request) -> str:
    """Lets in whoever says who they are."""
    if "authorization" not in request.headers:
        raise Unauthenticated("Sign in first.")
    return request.headers["authorization"]


ROUTES: Routes[Seen] = {
    ("GET", ""): read,
    ("POST", ""): None,
    ("DELETE", ""): refuse,
    ("POST", "/{thing_id}/stop"): break_down,
    ("GET", "/{thing_id}/parts"): read,
    ("PUT", "/{thing_id}/parts"): save,
    ("GET", "/{thing_id}/parts.zip"): read,
}


@pytest.fixture
def pipeline() -> Pipeline[Seen]:
    seen = Seen()
    return Pipeline(
        telemetry=seen.operators.telemetry,
        base_path=BASE,
        routes=ROUTES,
        dependencies=seen,
        authenticate=authenticate,
        allowed_origins=frozenset({ORIGIN}),
    )


async def ask(
    pipeline: Pipeline[Seen],
    method: str,
    path: str,
    *,
    origin: str = "",
    vendor: str = "alice",
    **members: Any,
) -> Answer:
    headers = {"Origin": origin} | ({"Authorization": vendor} if vendor else {})
    event: dict[str, object] = {
        "rawPath": path,
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "request-1"},
        **members,
    }
    response = await pipeline.answer(event, Invocation())
    body = b"".join([chunk async for chunk in response.body])
    return Answer(response.status, response.headers, json.loads(body) if body else None)


async def test_an_endpoint_is_given_the_request_its_vendor_and_what_its_function_works_with(
    pipeline: Pipeline[Seen],
):
    answer = await ask(pipeline, "GET", f"{BASE}/a-1/parts", rawQueryString="x=1")

    [context] = pipeline.dependencies.contexts
    assert (answer.status, answer.json) == (200, {"success": True})
    assert (context.vendor, context.parameters) == ("alice", {"thing_id": "a-1"})
    assert context.request.query == {"x": "1"}
    assert context.dependencies is pipeline.dependencies
    assert context.invocation.get_remaining_time_in_millis() == 60_000


@pytest.mark.parametrize(
    "path",
    [
        *(BASE + below for below in ("/", "//", "x", "/x", "/x/", "/x/other", "/x/parts/", "/x/parts/y")),
        *(BASE + below for below in ("//parts", "/a.b/parts", "/%2e%2e/parts", "/a\n/parts", "/é/parts")),
        *(f"{BASE}/{'a' * 65}/parts", f"{BASE}/parts.zip", f"{BASE}/{{thing_id}}/parts"),
        *("", "/", "/a/parts", f"/more{BASE}"),
    ],
)
async def test_there_is_nothing_at_another_path_whoever_asks(pipeline: Pipeline[Seen], path: str):
    for vendor in ("", "alice"):
        answer = await ask(pipeline, "GET", path, vendor=vendor)

        assert (answer.status, answer.code) == (404, "not_found")
    assert pipeline.dependencies.operators.requests == [("none", 404)] * 2


async def test_there_is_nothing_either_where_another_function_answers(pipeline: Pipeline[Seen]):
    assert (await ask(pipeline, "POST", BASE)).status == 404


@pytest.mark.parametrize(
    ("method", "below", "allow"),
    [
        ("PUT", "", "GET, POST, DELETE"),
        ("HEAD", "", "GET, POST, DELETE"),
        ("PATCH", "/x/stop", "POST"),
        ("GET", "/x/stop", "POST"),
        ("DELETE", "/x/parts.zip", "GET"),
    ],
)
async def test_another_method_is_told_the_right_ones_whoever_asks(
    pipeline: Pipeline[Seen], method: str, below: str, allow: str
):
    answer = await ask(pipeline, method, BASE + below, vendor="")

    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allow


async def test_who_is_not_let_in_reaches_no_endpoint(pipeline: Pipeline[Seen]):
    answer = await ask(pipeline, "GET", BASE, vendor="")

    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert pipeline.dependencies.contexts == []
    assert pipeline.dependencies.operators.requests == [("read", 401)]


async def test_an_error_names_the_request_by_lambdas_id_where_the_event_has_none(pipeline: Pipeline[Seen]):
    named = await ask(pipeline, "DELETE", BASE)
    unnamed = await ask(pipeline, "DELETE", BASE, requestContext={"http": {"method": "DELETE"}})

    error = {"code": "session_busy", "message": "Wait.", "requestId": "request-1", "turnId": 7}
    assert (named.status, named.headers["retry-after"]) == (409, "2")
    assert named.json == {"success": False, "error": error}
    assert unnamed.json["error"] == {**error, "requestId": "invocation-1"}


async def test_lines_carry_the_requests_id_and_the_invocations_where_they_differ(pipeline: Pipeline[Seen]):
    for request_id in ("request-1", "invocation-1"):
        context = {"http": {"method": "POST"}, "requestId": request_id}
        await ask(pipeline, "POST", f"{BASE}/x/stop", requestContext=context)

    logged = pipeline.dependencies.operators.logged
    told = {(facts["request_id"], facts.get("invocation")) for _, facts in logged}
    assert told == {("request-1", "invocation-1"), ("invocation-1", None)}


async def test_the_body_of_somebody_who_is_not_let_in_is_not_even_decoded(pipeline: Pipeline[Seen]):
    answers = [
        await ask(pipeline, "PUT", f"{BASE}/x/parts", body="%", isBase64Encoded=True, vendor=vendor)
        for vendor in ("", "alice")
    ]

    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "unauthenticated"),
        (400, "invalid_request"),
    ]


async def test_what_is_no_request_is_invalid(pipeline: Pipeline[Seen]):
    answer = await ask(pipeline, "GET", BASE, origin=ORIGIN, rawQueryString="a=1&a=2")

    assert (answer.status, answer.code) == (400, "invalid_request")
    assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_a_failure_of_ours_tells_nothing_and_is_logged_by_kind_and_place(pipeline: Pipeline[Seen]):
    answer = await ask(pipeline, "POST", f"{BASE}/x/stop")

    assert answer.status == 500
    assert answer.json["error"].keys() == {"code", "message", "requestId"}
    assert answer.code == "internal"
    operators = pipeline.dependencies.operators
    assert operators.requests == [("break_down", 500)]
    assert [what for what, _ in operators.logged] == ["unexpected error", "request failed"]
    logged = str(operators.logged)
    for word in ("request-1", "ZeroDivisionError", "break_down", "test_pipeline.py"):
        assert word in logged
    assert CANARY not in logged + str(answer.json)


@pytest.mark.parametrize(
    ("method", "below", "status"),
    [
        ("GET", "", 200),
        ("DELETE", "", 409),
        ("PUT", "", 405),
        ("GET", "/x", 404),
        ("POST", "/x/stop", 500),
        ("OPTIONS", "", 204),
    ],
)
async def test_every_answer_says_which_origin_may_read_it(
    pipeline: Pipeline[Seen], method: str, below: str, status: int
):
    own = await ask(pipeline, method, BASE + below, origin=ORIGIN)
    foreign = await ask(pipeline, method, BASE + below, origin="https://evil.example")

    assert (own.status, foreign.status) == (status, status)
    assert own.headers["access-control-allow-origin"] == ORIGIN
    assert own.headers["access-control-allow-credentials"] == "true"
    assert own.headers["vary"] == foreign.headers["vary"] == "Origin"
    assert not [name for name in foreign.headers if name.startswith("access-control")]


async def test_a_preflight_needs_no_vendor(pipeline: Pipeline[Seen]):
    answer = await ask(pipeline, "OPTIONS", f"{BASE}/x/parts", origin=ORIGIN, vendor="")

    assert (answer.status, answer.json) == (204, None)
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["cache-control"] == "no-store"
    assert pipeline.dependencies.operators.requests == [("none", 204)]


async def test_a_cookie_that_an_endpoint_sets_stays(pipeline: Pipeline[Seen]):
    async def sign_in(context: RequestContext[Seen]) -> Response:
        return replace(await read(context), cookies=("a=b",))

    response = await replace(pipeline, routes={("GET", ""): sign_in}).answer(
        {"rawPath": BASE, "headers": {"authorization": "alice"}}, Invocation()
    )

    assert response.cookies == ("a=b",)
