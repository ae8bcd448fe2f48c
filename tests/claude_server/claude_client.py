"""Speaking to the model server: plain requests over HTTP, and the type of the SDK's maker."""

from collections.abc import Callable
from typing import Any

import httpx2
from anthropic import AsyncAnthropic

from dev import claude

Connect = Callable[[claude.ClaudeServer], AsyncAnthropic]
HEADERS = {"x-api-key": "any", "anthropic-version": "2026-10-21"}


def request(content: Any = "Hello", **changes: Any) -> dict[str, Any]:
    """A valid request with one user message."""
    return {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": content}],
        **changes,
    }


async def post(
    server: claude.ClaudeServer,
    body: dict[str, Any] | bytes,
    *,
    path: str = "/v1/messages",
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """The raw answer to a POST."""
    sent = HEADERS if headers is None else headers
    async with httpx2.AsyncClient(timeout=30) as client:
        if isinstance(body, bytes):
            return await client.post(server.url + path, content=body, headers=sent)
        return await client.post(server.url + path, json=body, headers=sent)
