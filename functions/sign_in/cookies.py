"""The cookies of the sign-in: what they are called, and how a browser is to keep them."""

from aicode.http import Request

SESSION, REFRESH, ATTEMPT = "vendor_session", "vendor_refresh", "sign_in"
# Larger ones are dropped by browsers without a word: name and value, RFC 6265bis.
COOKIE_LIMIT = 4096
# As long as Cognito takes the token: RefreshTokenValidity in stacks/sign_in.yaml.
REFRESH_SECONDS = 30 * 24 * 3600
ATTEMPT_SECONDS = 600
# No other site's page needs the refresh token sent; the other two must come along with a link from one.
_SAME_SITE = {SESSION: "Lax", REFRESH: "Strict", ATTEMPT: "Lax"}


class Cookies:
    """Cookies of one origin; no other host can set them, and no script reads them.

    The prefix `__Host-` holds that, and wants TLS: without it, on a developer's machine, it is left out.
    """

    def __init__(self, origin: str) -> None:
        secure = origin.startswith("https://")
        self._prefix = "__Host-" if secure else ""
        self._attributes = "; Path=/; HttpOnly" + ("; Secure" if secure else "")

    def read(self, request: Request, name: str) -> str:
        """The cookie's value; empty where there is none."""
        return request.cookies.get(self._prefix + name, "")

    def fits(self, name: str, value: str) -> bool:
        """True if a browser keeps a cookie of this size."""
        return len(self._prefix + name) + len(value) <= COOKIE_LIMIT

    def set(self, name: str, value: str, seconds: int) -> str:
        """The Set-Cookie header's value that keeps it for so long."""
        same_site = _SAME_SITE[name]
        return f"{self._prefix}{name}={value}; Max-Age={seconds}{self._attributes}; SameSite={same_site}"

    def clear(self, *names: str) -> tuple[str, ...]:
        """The Set-Cookie headers' values that remove them."""
        return tuple(self.set(name, "", 0) for name in names)
