"""Finds out which vendor calls, by a bearer token or the session cookie, and if a cookie may write."""

import asyncio
import time
from collections.abc import Callable, Iterable

import jwt

from aicode.errors import ForbiddenOrigin, StoreUnavailable, Unauthenticated
from aicode.http import Request
from aicode.ids import is_id
from aicode.settings import Settings
from aicode.tls import certificates

COOKIE = "__Host-vendor_session"
# Browsers keep the other one for TLS alone, so that plain HTTP on this machine needs one without the prefix.
LOCAL_COOKIES = (COOKIE, "vendor_session")
TOKEN_LIMIT = 8 * 1024
# A token cannot be called back, so that one that was stolen must end by itself.
LONGEST_LIFE_SECONDS = 24 * 3600
CLOCK_SKEW_SECONDS = 30
KEY_COOLDOWN_SECONDS = 30
_WRITES = frozenset({"POST", "PUT", "DELETE"})


class TokenVerifier:
    """Verifies tokens, with a secret or with a key set; keep one for the process."""

    def __init__(  # noqa: PLR0913 - all that a token is measured by
        self,
        *,
        secret: str | None = None,
        jwks_url: str | None = None,
        issuer: str | None,
        audience: str,
        now: Callable[[], float] = time.time,
        key_cooldown: float = KEY_COOLDOWN_SECONDS,
    ) -> None:
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        self._now = now
        # The key set is kept for five minutes. An unknown key id fetches it anew, at most twice a minute.
        self._key_set = (
            jwt.PyJWKClient(
                jwks_url,
                lifespan=300,
                cooldown_duration=key_cooldown,
                timeout=3,
                ssl_context=certificates() if jwks_url.startswith("https:") else None,
            )
            if jwks_url
            else None
        )

    async def claims(self, token: str) -> dict[str, object]:
        """The token's claims; `sub` is the id of a vendor.

        Raises Unauthenticated, and StoreUnavailable if the key set cannot be fetched.
        """
        if not token or len(token) > TOKEN_LIMIT:
            raise Unauthenticated("Sign in first.")
        try:
            if self._key_set is None:
                claims = self._decode(token, self._secret or "", ["HS256"])
            else:
                key = await asyncio.to_thread(_signing_key, self._key_set, token)
                claims = self._decode(token, key, ["RS256", "ES256"])
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Unauthenticated("The token is not valid.") from error
        vendor = claims.get("sub")
        if not isinstance(vendor, str) or not is_id(vendor):
            raise Unauthenticated("The token is not valid.")
        return claims

    def _decode(self, token: str, key: "jwt.PyJWK | str", algorithms: list[str]) -> dict[str, object]:
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._audience,
            issuer=self._issuer,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iat", "aud", "sub"]},
        )
        expires, issued = float(str(claims["exp"])), float(str(claims["iat"]))
        # The leeway is for a clock that runs ahead (iat, nbf). It must not make tokens live longer.
        if expires <= self._now():
            raise jwt.ExpiredSignatureError
        if expires - issued > LONGEST_LIFE_SECONDS:
            raise jwt.InvalidTokenError
        return claims


class Authenticator:
    """Finds out who calls, by the tokens that the settings name; keep one for the process."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], float] = time.time,
        key_cooldown: float = KEY_COOLDOWN_SECONDS,
    ) -> None:
        self._allowed_origins = settings.allowed_origins
        self._cookies = LOCAL_COOKIES if settings.local else (COOKIE,)
        self._verifier = TokenVerifier(
            secret=settings.jwt_secret,
            jwks_url=settings.jwks_url,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            now=now,
            key_cooldown=key_cooldown,
        )

    async def vendor(self, request: Request) -> str:
        """The id of the vendor who calls.

        Raises Unauthenticated, ForbiddenOrigin if a cookie acts from a foreign origin, and StoreUnavailable
        if the key set cannot be fetched.
        """
        token, from_cookie = _token(request, self._cookies)
        claims = await self._verifier.claims(token)
        if from_cookie and _acts(request) and not comes_from(request, self._allowed_origins):
            raise ForbiddenOrigin("This origin may not do that with the cookie.")
        return str(claims["sub"])


def _acts(request: Request) -> bool:
    """True if the request does more than read: a stream that is asked to `continue` sets a turn going."""
    return request.method in _WRITES or request.query.get("continue") == "1"


def comes_from(request: Request, origins: frozenset[str]) -> bool:
    """True if a page of one of these origins sent the request, or one of the origin that it went to."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin in origins
    return request.headers.get("sec-fetch-site") == "same-origin"


def _token(request: Request, cookies: Iterable[str]) -> tuple[str, bool]:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else ""), False
    for name in cookies:
        if name in request.cookies:
            return request.cookies[name], True
    return "", False


def _signing_key(key_set: jwt.PyJWKClient, token: str) -> jwt.PyJWK:
    """The key that a token names; call it in a thread, because it may fetch the key set.

    Raises StoreUnavailable if the key set cannot be fetched, PyJWTError if the token is at fault.
    """
    key_id = str(jwt.get_unverified_header(token).get("kid"))
    try:
        key_set.get_signing_keys()
    except (jwt.PyJWTError, ValueError, OSError) as error:
        raise _no_key_set() from error
    try:
        return key_set.get_signing_key(key_id)
    except (jwt.PyJWKClientConnectionError, OSError) as error:
        raise _no_key_set() from error


def _no_key_set() -> StoreUnavailable:
    return StoreUnavailable("The sign-in service does not answer.", retry_after=5)
