"""The cookie that signs the local page's browser in."""

import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

import jwt

from aicode.settings import Settings
from dev.http import Request
from dev.token import LIFETIME_SECONDS, make_token

LOCAL_VENDOR = "local-vendor"
COOKIE = "vendor_session"


class SignIn:
    """Makes a browser on this machine `local-vendor`; `hosts` are the names (host:port) of the page."""

    def __init__(
        self, settings: Settings, hosts: Callable[[], frozenset[str]], now: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._hosts = hosts
        self._now = now

    def headers(self, request: Request) -> list[tuple[str, str]]:
        """Set-Cookie for a browser that has no cookie that lasts; nothing where a key set signs tokens.

        Only for this machine's own names: another name that points here belongs to somebody else's page.
        """
        if self._settings.jwt_secret is None or request.headers.get("host", "").lower() not in self._hosts():
            return []
        if self._remaining_seconds(request.headers.get("cookie", "")) > LIFETIME_SECONDS / 2:
            return []
        token = make_token(self._settings, LOCAL_VENDOR, now=self._now())
        attributes = f"Max-Age={LIFETIME_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
        return [("Set-Cookie", f"{COOKIE}={token}; {attributes}")]

    def _remaining_seconds(self, header: str) -> float:
        try:
            claims: dict[str, object] = jwt.decode(
                SimpleCookie(header)[COOKIE].value,
                self._settings.jwt_secret or "",
                algorithms=["HS256"],
                audience=self._settings.jwt_audience,
                issuer=self._settings.jwt_issuer,
                options={"require": ["exp"], "verify_exp": False, "verify_iat": False},
            )
        except (CookieError, KeyError, jwt.PyJWTError):
            return 0.0
        return float(str(claims["exp"])) - self._now()
