"""What CloudFront does with a request to a published app, and that the local server says the same."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from edge import Edge
from resolved import Resolved

from aicode.sites.aws.live_keys import live_value
from aicode.sites.folder import FolderShelf
from aicode.sites.shelf import Owner, Shown
from dev import sites
from dev.template import read_template

PARAMETERS = {
    "ProductName": "ai-code",
    "SitesDomain": "example-apps.net",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/sites",
}
SITE = "abcdefgh234567ab"
HOST = f"{SITE}.example-apps.net"
SHOWN = Shown(3, indexed=False)
FILES = {
    "index.html": b"<p>app</p>",
    "_assets/main-ABCD1234.js": b"1",
    "docs/data.json": b"{}",
    "LICENSE": b"MIT",
}


def edge(shown: Shown | None = SHOWN) -> Edge:
    keys = {SITE: live_value(shown)} if shown else {}
    return Edge(Resolved(read_template("stacks/sites.yaml"), PARAMETERS), keys=keys)


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    shelf = FolderShelf(tmp_path / "sites", "")
    shelf.write(SITE, 3, Owner("alice", "app"), FILES)
    shelf.show(SITE, SHOWN)
    async with sites.serve(tmp_path, 0) as origin, httpx.AsyncClient(base_url=f"{origin}/{SITE}/") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/about", "index.html"),
        ("/users/7", "index.html"),
        ("/LICENSE", "index.html"),
        ("/_assets/main-ABCD1234.js", "_assets/main-ABCD1234.js"),
        ("/docs/data.json", "docs/data.json"),
        ("/absent.png", "absent.png"),
    ],
)
async def test_a_path_is_a_file_of_the_version_that_is_live(path: str, file: str, local: httpx.AsyncClient):
    sent = edge().send("GET", path, HOST)

    assert (sent.origin, sent.path) == ("sites", f"/sites/{SITE}/3/{file}")
    answer = await local.get(path.lstrip("/"))
    assert answer.content == FILES.get(file, answer.content)
    assert answer.status_code == (200 if file in FILES else 404)


async def test_the_local_server_sends_the_headers_of_the_edge(local: httpx.AsyncClient):
    told: Mapping[str, str] = edge().send("GET", "/", HOST).headers
    answer = await local.get("")

    here = {name: value for name, value in told.items() if name != "strict-transport-security"}
    assert {name: answer.headers[name] for name in here} == here
    assert here["x-robots-tag"] == "noindex"
    assert "frame-ancestors 'none'" in here["content-security-policy"]
    assert "set-cookie" not in answer.headers


def test_search_engines_may_list_a_site_that_its_vendor_opened_for_them():
    assert "x-robots-tag" not in edge(Shown(3, indexed=True)).send("GET", "/", HOST).headers


@pytest.mark.parametrize("path", ["/", "/about", "/_assets/main-ABCD1234.js"])
def test_a_site_that_shows_nothing_is_answered_without_the_bucket(path: str):
    sent = edge(None).send("GET", path, HOST)

    assert sent.origin is None
    assert sent.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    "path", ["/../other/1/index.html", "/a/%2e%2e/x.js", "/./x.js", "/%2E%2E/owner.json"]
)
async def test_no_path_leads_out_of_the_version(path: str, local: httpx.AsyncClient):
    assert edge().send("GET", path, HOST).origin is None
    raw = httpx.URL(str(local.base_url).rstrip("/") + "/").copy_with(raw_path=f"/{SITE}{path}".encode())
    assert (await local.get(raw)).status_code == 404


def test_a_site_takes_no_other_method_than_those_that_read():
    assert edge().send("POST", "/", HOST).origin is None


def test_the_distribution_answers_for_all_hosts_below_the_domain_and_no_other():
    distribution = edge().distribution

    assert distribution["Aliases"] == ["*.example-apps.net"]
    assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


async def test_a_file_is_not_sent_again_to_who_has_it(local: httpx.AsyncClient):
    first = await local.get("_assets/main-ABCD1234.js")
    again = await local.get("_assets/main-ABCD1234.js", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (again.status_code, again.content) == (304, b"")
    assert (await local.get("")).headers["cache-control"] == "no-cache"


async def test_a_head_tells_what_a_get_would(local: httpx.AsyncClient):
    head, got = await local.head(""), await local.get("")

    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (await local.post("")).status_code == 405


async def test_code_that_asks_as_if_it_had_a_host_of_its_own_gets_its_files(local: httpx.AsyncClient):
    page = f"{local.base_url}about"
    absolute = str(local.base_url).replace(f"/{SITE}/", "/docs/data.json")

    assert (await local.get(absolute, headers={"referer": page})).content == b"{}"
    assert (await local.get(absolute)).status_code == 404
    worker = {"referer": page, "service-worker": "script"}
    assert (await local.get(absolute, headers=worker)).status_code == 404
