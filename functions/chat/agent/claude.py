"""The only door to Claude: the SDK's client and transport, one attempt at a time, failures classified."""

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

from aicode.settings import Settings
from chat.agent.message_stream import MessageStream
from chat.agent.model import FailureKind, Message, ModelFailure, Request, StepListener

if TYPE_CHECKING:
    import anthropic

MAX_RETRY_AFTER = 86_400.0
BODY_END_SECONDS = 0.1
_SPEND_LIMITS = frozenset({"contract_spend_limit_reached", "enforced_spend_limit_reached"})


class Claude:
    """Claude over the Messages API. Belongs to one event loop; keep it for the life of the process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: anthropic.AsyncAnthropic | None = None

    async def prepare(self) -> None:
        """Imports the SDK (one to three seconds of CPU, in a thread) and makes its client, once."""
        if self._client is None:
            self._client = await asyncio.to_thread(_make_client, self._settings)

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.close()

    async def answer(self, request: Request, listener: StepListener) -> Message:
        """One attempt at an answer. Raises ModelFailure; nothing counts unless `message_stop` came."""
        await self.prepare()
        assert self._client is not None  # noqa: S101 - for the type checker
        import anthropic  # noqa: PLC0415 - prepared above, too slow to import before the first event
        import httpx2  # noqa: PLC0415

        stream = MessageStream(listener)
        fault: ModelFailure | None = None
        try:
            await self._read(request, stream)
        except anthropic.APIStatusError as error:
            raise _refused(error) from error
        except (anthropic.APIError, httpx2.HTTPError) as error:
            fault = ModelFailure("failed", type(error).__name__, retryable=True)
            fault.__cause__ = error
        except TimeoutError:
            fault = ModelFailure("failed", "stalled", retryable=True)
        if stream.message is None:
            raise fault or ModelFailure("failed", "truncated", retryable=True)
        return stream.message

    async def _read(self, request: Request, stream: MessageStream) -> None:
        """Feeds the answer to the stream, to the end of its body."""
        messages: Any = self._client.messages if self._client else None
        loop, idle = asyncio.get_running_loop(), self._settings.model_idle_timeout
        async with asyncio.timeout(idle) as watchdog:
            async with messages.with_streaming_response.create(**request, stream=True) as response:
                seen = -1
                async for chunk in response.iter_bytes():
                    if stream.message is None:
                        stream.feed(chunk)
                    # Pings keep a dead answer's connection alive: only real events are progress.
                    if stream.progress != seen:
                        seen = stream.progress
                        # A body that is read to its end leaves its connection to the next request.
                        patience = idle if stream.message is None else BODY_END_SECONDS
                        watchdog.reschedule(loop.time() + patience)


def _make_client(settings: Settings) -> "anthropic.AsyncAnthropic":
    sdk: Any = importlib.import_module("anthropic")
    httpx2: Any = importlib.import_module("httpx2")
    client = sdk.AsyncAnthropic(
        api_key=settings.anthropic_api_key,
        base_url=settings.anthropic_base_url,
        max_retries=0,
        timeout=httpx2.Timeout(connect=5.0, read=settings.model_idle_timeout, write=30.0, pool=5.0),
    )
    _ = client.messages.with_streaming_response  # resources are imported at their first use
    return client


def _refused(error: "anthropic.APIStatusError") -> ModelFailure:
    """What an error answer means for the turn; the body's text goes no further than this."""
    status, kind = error.status_code, str(getattr(error, "type", None) or "")
    spent = str(getattr(error, "error_code", None) or "") in _SPEND_LIMITS
    retryable = (status in (408, 409, 429) or status >= 500) and not spent
    verdict: FailureKind = "failed"
    if spent:
        verdict = "refused_request"
    elif status in (429, 529) or kind == "overloaded_error":
        verdict = "overloaded"
    elif status == 413 or (status == 400 and "prompt is too long" in str(error)):
        verdict = "too_long"
    elif not retryable:
        verdict = "refused_request"
    return ModelFailure(
        verdict,
        f"{status} {kind}".strip(),
        retryable=retryable,
        retry_after=_retry_after(error.response.headers.get("retry-after")),
        request_id=error.request_id,
    )


def _retry_after(value: str | None) -> float | None:
    try:
        return min(MAX_RETRY_AFTER, max(0.0, float(value or "")))
    except ValueError:
        return None
