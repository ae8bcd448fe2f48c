"""The page's domain with the sign-in on it: real function processes, a pool, and a browser."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from browser import Browser
from user_pool import UserPool, user_pool

from dev import function_url
from dev.function_url import Function, Route

ORIGIN = "https://code.example.com"


@dataclass(frozen=True, slots=True)
class World:
    """The sign-in and the apps as a browser meets them, and what their processes wrote."""

    pool: UserPool
    browser: Browser
    log: list[str]

    async def apps(self) -> httpx.Response:
        """A call that only a signed-in vendor may make."""
        return await self.browser.fetch("GET", "/api/vendor/apps")


@asynccontextmanager
async def signing_in(folder: Path, origin: str, **more: str) -> AsyncGenerator[World]:
    """The real function processes at an origin; `more` are variables over those that they have anyway."""
    log: list[str] = []
    async with user_pool(origin) as pool:
        environment = {"PUBLIC_ORIGIN": origin, **pool.variables, **more}
        elsewhere = {
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
            "DATA_DIR": str(folder),
        }
        functions = [
            Function(name="sign_in", handler="sign_in.app.handler", environment=environment),
            Function(
                name="apps", handler="apps.app.handler", streaming=True, environment=environment | elsewhere
            ),
        ]
        routes = [
            Route(None, re.compile("/sign-.*"), "sign_in"),
            Route(None, re.compile("/api/vendor/apps.*"), "apps"),
        ]
        async with (
            function_url.serve(
                functions=functions, routes=routes, log=lambda _, line: log.append(line)
            ) as server,
            httpx.AsyncClient(timeout=30) as client,
        ):
            yield World(pool, Browser(origin, server.url, client), log)
