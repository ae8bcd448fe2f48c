"""A browser as far as a sign-in needs one: cookies with their rules, and one step of a redirect at a time."""

from dataclasses import dataclass, field

import httpx

COOKIE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that is kept; attribute names in lower case."""

    value: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Browser:
    """One browser; what is asked of `origin` goes to the server at `url`."""

    origin: str
    url: str
    client: httpx.AsyncClient
    cookies: dict[str, Cookie] = field(default_factory=dict[str, Cookie])

    async def open(self, address: str, *, from_elsewhere: bool = False) -> httpx.Response:
        """Follows a link of the page itself, or of another site."""
        return await self._send("GET", address, {}, from_elsewhere=from_elsewhere)

    async def fetch(self, method: str, path: str, **headers: str) -> httpx.Response:
        """What a script of the page sends."""
        return await self._send(method, path, {"origin": self.origin, **headers})

    async def send_from_elsewhere(self, method: str, path: str) -> httpx.Response:
        """What a page of another site makes the browser send."""
        foreign = {"origin": "https://evil.example.com", "sec-fetch-site": "cross-site"}
        return await self._send(method, path, foreign, from_elsewhere=True)

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """Goes where an answer sends it; a redirect of another site comes from elsewhere."""
        assert answer.is_redirect, answer.text
        own = str(answer.url).startswith(self.url)
        return await self.open(answer.headers["location"], from_elsewhere=not own)

    async def sign_in(self, to: str = "") -> httpx.Response:
        """The whole way over the other site's page; gives the callback's answer."""
        begun = await self.open(f"/sign-in?to={to}" if to else "/sign-in")
        return await self.follow(await self.follow(begun))

    async def _send(
        self, method: str, address: str, headers: dict[str, str], *, from_elsewhere: bool = False
    ) -> httpx.Response:
        path = address.removeprefix(self.origin)
        own = path.startswith("/")
        sent = [
            f"{name}={cookie.value}"
            for name, cookie in self.cookies.items()
            if own and not (from_elsewhere and cookie.attributes["samesite"] == "Strict")
        ]
        if sent:
            headers = {**headers, "cookie": "; ".join(sent)}
        answer = await self.client.request(method, self.url + path if own else address, headers=headers)
        self.client.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        return answer

    def _keep(self, line: str) -> None:
        pair, *rest = line.split("; ")
        name, _, value = pair.partition("=")
        attributes = {key.lower(): given for key, _, given in (part.partition("=") for part in rest)}
        if name.startswith("__Host-"):
            assert "secure" in attributes
            assert attributes["path"] == "/"
            assert "domain" not in attributes
        assert len(pair) <= COOKIE_LIMIT
        if attributes["max-age"] == "0":
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = Cookie(value, attributes)
