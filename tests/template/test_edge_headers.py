"""What a browser is told with the edge's answers: the same as by the local stack, and to come over TLS."""

from pathlib import Path

import pytest

from aicode.http import API_HEADERS, STRICT_TRANSPORT_SECURITY
from dev import content_policy
from dev.http import Request
from tests.template.edge import Edge
from tests.template.edge_world import HOST, PAGE_FILES, local_site


@pytest.mark.parametrize("path", ["/", "/apps/demo-app", "/docs", *PAGE_FILES])
async def test_a_browser_is_told_what_it_is_told_by_the_local_stack(
    edge: Edge, tmp_path: Path, path: str
) -> None:
    site = local_site(tmp_path)
    request = Request("GET", path, "", {}, b"")
    answer = await (site.docs(request) if path == "/docs" else site.page(request))
    local = {name.lower(): value for name, value in answer.headers}
    transport = {"strict-transport-security": STRICT_TRANSPORT_SECURITY}

    assert answer.status == 200
    # The two that are each file's own: `make page` puts them beside it.
    assert local.keys() >= {"content-type", "cache-control"}
    assert edge.send("GET", path).headers == {
        **{name: value for name, value in local.items() if name not in ("content-type", "cache-control")},
        **transport,
    }


@pytest.mark.parametrize("host", [HOST, "code.example.com"])
def test_the_policy_of_the_preview_names_the_address_that_the_page_is_at(edge: Edge, host: str) -> None:
    frame = edge.send("GET", "/preview/frame.html", host)

    assert frame.headers["content-security-policy"] == content_policy.preview([f"https://{host}"])


@pytest.mark.parametrize("path", ["/api/vendor/ai-chat-v2", "/api/vendor/ai-chat-v2/s-1/stream", "/sign-in"])
def test_what_a_function_answers_keeps_its_own_headers(edge: Edge, path: str) -> None:
    told = dict(edge.send("GET", path).headers)

    # This one is only for an answer without it, such as the frame's.
    assert told.pop("referrer-policy") == content_policy.HEADERS["referrer-policy"]
    assert told.pop("strict-transport-security") == STRICT_TRANSPORT_SECURITY
    assert told.items() < API_HEADERS.items()
    assert API_HEADERS.keys() - told.keys() == {"cache-control", "content-security-policy", "referrer-policy"}


def test_the_code_at_the_edge_is_as_small_as_cloudfront_wants_it(edge: Edge) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
    for name in ("PagePaths", "MessagesOrigin", "PreviewPolicy"):
        assert len(edge.stack.properties(name)["FunctionCode"].encode()) < 10_000
