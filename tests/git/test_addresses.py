"""Which addresses of a repository are taken, and what is connected to for them."""

from dataclasses import replace

import pytest
from git_client import Vendor
from git_server import TOKEN, GitServer

from aicode.errors import InvalidRequest, RemoteFailed
from git.remote.address import checked_address, parse
from git.remote.host import Host
from git.remote.links import compare_link
from git.remote.transport import Transport


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "http://github.com/you/app",
        "ssh://git@github.com/you/app",
        "git@github.com:you/app.git",
        "file:///etc",
        "https://user@github.com/you/app",
        "https://user:secret-canary" + "@github.com/you/app",
        "https://github.com/you/app?x=1",
        "https://github.com/you/app#x",
        "https://github.com/../etc",
        "https://github.com:0/you/app",
        "https://github.com:99999/you/app",
        "https://github.com",
        "https://github.com/you app",
        "https://github.com/you\r\nHost: x/app",
        "http://localhost/you/app",
        f"https://github.com/{'a' * 1000}",
    ],
)
def test_what_is_no_address_of_a_repository_is_refused(url: str):
    with pytest.raises(InvalidRequest) as refused:
        parse(url, local=False)

    assert "canary" not in str(refused.value)


def test_this_machine_is_for_a_local_stack_alone():
    assert parse("http://localhost:8080/team/app.git", local=True).loopback
    assert not parse("https://127.0.0.1/team/app.git", local=False).loopback


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fec0::1",
        "::169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
    ],
)
def test_no_address_inside_is_connected_to(address: str):
    url = parse("https://git.example.com/app", local=False)

    with pytest.raises(InvalidRequest, match="not on the public internet"):
        checked_address(url, lambda _host, _port: ["140.82.121.4", address])


def test_a_public_address_is_connected_to_as_it_was_checked():
    url = parse("https://git.example.com/app", local=False)

    assert checked_address(url, lambda _host, _port: ["140.82.121.4"]) == "140.82.121.4"


def test_a_host_without_an_address_is_told():
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(RemoteFailed, match=r"There is no host git\.example\.com"):
        checked_address(parse("https://git.example.com/app", local=False), unknown)


async def test_a_local_name_of_another_machine_is_not_this_one(alice: Vendor):
    answer = await alice.connect("http://127.0.0.2/app", TOKEN)

    assert (answer.status, answer.error["code"]) == (400, "invalid_request")


async def test_an_address_inside_is_not_stored(alice: Vendor):
    for url in ("https://127.1/app", "https://2130706433/app", "https://[::ffff:10.0.0.1]/app"):
        answer = await alice.connect(url, TOKEN)
        assert (answer.status, answer.error["code"]) == (400, "invalid_request"), url
    assert (await alice.send("GET", f"/{alice.app}/git")).json["remote"] is None


async def test_a_redirect_is_not_followed(alice: Vendor, server: GitServer):
    server.redirect = f"{server.url}/info/refs?service=git-receive-pack"

    answer = await alice.connect(server.url, TOKEN)

    assert "302 the repository is at another address" in answer.json["problem"]
    assert len(server.seen) == 1


async def test_what_is_no_repository_is_told(alice: Vendor, server: GitServer):
    answer = await alice.connect(server.url.replace("app.git", "other.git"), TOKEN)

    assert "404" in answer.json["problem"]


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\r\nbreak", "x" * 1001, "ü"])
async def test_what_cannot_be_a_token_is_refused_without_being_repeated(
    alice: Vendor, server: GitServer, token: str
):
    answer = await alice.connect(server.url, token)

    assert (answer.status, answer.error["code"]) == (400, "invalid_request")
    assert server.seen == []


@pytest.mark.parametrize("branch", ["", "a..b", "/a", "a/", "-a", "a b", "a.lock", "a//b", "a@{b", ".a"])
async def test_what_is_no_name_of_a_branch_is_refused(alice: Vendor, server: GitServer, branch: str):
    answer = await alice.connect(server.url, TOKEN, branch=branch)

    assert (answer.status, answer.error["code"]) == (400, "invalid_request")


def test_a_host_that_takes_too_long_or_sends_too_much_is_left(server: GitServer):
    url = parse(server.url, local=True)
    ticks = iter(range(0, 1000, 20))
    slow = Transport(url, TOKEN, clock=lambda: float(next(ticks)))
    chatty = replace(Transport(url, TOKEN), answer_bytes=10)

    with pytest.raises(RemoteFailed, match="longer than 45 seconds"):
        Host(slow).branches()
    with pytest.raises(RemoteFailed, match="more than 10 bytes"):
        Host(chatty).writable_branches()


def test_a_link_is_of_the_form_that_the_host_has():
    def link(url: str) -> str:
        return compare_link(parse(url, local=False), "main", "ai-code/abc")

    assert link("https://github.com/you/app.git") == "https://github.com/you/app/compare/main...ai-code/abc"
    assert link("https://gitlab.com/a/b/app") == "https://gitlab.com/a/b/app/-/compare/main...ai-code/abc"
    assert link("https://bitbucket.org/you/app") == (
        "https://bitbucket.org/you/app/branches/compare/ai-code/abc%0Dmain"
    )
