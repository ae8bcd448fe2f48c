"""Who may call: tokens, the cookie, origins, and what a foreign vendor gets to see."""

import base64
import hmac
import json
import time

import pytest

from aicode.settings import DEVELOPMENT_JWT_SECRET
from tests.end_to_end.contract_world import Vendor, assert_error, assert_guarded, token
from tests.end_to_end.documented_client import documented_client
from tests.end_to_end.stack import APPS, BASE, session_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def header(algorithm: str, **more: object) -> str:
    return b64(json.dumps({"alg": algorithm, "typ": "JWT", **more}).encode())


def signed_by_hs512(body: str) -> str:
    signed = f"{header('HS512')}.{body}"
    mac = hmac.digest(DEVELOPMENT_JWT_SECRET.encode(), signed.encode(), "sha512")
    return f"{signed}.{b64(mac)}"


def bad_tokens() -> dict[str, str]:
    now = int(time.time())
    claims = {"sub": "alice", "aud": "aicode", "iat": now, "exp": now + 600}
    body = b64(json.dumps(claims).encode())
    good = token()
    return {
        "empty": "",
        "no token at all": "x",
        "three dots": "x.y.z",
        "alg none": f"{header('none')}.{body}.",
        "alg None": f"{header('None')}.{body}.",
        "another algorithm": signed_by_hs512(body),
        "another key": token(key="another-secret-of-at-least-thirty-two-bytes"),
        "altered claims": ".".join([good.split(".")[0], body.replace(body[5], "A"), good.split(".")[2]]),
        "another audience": token({"aud": "somebody-else"}),
        "no audience": token(without="aud"),
        "no expiry": token(without="exp"),
        "no issue time": token(without="iat"),
        "no subject": token(without="sub"),
        "expired a second ago": token({"exp": now - 1}),
        "expires now": token({"exp": now}),
        "expiry is no number": token({"exp": "soon"}),
        "expiry is infinite": token({"exp": float("inf")}),
        "not valid yet": token({"nbf": now + 600}),
        "issued in the future": token({"iat": now + 600}),
        "empty subject": token({"sub": ""}),
        "subject with a slash": token({"sub": "a/b"}),
        "subject with a line end": token({"sub": "alice\n"}),
        "subject too long": token({"sub": "a" * 65}),
        "subject is a number": token({"sub": 7}),
        "over 8 KB": token({"more": "x" * 8192}),
        "deeply nested header": f"{b64(b'[' * 5000)}.{body}.{b64(b'x' * 32)}",
        "header is no object": f"{b64(b'[]')}.{body}.{b64(b'x' * 32)}",
        "key id is no string": f"{header('HS256', kid=[1])}.{body}.{b64(b'x' * 32)}",
    }


@pytest.mark.parametrize("path", [f"{BASE}/nothing/stream", f"{BASE}?sessionId=nothing", APPS])
async def test_a_token_that_is_not_sound_is_401_on_every_function(vendor: Vendor, path: str):
    let_in: list[str] = []
    for what, bad in bad_tokens().items():
        answer = await vendor.client.get(path, headers={"Authorization": f"Bearer {bad}".strip()})
        if answer.status_code == 401:
            assert_error(answer, 401, "unauthenticated")
        else:
            let_in.append(f"{what}: {answer.status_code}")

    assert let_in == []


async def test_a_token_that_names_several_audiences_or_the_longest_subject_is_let_in(vendor: Vendor):
    for claims in ({"aud": ["other", "aicode"]}, {"sub": "A_b-9" + "z" * 59}, {"sub": "0"}):
        headers = {"Authorization": f"Bearer {token(claims)}"}
        assert (await vendor.client.get(APPS, headers=headers)).status_code == 200
        found = await vendor.client.get(BASE, params={"sessionId": "nothing"}, headers=headers)
        assert_error(found, 404, "not_found")


async def test_a_session_is_not_found_under_another_app(vendor: Vendor, stranger: Vendor):
    session = session_of(await vendor.turn("Hi"))

    for caller, app in ((vendor, await vendor.new_app()), (stranger, stranger.app)):
        body = {"message": "Hi", "appId": app, "sessionId": session}
        assert_error(await caller.client.post(BASE, json=body), 404, "not_found")


async def test_a_cookie_writes_only_with_an_allowed_origin(vendor: Vendor):
    own = vendor.url
    loopback = own.replace("localhost", "127.0.0.1")
    headers_of: dict[str, tuple[dict[str, str], bool]] = {
        "none": ({}, False),
        "own": ({"Origin": own}, True),
        "own by number": ({"Origin": loopback}, True),
        "foreign": ({"Origin": "https://evil.example"}, False),
        "null": ({"Origin": "null"}, False),
        "foreign that begins alike": ({"Origin": f"{own}.evil.example"}, False),
        "same scheme, other port": ({"Origin": "http://localhost:1"}, False),
        "https instead of http": ({"Origin": own.replace("http:", "https:")}, False),
        "same-origin by metadata": ({"Sec-Fetch-Site": "same-origin"}, True),
        "same-site by metadata": ({"Sec-Fetch-Site": "same-site"}, False),
        "cross-site by metadata": ({"Sec-Fetch-Site": "cross-site"}, False),
        "by hand": ({"Sec-Fetch-Site": "none"}, False),
        "foreign host header": ({"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}, False),
    }
    cookie = f"vendor_session={token({'sub': vendor.name})}"
    async with documented_client(own) as browser:
        for name, (headers, allowed) in headers_of.items():
            for method, path, body in (
                ("POST", BASE, {"message": "", "appId": vendor.app}),
                ("POST", f"{BASE}/nothing/cancel", None),
                ("PUT", f"{BASE}?sessionId=nothing", {"title": "Mine"}),
                ("DELETE", f"{BASE}?sessionId=nothing", None),
                ("PUT", f"{APPS}/nothing", {"name": "Mine"}),
                ("PUT", f"{APPS}/{vendor.app}/file", {"path": "", "content": "", "baseVersion": 0}),
                ("DELETE", f"{APPS}/nothing", None),
            ):
                answer = await browser.request(method, path, json=body, headers={**headers, "Cookie": cookie})
                if allowed:
                    assert answer.status_code in (400, 404), (name, method, path, answer.text)
                else:
                    assert_error(answer, 403, "forbidden_origin")
            read = await browser.get(APPS, headers={**headers, "Cookie": cookie})
            assert read.status_code == 200, name


async def test_a_bearer_token_needs_no_origin_and_wins_over_the_cookie(vendor: Vendor):
    headers = {"Origin": "https://evil.example", "Cookie": f"vendor_session={token({'sub': 'somebody'})}"}
    answer = await vendor.client.post(APPS, json={"name": "x"}, headers=headers)

    assert answer.status_code == 201
    listed = await vendor.client.get(APPS)
    assert answer.json()["app"]["appId"] in [app["appId"] for app in listed.json()["apps"]]


async def test_the_cookie_works_by_both_of_its_names(vendor: Vendor):
    async with documented_client(vendor.url) as browser:
        for name in ("vendor_session", "__Host-vendor_session"):
            cookie = f"theme=dark; {name}={token({'sub': vendor.name})}; more=1"
            for path in (APPS, f"{BASE}?appId={vendor.app}"):
                assert (await browser.get(path, headers={"Cookie": cookie})).status_code == 200
            stream = await browser.get(f"{BASE}/nothing/stream", headers={"Cookie": cookie})
            assert_error(stream, 404, "not_found")


PLACES = [
    *(f"{BASE}/nothing/stream", f"{BASE}?sessionId=nothing", f"{BASE}?appId={{app}}"),
    *(APPS, f"{APPS}/{{app}}/nothing"),
]


@pytest.mark.parametrize("place", PLACES)
async def test_an_allowed_origin_is_echoed_with_credentials_and_no_other_is(vendor: Vendor, place: str):
    path = place.format(app=vendor.app)
    own = await vendor.client.get(path, headers={"Origin": vendor.url})
    foreign = await vendor.client.get(path, headers={"Origin": "https://evil.example"})

    assert own.headers["access-control-allow-origin"] == vendor.url
    assert own.headers["access-control-allow-credentials"] == "true"
    assert "origin" in own.headers["vary"].lower()
    assert "origin" in foreign.headers["vary"].lower()
    assert not [name for name in foreign.headers if name.startswith("access-control-")]


async def test_a_stream_and_its_204_carry_the_same_headers(vendor: Vendor):
    async with vendor.stream(
        "POST", BASE, json={"message": "Hi", "appId": vendor.app}, headers={"Origin": vendor.url}
    ) as stream:
        session = session_of(await stream.rest())
        assert stream.response.headers["content-type"] == "text/event-stream"
        assert stream.response.headers["access-control-allow-origin"] == vendor.url
        assert "origin" in stream.response.headers["vary"].lower()
        assert_guarded(stream.response)
    nothing = await vendor.client.get(f"{BASE}/{session}/stream", headers={"Origin": vendor.url})

    assert nothing.status_code == 204
    assert nothing.headers["access-control-allow-origin"] == vendor.url
    assert_guarded(nothing)


@pytest.mark.parametrize("path", [BASE, f"{BASE}/s/stream", f"{BASE}/s/cancel", APPS, f"{APPS}/a/file"])
async def test_a_preflight_lets_an_allowed_origin_in_and_no_other(vendor: Vendor, path: str):
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,last-event-id",
        "Authorization": "",
    }
    own = await vendor.client.request("OPTIONS", path, headers={"Origin": vendor.url, **asking})
    foreign = await vendor.client.request("OPTIONS", path, headers={"Origin": "https://x.example", **asking})

    assert own.status_code in (200, 204)
    assert own.headers["access-control-allow-origin"] == vendor.url
    assert own.headers["access-control-allow-credentials"] == "true"
    assert {"POST", "PUT", "DELETE"} <= set(own.headers["access-control-allow-methods"].split(", "))
    allowed = own.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "last-event-id"))
    assert not [name for name in foreign.headers if name.startswith("access-control-")]
    assert_guarded(own)
    assert_guarded(foreign)


async def test_the_local_page_signs_its_browser_in_and_finds_its_demo_app(vendor: Vendor):
    async with documented_client(vendor.url) as browser:
        page = await browser.get("/", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "content-security-policy" in page.headers
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("vendor_session=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        apps = await browser.get(APPS)
        assert [app["appId"] for app in apps.json()["apps"]] == ["demo-app"]
        body = {"message": "Hi", "appId": "demo-app"}
        sent = await browser.post(BASE, json=body, headers={"Origin": vendor.url})
        assert sent.status_code == 200
        assert "message_complete" in sent.text
    assert_error(await vendor.client.get(f"{APPS}/demo-app/files"), 404, "not_found")
