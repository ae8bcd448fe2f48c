"""Who calls: every kind of token, key set and cookie, with the clock in the test's hands where it can be."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from aicode.auth import Authenticator
from aicode.errors import ForbiddenOrigin, RequestError, StoreUnavailable, Unauthenticated
from aicode.http import Request
from aicode.settings import DEVELOPMENT_JWT_SECRET, Settings

SECRET = "a secret of the tests, at least 64 bytes long so that HS512 can sign with it"
ORIGIN = "https://code.example.com"
ENV = {
    "AICODE_LOCAL": "1",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
    "ALLOWED_ORIGINS": ORIGIN,
}
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    given: dict[str, Any] = {"sub": "alice", "aud": "aicode", "iat": now, "exp": now + 60, **changed}
    return {name: value for name, value in given.items() if value is not None}


def hs256(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm)


def request(
    token: str | None = None,
    *,
    method: str = "GET",
    cookie: str | None = None,
    cookie_name: str = "vendor_session",
    query: Mapping[str, str] | None = None,
    **headers: str,
) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        named["authorization"] = f"Bearer {token}"
    cookies = {cookie_name: cookie} if cookie is not None else {}
    return Request(method, "/", query or {}, named, cookies, "", False, "request-1")


def authenticator(now: Callable[[], float] = time.time, **env: str) -> Authenticator:
    known = {**ENV, **env} if "VENDOR_JWKS_URL" in env else {**ENV, "VENDOR_JWT_SECRET": SECRET, **env}
    return Authenticator(Settings.from_env(known), now=now)


async def refusal(given: Request, verifier: Authenticator | None = None) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await (verifier or authenticator()).vendor(given)
    return caught.value


async def test_a_bearer_token_names_its_vendor():
    assert await authenticator().vendor(request(hs256(sub="Vendor_1-x"))) == "Vendor_1-x"


async def test_the_scheme_is_written_in_any_case():
    assert await authenticator().vendor(request(authorization=f"bearer {hs256()}")) == "alice"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        hs256("another secret of the tests, 32 bytes long"),
        hs256(algorithm="HS512"),
        jwt.encode(claims(), "", algorithm="none"),
        hs256(sub=None),
        hs256(exp=None),
        hs256(iat=None),
        hs256(aud=None),
        hs256(aud="another"),
        hs256(exp=int(time.time()) - 1),
        hs256(exp=1e400),
        hs256(exp="soon"),
        hs256(iat=int(time.time()) + 3600),
        hs256(nbf=int(time.time()) + 3600),
        hs256(exp=int(time.time()) + 24 * 3600 + 1),
        hs256(iat=int(time.time()) - 30 * 24 * 3600),
        hs256(sub=""),
        hs256(sub="a b"),
        hs256(sub="a/b"),
        hs256(sub="ä"),
        hs256(sub="alice\n"),
        hs256(sub="x" * 65),
        hs256(sub=["alice"]),
        hs256(padding="x" * 9000),
        "ü" * 10,
        "\ud800.\ud800.\ud800",
    ],
)
async def test_any_other_token_is_refused_without_saying_why(token: str):
    refused = await refusal(request(token))

    assert isinstance(refused, Unauthenticated)
    assert refused.message in ("Sign in first.", "The token is not valid.")


@pytest.mark.parametrize("header", ["", "Basic YWxpY2U6eA==", "Bearer", "Bearer ", hs256()])
async def test_a_header_that_is_no_bearer_token_is_not_made_up_for_by_the_cookie(header: str):
    assert isinstance(await refusal(request(cookie=hs256(), authorization=header)), Unauthenticated)


async def test_no_token_at_all_is_refused():
    assert isinstance(await refusal(request()), Unauthenticated)


async def test_a_clock_that_runs_half_a_minute_ahead_is_forgiven():
    ahead = int(time.time()) + 20

    assert await authenticator().vendor(request(hs256(iat=ahead, nbf=ahead))) == "alice"


async def test_a_token_lives_no_second_longer_than_it_says():
    expires = int(time.time()) + 60
    token = hs256(exp=expires)

    assert await authenticator(now=lambda: expires - 1).vendor(request(token)) == "alice"
    assert isinstance(await refusal(request(token), authenticator(now=lambda: expires)), Unauthenticated)


async def test_the_issuer_counts_where_one_is_set():
    verifier = authenticator(VENDOR_JWT_ISSUER="https://login.example.com")

    assert await verifier.vendor(request(hs256(iss="https://login.example.com"))) == "alice"
    assert isinstance(
        await refusal(request(hs256(iss="https://evil.example.com")), verifier), Unauthenticated
    )
    assert isinstance(await refusal(request(hs256()), verifier), Unauthenticated)


async def test_the_audience_can_be_set():
    verifier = authenticator(VENDOR_JWT_AUDIENCE="builder")

    assert await verifier.vendor(request(hs256(aud=["builder", "other"]))) == "alice"
    assert isinstance(await refusal(request(hs256()), verifier), Unauthenticated)


@pytest.mark.parametrize("name", ["vendor_session", "__Host-vendor_session"])
async def test_a_cookie_reads_from_anywhere(name: str):
    given = request(cookie=hs256(), cookie_name=name, origin="https://evil.example.com")

    assert await authenticator().vendor(given) == "alice"


async def test_in_the_cloud_a_cookie_that_another_host_could_have_set_is_none():
    """A neighbour under the same domain may set cookies for it, but none with the prefix."""
    cloud = {
        "UPSTASH_REDIS_REST_URL": "https://redis.example.com",
        "UPSTASH_REDIS_REST_TOKEN": "t",
        "APPS_TABLE": "apps",
        "FILES_BUCKET": "files",
        "VENDOR_JWT_SECRET": SECRET,
    }
    verifier = Authenticator(Settings.from_env(cloud))

    assert await verifier.vendor(request(cookie=hs256(), cookie_name="__Host-vendor_session")) == "alice"
    assert isinstance(await refusal(request(cookie=hs256()), verifier), Unauthenticated)


async def test_a_token_may_live_a_day():
    now = int(time.time())

    assert await authenticator().vendor(request(hs256(iat=now, exp=now + 24 * 3600))) == "alice"


@pytest.mark.parametrize("what", ["POST", "PUT", "DELETE", "GET ?continue=1"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": ORIGIN}, True),
        ({"origin": ORIGIN, "sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example.com"}, False),
        ({"origin": "https://evil.example.com", "sec_fetch_site": "same-origin"}, False),
        ({"origin": f"{ORIGIN}.evil.example.com"}, False),
        ({"origin": ORIGIN.upper()}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "none"}, False),
    ],
)
async def test_a_cookie_acts_only_from_an_allowed_origin(what: str, headers: dict[str, str], allowed: bool):
    method, *goes_on = what.split(" ")
    given = request(method=method, cookie=hs256(), query={"continue": "1"} if goes_on else None, **headers)

    if allowed:
        assert await authenticator().vendor(given) == "alice"
    else:
        assert isinstance(await refusal(given), ForbiddenOrigin)


async def test_a_bearer_token_writes_from_anywhere():
    given = request(hs256(), method="POST", origin="https://evil.example.com")

    assert await authenticator().vendor(given) == "alice"


async def test_a_bad_cookie_is_no_sign_in_wherever_it_comes_from():
    assert isinstance(await refusal(request(method="POST", cookie="x")), Unauthenticated)


# -- key sets --------------------------------------------------------------------------------------------


@dataclass
class KeyServer:
    """A key set on loopback. `down`: closes every connection without an answer."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    body: bytes | None = None
    status: str = "200 OK"
    asked: int = 0
    down: bool = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        if not self.down:
            body = self.body or json.dumps({"keys": self.keys}).encode()
            head = f"HTTP/1.1 {self.status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + body)
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def key_server(*keys: dict[str, Any]) -> AsyncGenerator[KeyServer]:
    served = KeyServer(keys=list(keys))
    server = await asyncio.start_server(served.answer, "127.0.0.1", 0)
    async with server:
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys.json"
        yield served


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "ES256"}


def rs256(kid: str | None, key: rsa.RSAPrivateKey = RSA_KEY) -> str:
    return jwt.encode(claims(), key, algorithm="RS256", headers={"kid": kid} if kid else None)


def es256(kid: str) -> str:
    return jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": kid})


async def test_tokens_of_a_key_set_are_verified_with_its_keys():
    async with key_server(rsa_jwk(RSA_KEY, "r"), ec_jwk(EC_KEY, "e")) as server:
        verifier = authenticator(VENDOR_JWKS_URL=server.url)

        assert await verifier.vendor(request(rs256("r"))) == "alice"
        assert await verifier.vendor(request(es256("e"))) == "alice"
        assert server.asked == 1


async def test_a_key_set_takes_no_other_token():
    public = RSA_KEY.public_key()
    oct_key = {"kty": "oct", "kid": "o", "k": "c2VjcmV0", "alg": "HS256"}
    async with key_server(rsa_jwk(RSA_KEY, "r"), ec_jwk(EC_KEY, "e"), oct_key) as server:
        verifier = authenticator(VENDOR_JWKS_URL=server.url)
        confused = {"kid": "r"}
        tokens = [
            hs256(),
            jwt.encode(claims(), "secret" * 8, algorithm="HS256", headers={"kid": "o"}),
            jwt.encode(claims(), json.dumps(public.public_numbers().n), algorithm="HS256", headers=confused),
            jwt.encode(claims(), EC_KEY, algorithm="ES256", headers=confused),
            jwt.encode(claims(), RSA_KEY, algorithm="PS256", headers=confused),
            rs256("r", OTHER_RSA_KEY),
            rs256(None),
        ]

        refused = [await refusal(request(token), verifier) for token in tokens]

    assert {type(error) for error in refused} == {Unauthenticated}


async def test_a_new_key_is_found_when_it_is_first_used():
    async with key_server(rsa_jwk(RSA_KEY, "old")) as server:
        settings = Settings.from_env({**ENV, "VENDOR_JWKS_URL": server.url})
        verifier = Authenticator(settings, key_cooldown=0)
        await verifier.vendor(request(rs256("old")))
        server.keys = [rsa_jwk(OTHER_RSA_KEY, "new")]

        assert await verifier.vendor(request(rs256("new", OTHER_RSA_KEY))) == "alice"
        assert server.asked == 2
        assert isinstance(await refusal(request(rs256("old")), verifier), Unauthenticated)


async def test_known_keys_outlive_a_key_server_that_is_down():
    async with key_server(rsa_jwk(RSA_KEY, "r")) as server:
        verifier = authenticator(VENDOR_JWKS_URL=server.url)
        await verifier.vendor(request(rs256("r")))
        server.down = True

        assert await verifier.vendor(request(rs256("r"))) == "alice"


async def test_what_is_no_token_asks_no_key_server():
    async with key_server() as server:
        assert isinstance(
            await refusal(request("x.y.z"), authenticator(VENDOR_JWKS_URL=server.url)), Unauthenticated
        )
        assert server.asked == 0


async def test_invented_key_ids_do_not_wear_out_the_key_server():
    async with key_server(rsa_jwk(RSA_KEY, "r")) as server:
        verifier = authenticator(VENDOR_JWKS_URL=server.url)
        for n in range(5):
            assert isinstance(await refusal(request(rs256(f"invented-{n}")), verifier), Unauthenticated)

        assert server.asked <= 2
        assert await verifier.vendor(request(rs256("r"))) == "alice"


@pytest.mark.parametrize("fault", ["down", "500", "html", "empty"])
async def test_without_its_key_set_nobody_can_be_told(fault: str):
    async with key_server(rsa_jwk(RSA_KEY, "r")) as server:
        server.down = fault == "down"
        if fault == "500":
            server.status = "500 Internal Server Error"
        elif fault == "html":
            server.body = b"<html></html>"
        elif fault == "empty":
            server.body = b'{"keys": []}'

        refused = await refusal(request(rs256("r")), authenticator(VENDOR_JWKS_URL=server.url))

    assert isinstance(refused, StoreUnavailable)
    assert refused.retry_after == 5
    assert "127.0.0.1" not in refused.message


async def test_a_key_server_that_comes_back_is_asked_again():
    async with key_server(rsa_jwk(RSA_KEY, "r")) as server:
        verifier = authenticator(VENDOR_JWKS_URL=server.url)
        server.down = True
        await refusal(request(rs256("r")), verifier)
        server.down = False

        assert await verifier.vendor(request(rs256("r"))) == "alice"


async def test_the_development_secret_signs_locally():
    verifier = Authenticator(Settings.from_env(ENV))

    assert await verifier.vendor(request(hs256(DEVELOPMENT_JWT_SECRET))) == "alice"
