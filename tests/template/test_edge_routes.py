"""Where the edge sends each request, and as which path."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dev import composition, stand_ins
from dev.template import ROOT
from tests.template.edge import ALL_BUT_HOST, Edge
from tests.template.edge_world import FUNCTIONS, PAGE_FILES, edge_with, local_site


def documented() -> list[tuple[str, str, str]]:
    """Method, path and function of every route."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return [
        (method.upper(), path.replace("{", "").replace("}", "-1"), operation["x-function"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


ROUTES = documented()


def astray(edge: Edge) -> list[tuple[str, str, str]]:
    """The routes that do not reach their function as they were sent."""
    sent = {route: edge.send(route[0], route[1]) for route in ROUTES}
    return [route for route, found in sent.items() if (found.origin, found.path) != (route[2], route[1])]


@pytest.mark.parametrize(("method", "path", "function"), ROUTES)
def test_a_route_reaches_the_function_that_the_openapi_document_names(
    edge: Edge, method: str, path: str, function: str
) -> None:
    sent = edge.send(method, path)

    assert (sent.origin, sent.path) == (function, path)
    assert not sent.cached
    assert sent.behavior["Compress"] is False
    assert sent.behavior["OriginRequestPolicyId"] == ALL_BUT_HOST


def test_an_id_that_begins_as_another_functions_route_leads_nowhere_else(edge: Edge) -> None:
    for path, function in (("apps/app-1/uploads/gitA-1/raw", "apps"), ("apps/gitA-1/files", "apps")):
        assert edge.send("GET", f"/api/vendor/{path}").origin == function


@pytest.mark.parametrize(("method", "path", "function"), ROUTES)
def test_the_local_stack_sends_a_route_to_the_same_function(
    tmp_path: Path, method: str, path: str, function: str
) -> None:
    routes = composition.routes(stand_ins.local_settings({}), local_site(tmp_path))
    targets = [
        route.target
        for route in routes
        if (route.methods is None or method in route.methods) and route.path.fullmatch(path)
    ]

    assert targets[0] == function


def test_a_behaviour_that_is_left_out_or_comes_too_late_leads_routes_astray(edge: Edge) -> None:
    behaviors: Sequence[Mapping[str, Any]] = edge.distribution["CacheBehaviors"]
    api = [behavior for behavior in behaviors if behavior["PathPattern"].startswith("/api/")]
    general = api[-1]

    assert astray(edge) == []
    assert general["PathPattern"] == "/api/*"
    for behavior in api:
        others = [other for other in behaviors if other is not behavior]
        assert astray(with_behaviors(edge, others)), behavior["PathPattern"]
        late = [*others, behavior]
        assert behavior is general or astray(with_behaviors(edge, late)), behavior["PathPattern"]


def with_behaviors(edge: Edge, behaviors: Sequence[Mapping[str, Any]]) -> Edge:
    return Edge(edge.stack, distribution={**edge.distribution, "CacheBehaviors": behaviors})


@pytest.mark.parametrize("path", ["/api/", "/api/other", "/api/vendor", "/api/vendor/ai-chat-v2/no/path"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_path_of_the_api_that_is_none_is_told_so_by_a_function(edge: Edge, method: str, path: str) -> None:
    sent = edge.send(method, path)

    assert sent.origin == "session"
    assert not sent.cached


@pytest.mark.parametrize(
    "path", ["/api/vendor/ai-chat-v2", "/api/vendor/ai-chat-v2/s-1/stream", "/api/vendor/apps"]
)
def test_another_origins_preflight_is_answered_by_a_function(edge: Edge, path: str) -> None:
    assert edge.send("OPTIONS", path).origin in FUNCTIONS


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/callback", "/sign-in/renew", "/sign-out"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_sign_in_is_a_function_where_there_is_one_and_else_the_page(
    edge: Edge, method: str, path: str
) -> None:
    signing_in, without = edge.send(method, path), edge_with(SignInUrl="").send("GET", path)

    assert (signing_in.origin, signing_in.path, signing_in.cached) == ("sign-in", path, False)
    assert (without.origin, without.path) == ("page", "/index.html")


@pytest.mark.parametrize(
    "path", ["/", "/apps/demo-app", "/apps/demo-app/", "/preview/tab", "/apiary", "/%00"]
)
def test_every_name_without_an_ending_is_the_page(edge: Edge, path: str) -> None:
    sent = edge.send("GET", path)

    assert (sent.origin, sent.path) == ("page", "/index.html")


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_documentation_of_the_api_is_a_document_of_its_own(edge: Edge, path: str) -> None:
    assert edge.send("GET", path).path == "/docs.html"


@pytest.mark.parametrize(
    "path", [*PAGE_FILES, "/missing.js", "/assets/missing-1A2B.js", "/preview/packages/x.js"]
)
def test_a_file_is_itself_so_that_one_that_is_missing_is_404(edge: Edge, path: str) -> None:
    sent = edge.send("GET", path)

    assert (sent.origin, sent.path) == ("page", path)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_is_kept_for_nobody_else_and_no_other_document_stands_for_it(
    edge: Edge, status: int
) -> None:
    found = [entry for entry in edge.distribution["CustomErrorResponses"] if entry["ErrorCode"] == status]

    assert found == [{"ErrorCode": status, "ErrorCachingMinTTL": 0}]
    assert len(edge.distribution["CustomErrorResponses"]) == 4


@pytest.mark.parametrize(
    "path", ["/preview/%66rame.html", "/%70review/frame.html", "/preview/fram%65%2ehtml"]
)
def test_a_file_has_one_path(edge: Edge, path: str) -> None:
    """Another spelling of it would be answered with another policy."""
    assert "%" not in edge.send("GET", path).path.replace("%25", "")


def test_nothing_can_be_written_to_the_page(edge: Edge) -> None:
    for path in ("/", "/docs", *PAGE_FILES):
        assert [edge.send(method, path).origin for method in ("POST", "PUT", "DELETE")] == [None] * 3
