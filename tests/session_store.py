"""A session store on a Valkey of its own, and the smallest turn to put into it."""

import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypedDict

from aicode.api_types import Attachment
from aicode.history.records import Record
from aicode.history.usage import no_usage
from aicode.redis.client import RedisClient
from aicode.session_manager.manager import NewTurn, OwnedTurn, SessionManager
from aicode.settings import Settings
from dev import upstash
from dev.upstash.rest import MAX_REQUEST

_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SessionStore:
    """The server, and what a function has of it."""

    redis: upstash.Upstash
    client: RedisClient
    settings: Settings
    sessions: SessionManager


@asynccontextmanager
async def session_store(
    variables: Mapping[str, str] = MappingProxyType({}), *, max_request: int = MAX_REQUEST
) -> AsyncGenerator[SessionStore]:
    """An empty one, until left; `variables` are those of the function that uses it."""
    async with upstash.serve(
        data_dir=None, token="t", faults=upstash.Faults(), max_request=max_request
    ) as redis:
        settings = settings_with(redis, **variables)
        client = RedisClient(redis.url, redis.token)
        try:
            yield SessionStore(redis, client, settings, SessionManager(client, settings))
        finally:
            await client.close()


def settings_with(redis: upstash.Upstash, **variables: str) -> Settings:
    """A function's settings with this store; nobody is where Claude should be, unless `variables` say so."""
    known = {
        "AICODE_LOCAL": "1",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "UPSTASH_REDIS_REST_URL": redis.url,
        "UPSTASH_REDIS_REST_TOKEN": redis.token,
        "MAX_CONCURRENT_TURNS": "50",
        "RATE_LIMIT_PER_MINUTE": "1000000",
    }
    return Settings.from_env({**known, **variables})


def new_turn(  # noqa: PLR0913 - the parts of a message
    text: str = "Hi",
    *,
    vendor: str = "alice",
    app: str = "app-1",
    sid: str | None = None,
    message_id: str | None = None,
    model: str = "claude-test",
    title: str = "New session",
    replaces: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> NewTurn:
    """A vendor's message as it comes to the session store."""
    return NewTurn(
        vendor=vendor,
        app=app,
        session_id=sid,
        message_id=message_id or f"m-{next(_ids)}",
        text=text,
        model=model,
        title=title,
        replaces=replaces,
        upload_ids=[attachment["uploadId"] for attachment in attachments],
        attachments=attachments,
    )


def step(text: str = "Hello", *more: dict[str, object], number: int = 1) -> Record:
    """A finished step that said this."""
    return {
        "kind": "step",
        "step": number,
        "content": [{"type": "text", "text": text}, *more],
        "stopReason": "end_turn",
        "model": "claude-test",
        "usage": no_usage(),
        "at": 5,
    }


class Counted(TypedDict):
    """The part of a batch that the vendor's day gets."""

    counted: int
    counted_at: int


def counted(begun: OwnedTurn, tokens: int = 0) -> Counted:
    """What a batch says of a turn that used so many tokens: what was reserved for more is given back."""
    day = begun.writer.day
    assert day is not None
    return {"counted": tokens - day.reserved, "counted_at": day.at}


def ended(event: str = "message_complete") -> Record:
    """The end of a turn."""
    return {"kind": "end", "event": event, "data": {"turnId": 1}, "at": 6}
