"""The search stand-in, spoken to as the product speaks to Exa."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dev import exa
from tests.waiting import until

KEY = {"x-api-key": "any"}


@pytest.fixture
async def server() -> AsyncIterator[exa.ExaServer]:
    async with exa.serve() as running:
        yield running


async def search(server: exa.ExaServer, **body: Any) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"{server.url}/search", json=body, headers=KEY, timeout=30)


async def test_a_search_finds_the_best_page_first_and_has_exas_shape(server: exa.ExaServer):
    answer = await search(
        server,
        query="how to build accessible forms",
        numResults=2,
        contents={"text": {"maxCharacters": 80}, "highlights": True},
    )
    body = answer.json()
    first = body["results"][0]

    assert answer.status_code == 200
    assert set(body) == {"requestId", "resolvedSearchType", "searchType", "results", "costDollars"}
    assert first["url"] == "https://example.com/guides/accessible-forms"
    assert first["id"] == first["url"]
    assert first["publishedDate"] == "2026-03-02T00:00:00.000Z"
    assert len(first["text"]) == 80
    assert len(first["highlights"]) == len(first["highlightScores"]) == 1
    assert 0 < first["score"] <= 1
    assert len(body["results"]) == 2


async def test_every_page_says_that_it_is_demo_content_on_an_example_domain():
    for page in exa.PAGES:
        assert "Demo content" in page.title
        assert "Demo content" in page.text
        assert page.url.startswith(("https://example.com/", "https://example.org/", "https://example.net/"))


async def test_the_contents_of_known_addresses_come_with_the_state_of_each(server: exa.ExaServer):
    known, unknown = exa.PAGES[0].url, "https://example.com/nowhere"
    async with httpx.AsyncClient() as client:
        asked = {"urls": [known, unknown], "text": {"maxCharacters": 80}}
        answer = await client.post(f"{server.url}/contents", json=asked, headers=KEY, timeout=30)
        refused = await client.post(f"{server.url}/contents", json={"urls": []}, headers=KEY, timeout=30)
    body = answer.json()

    assert [(page["url"], len(page["text"])) for page in body["results"]] == [(known, 80)]
    assert [(one["id"], one["status"]) for one in body["statuses"]] == [
        (known, "success"),
        (unknown, "error"),
    ]
    assert (refused.status_code, refused.json()["tag"]) == (400, "INVALID_REQUEST_BODY")


async def test_contents_come_only_when_asked_for(server: exa.ExaServer):
    result = (await search(server, query="dark mode")).json()["results"][0]

    assert "text" not in result
    assert "highlights" not in result


async def test_domains_can_be_included_and_excluded(server: exa.ExaServer):
    only = (await search(server, query="css react todo", includeDomains=["example.org"])).json()
    without = (await search(server, query="css react todo", excludeDomains=["example.org"])).json()

    assert {r["url"].split("/")[2] for r in only["results"]} == {"example.org"}
    assert {r["url"].split("/")[2] for r in without["results"]} == {"example.com", "example.net"}


async def test_words_that_stand_nowhere_find_nothing(server: exa.ExaServer):
    assert (await search(server, query="zebra xylophone")).json()["results"] == []
    assert (await search(server, query="the of and")).json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": " "},
        {"query": 7},
        {"query": "css", "numResults": 0},
        {"query": "css", "numResults": 101},
        {"query": "css", "numResults": True},
        {"query": "css", "includeDomains": "example.com"},
        {"query": "css", "excludeDomains": [1]},
        {"query": "css", "contents": []},
        {"query": "css", "contents": {"text": {"maxCharacters": 0}}},
        {"query": "css", "type": "telepathic"},
    ],
)
async def test_a_bad_request_is_400_with_exas_error_body(server: exa.ExaServer, body: dict[str, Any]):
    if body.get("contents") == []:
        body = {**body, "contents": ["text"]}
    answer = await search(server, **body)

    assert answer.status_code == 400
    assert set(answer.json()) == {"requestId", "error", "tag"}


async def test_a_request_without_a_key_is_401_and_another_path_404(server: exa.ExaServer):
    async with httpx.AsyncClient() as client:
        keyless = await client.post(f"{server.url}/search", json={"query": "css"})
        elsewhere = await client.post(f"{server.url}/answer", json={}, headers=KEY)
        no_json = await client.post(f"{server.url}/search", content=b"{", headers=KEY)

    assert (keyless.status_code, keyless.json()["tag"]) == (401, "INVALID_API_KEY")
    assert elsewhere.status_code == 404
    assert no_json.status_code == 400


async def test_faults_befall_the_searches_in_order_then_it_works_again(server: exa.ExaServer):
    server.fail_next(exa.RATE_LIMITED, None, exa.BROKEN, exa.GARBAGE, exa.huge(2_000_000))

    answers = [await search(server, query="css") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [429, 200, 500, 200, 200, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[3].content.startswith(b"<html>")
    assert len(answers[4].content) > 2_000_000
    assert answers[5].json()["results"]
    assert len(server.requests) == 6


async def test_a_search_that_hangs_ends_when_the_client_gives_up(server: exa.ExaServer):
    server.fail_next(exa.HANGS)
    asking = asyncio.create_task(search(server, query="css"))
    await until(lambda: server.requests)
    assert (await search(server, query="css")).status_code == 200
    assert not asking.done()
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await search(server, query="css")).status_code == 200
