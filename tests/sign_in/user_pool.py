"""A stand-in for a user pool of Cognito: its sign-in page, tokens for codes that PKCE binds, its keys.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
"""

import hashlib
import secrets
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from dev.http import Exchange, HTTPServer

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = "1example23456789"
DEAD = {"error": "invalid_grant"}


@dataclass(slots=True)
class UserPool:
    """One pool with one client, and one person who fills in the form.

    `person` is that user's `sub`. `claims`, `key` and `status` change what tokens say, what signs them, and
    how the token endpoint answers; `down` closes connections without an answer, `cancelled` gives the form
    up, and `rotates` lets each refresh token be used once.
    """

    origin: str
    url: str = ""
    person: str = field(default_factory=lambda: str(uuid.uuid4()))
    life: int = 3600
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    key: rsa.RSAPrivateKey = KEY
    status: int = 200
    down: bool = False
    cancelled: bool = False
    rotates: bool = False
    forms: int = 0
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    refresh_tokens: dict[str, str] = field(default_factory=dict[str, str])
    given: list[str] = field(default_factory=list[str])

    @property
    def variables(self) -> dict[str, str]:
        """What a function is told of the pool."""
        return {
            "SIGN_IN_PAGE": self.url,
            "VENDOR_JWKS_URL": f"{self.url}/pool/.well-known/jwks.json",
            "VENDOR_JWT_ISSUER": f"{self.url}/pool",
            "VENDOR_JWT_AUDIENCE": CLIENT,
        }

    async def handle(self, exchange: Exchange) -> None:
        if self.down:
            exchange.reset()
            return
        request = exchange.request
        body = (await exchange.read_body(64 * 1024)).decode()
        answers = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("GET", "/logout"): self._logout,
            ("GET", "/pool/.well-known/jwks.json"): self._keys,
            ("POST", "/oauth2/token"): self._token,
            ("POST", "/oauth2/revoke"): self._revoke,
        }
        answers[request.method, request.path](exchange, dict(parse_qsl(body or request.query)))

    def _keys(self, exchange: Exchange, _: Mapping[str, str]) -> None:
        public = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        exchange.send_json(200, {"keys": [{**public, "kid": "k", "use": "sig", "alg": "RS256"}]})

    def _logout(self, exchange: Exchange, sent: Mapping[str, str]) -> None:
        known = sent == {"client_id": CLIENT, "logout_uri": f"{self.origin}/"}
        exchange.send(302 if known else 400, [("location", sent["logout_uri"])])

    def _revoke(self, exchange: Exchange, sent: Mapping[str, str]) -> None:
        assert sent["client_id"] == CLIENT
        self.refresh_tokens.pop(sent["token"], None)
        exchange.send(200)

    def _authorize(self, exchange: Exchange, sent: Mapping[str, str]) -> None:
        """The form, which the person fills in at once."""
        asked = (sent.get("response_type"), sent.get("client_id"), sent.get("code_challenge_method"))
        callback = f"{self.origin}/sign-in/callback"
        if asked != ("code", CLIENT, "S256") or sent.get("redirect_uri") != callback:
            exchange.send(400)
            return
        self.forms += 1
        back = {"state": sent["state"]}
        if self.cancelled:
            back |= {"error": "access_denied", "error_description": "The words of Cognito."}
        else:
            back["code"] = str(uuid.uuid4())
            self.codes[back["code"]] = sent
            self.given.append(back["code"])
        exchange.send(302, [("location", f"{callback}?{urlencode(back)}")])

    def _token(self, exchange: Exchange, sent: Mapping[str, str]) -> None:
        if self.status != 200 or sent["client_id"] != CLIENT:
            exchange.send_json(self.status, {"error": "unauthorized_client"})
        elif sent["grant_type"] == "refresh_token":
            self._refresh(exchange, sent["refresh_token"])
        else:
            self._exchange(exchange, sent)

    def _exchange(self, exchange: Exchange, sent: Mapping[str, str]) -> None:
        asked = self.codes.pop(sent["code"], {})
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        bound = (asked.get("code_challenge"), asked.get("redirect_uri"))
        if bound != (challenge, sent["redirect_uri"]):
            exchange.send_json(400, DEAD)
            return
        tokens = self._tokens(self.person, nonce=asked["nonce"])
        exchange.send_json(200, {**tokens, "refresh_token": self._refresh_token(self.person)})

    def _refresh(self, exchange: Exchange, refresh_token: str) -> None:
        person = self.refresh_tokens.get(refresh_token)
        if person is None:
            exchange.send_json(400, DEAD)
            return
        tokens = self._tokens(person)
        if self.rotates:
            del self.refresh_tokens[refresh_token]
            tokens["refresh_token"] = self._refresh_token(person)
        exchange.send_json(200, tokens)

    def _refresh_token(self, person: str) -> str:
        """As long as Cognito's own, which are encrypted."""
        token = secrets.token_urlsafe(1300)
        self.refresh_tokens[token] = person
        self.given.append(token)
        return token

    def _tokens(self, person: str, **more: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "sub": person,
            "iss": f"{self.url}/pool",
            "aud": CLIENT,
            "token_use": "id",
            "email": "vendor@example.com",
            "iat": now,
            "exp": now + self.life,
            **more,
            **self.claims,
        }
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k"})
        self.given.append(token)
        return {"id_token": token, "access_token": "x", "token_type": "Bearer", "expires_in": self.life}


@asynccontextmanager
async def user_pool(origin: str) -> AsyncGenerator[UserPool]:
    """A pool whose client belongs to the page at this origin, until left."""
    pool = UserPool(origin)
    server = HTTPServer(pool.handle)
    async with server.listening():
        pool.url = server.url
        yield pool
