"""The only module that calls Claude: it makes one attempt at a time, and classifies failures."""

import asyncio
import contextlib
import importlib
import re
import time
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from aicode.api_types import Usage
from aicode.settings import Settings
from chat.agent.model.another_attempt import is_retryable, retry_after
from chat.agent.model.catalogue import cost_usd
from chat.agent.model.interface import Answer, AnswerListener, FailureKind, ModelFailure, Request
from chat.agent.model.message_stream import SPEND_LIMITS, MessageStream, code_word
from chat.agent.model.refused_blocks import refused_block
from chat.agent.model.watchdog import Watchdog

if TYPE_CHECKING:
    import anthropic
    import httpx2

BODY_END_SECONDS = 0.1
OPENING_SECONDS = 1.0
# What an upload may take, while the vendor waits for the first word: a picture has half a megabyte as a rule,
# and the API answers within a second. A document of 10 MB may take longer, at so many bytes a second.
UPLOAD_SECONDS = 4.0
UPLOAD_RATE = 1_000_000
API_URL = "https://api.anthropic.com"
# How long an idle connection waits for the next turn; servers and load balancers close theirs after minutes.
KEEP_ALIVE_SECONDS = 90.0
_FILE_ID = re.compile(r"[\w-]{1,200}")
# "Invalid `signature` in `thinking` block", "`redacted_thinking` blocks in ... cannot be modified".
_THINKING_REFUSED = re.compile(
    r"nvalid `?\w+`? in `?(redacted_)?thinking|thinking`? blocks .*cannot be modified"
)
# With these an endpoint refuses a tool that it does not run, each in words of its own.
_TOOL_REFUSED = (400, 403, 422)
# Such a sentence may speak of tools too: the call of one, or its result.
_OF_A_MESSAGE = re.compile(r"\bmessages\.\d")


class Claude:
    """Claude over the Messages API. Belongs to one event loop; keep it for the life of the process.

    `key_refused` is called when Claude does not know the key of the settings. An upload may take
    `upload_seconds`, and a second more for each megabyte.
    """

    def __init__(
        self,
        settings: Settings,
        key_refused: Callable[[], None] = lambda: None,
        *,
        upload_seconds: float = UPLOAD_SECONDS,
    ) -> None:
        self._settings = settings
        self._key_refused = key_refused
        self._loading = asyncio.Lock()
        self._http: httpx2.AsyncClient | None = None
        self._client: anthropic.AsyncAnthropic | None = None
        self._used_at = float("-inf")
        self._opened = asyncio.Event()
        self._opened.set()
        # Whether the API takes files; None until one was uploaded.
        self._takes_files: bool | None = None
        self._first_file = asyncio.Lock()
        self._upload_seconds = upload_seconds
        # How long stopped turns have waited for the first file: the next one waits only for the rest.
        self._stopped_after = 0.0

    async def prepare(self) -> None:
        """Imports the SDK (one to three seconds of CPU, in a thread) and makes its client, once."""
        http = await self._transport()
        async with self._loading:
            if self._client is None:
                self._client = await asyncio.to_thread(_make_client, self._settings, http)

    async def warm_up(self) -> None:
        """Prepares, and opens a connection (TCP, TLS) for the first answer, unless one is still open.

        Meant to run while the app is being read. The connection is opened by a GET whose answer does not
        matter; if it fails, the first attempt will find that out.
        """
        if time.monotonic() - self._used_at < KEEP_ALIVE_SECONDS:
            return await self.prepare()
        self._used_at = time.monotonic()
        self._opened.clear()
        try:
            http = await self._transport()
            await asyncio.gather(self.prepare(), self._open_connection(http))
        finally:
            self._opened.set()

    async def close(self) -> None:
        """Closes the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _transport(self) -> "httpx2.AsyncClient":
        async with self._loading:
            if self._http is None:
                self._http = await asyncio.to_thread(_make_transport)
            return self._http

    async def _open_connection(self, http: "httpx2.AsyncClient") -> None:
        import httpx2  # noqa: PLC0415 - made above, too slow to import before the first event

        try:
            await http.get(self._settings.anthropic_base_url or API_URL, timeout=OPENING_SECONDS)
        except httpx2.HTTPError:
            self._used_at = float("-inf")
        self._opened.set()

    async def _opening_over(self) -> None:
        """Waits for a connection that is being opened, which is faster than opening another one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPENING_SECONDS):
                await self._opened.wait()

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt at an answer. Raises ModelFailure, also if the stream ends before `message_stop`."""
        await self.prepare()
        await self._opening_over()
        import anthropic  # noqa: PLC0415 - prepared above, too slow to import before the first event
        import httpx2  # noqa: PLC0415

        stream = MessageStream(listener)
        fault: ModelFailure | None = None
        try:
            await self._read(request, stream)
        except anthropic.APIStatusError as error:
            raise self._refused(error, stream) from error
        except (anthropic.APIError, httpx2.HTTPError) as error:
            fault = ModelFailure("failed", type(error).__name__, retryable=True)
            fault.__cause__ = error
        except TimeoutError:
            fault = ModelFailure("failed", "stalled", retryable=True)
        except ModelFailure as failure:
            fault = failure
        finally:
            usage = self._priced(request, stream)
            if stream.answer is None and stream.told:
                listener.spent(str(request["model"]), usage)
        if stream.answer is None:
            fault = fault or ModelFailure("failed", "truncated", retryable=True)
            fault.request_id = stream.request_id
            raise fault
        self._used_at = time.monotonic()
        stream.answer.usage = usage
        return stream.answer

    async def upload(self, data: bytes, media_type: str, seconds: int) -> str | None:
        """The id by which requests can name this file for so many seconds; None if it was not taken.

        Not every endpoint has the Files API, and nothing depends on it. So the first upload goes alone, and
        after one that failed for good, or took too long, this process tries no further one.
        https://platform.claude.com/docs/en/build-with-claude/files
        """
        if self._takes_files is None:
            async with self._first_file:
                if self._takes_files is None:
                    return await self._uploaded(data, media_type, seconds)
        return await self._uploaded(data, media_type, seconds) if self._takes_files else None

    async def _uploaded(self, data: bytes, media_type: str, seconds: int) -> str | None:
        await self.prepare()
        import anthropic  # noqa: PLC0415 - prepared above, too slow to import before the first event
        import httpx2  # noqa: PLC0415

        files: Any = self._client.files if self._client else None
        # Its own name says something about the vendor, and Claude is not shown this one.
        file = (f"file.{media_type.rpartition('/')[2]}", data, media_type)
        limit = self._upload_seconds - self._stopped_after + len(data) / UPLOAD_RATE
        began, file_id = time.monotonic(), None
        try:
            # The limits of the transport are for each read, and an answer may drip.
            async with asyncio.timeout(limit):
                file_id = _file_id(await files.upload(file=file, expires_in_seconds=seconds))
        except anthropic.APIStatusError as error:
            # 501 says that there is no such API.
            if error.status_code != 501 and is_retryable(error.status_code, error.response.headers):
                return None
        except (anthropic.APIError, httpx2.HTTPError, ValueError, TimeoutError):
            pass
        except asyncio.CancelledError:
            if self._takes_files is None:
                self._stopped_after += time.monotonic() - began
            raise
        self._takes_files = file_id is not None and self._takes_files is not False
        self._stopped_after = 0.0
        return file_id

    def _refused(self, error: "anthropic.APIStatusError", stream: MessageStream) -> ModelFailure:
        stream.told = True
        if error.status_code == 401:
            self._key_refused()
        return _failure_of(error)

    def _priced(self, request: Request, stream: MessageStream) -> Usage:
        usage = stream.usage()
        model, prices = str(request["model"]), self._settings.prices
        usage["costUsd"] = cost_usd(model, usage, prices, hour_writes=stream.hour_writes)
        return usage

    async def _read(self, request: Request, stream: MessageStream) -> None:
        """Feeds the answer to the stream, to the end of its body."""
        watchdog = Watchdog(stream, self._settings.model_idle_timeout)
        async with watchdog, self._response(request) as response:
            stream.request_id = response.headers.get("request-id")
            async for chunk in response.iter_bytes():
                if stream.answer is None:
                    stream.feed(chunk)
                    if stream.answer is not None:
                        # The next request can use the connection only if this body is read to its end.
                        watchdog.hurry(BODY_END_SECONDS)

    @contextlib.asynccontextmanager
    async def _response(self, request: Request) -> AsyncGenerator[Any]:
        messages: Any = self._client.messages if self._client else None
        async with messages.with_streaming_response.create(**request, stream=True) as response:
            yield response


def load_sdk() -> None:
    """Imports the SDK as a whole: some of it comes only when a client's `messages` are first used."""
    sdk: Any = importlib.import_module("anthropic")
    _ = sdk.AsyncAnthropic(api_key="none").messages.with_streaming_response


def _make_transport() -> "httpx2.AsyncClient":
    httpx2: Any = importlib.import_module("httpx2")
    limits = httpx2.Limits(
        max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEEP_ALIVE_SECONDS
    )
    return httpx2.AsyncClient(
        # No limit on reads: the watchdog looks for silence.
        timeout=httpx2.Timeout(connect=5.0, read=None, write=30.0, pool=5.0),
        limits=limits,
        follow_redirects=True,
    )


def _make_client(settings: Settings, http: "httpx2.AsyncClient") -> "anthropic.AsyncAnthropic":
    sdk: Any = importlib.import_module("anthropic")
    client = sdk.AsyncAnthropic(
        api_key=settings.anthropic_api_key,
        base_url=settings.anthropic_base_url or API_URL,  # the SDK takes an empty variable for an address
        max_retries=0,
        timeout=http.timeout,
        http_client=http,
        # Its spans would go to whoever has registered for them, and a variable puts whole requests into them.
        open_telemetry=False,
    )
    _ = client.messages.with_streaming_response  # the SDK imports this at its first use
    return client


def _file_id(answer: object) -> str | None:
    """The id in the answer to an upload; None if it is an answer to something else."""
    file_id: object = getattr(answer, "id", None)
    is_file = getattr(answer, "type", None) == "file"
    return file_id if is_file and isinstance(file_id, str) and _FILE_ID.fullmatch(file_id) else None


def _failure_of(error: "anthropic.APIStatusError") -> ModelFailure:
    """The failure that an error answer stands for; the text of its body is not passed on."""
    status, headers = error.status_code, error.response.headers
    kind = code_word(getattr(error, "type", None) or "")
    code = str(error.error_code or "")
    spent = code in SPEND_LIMITS
    retryable = is_retryable(status, headers) and not spent
    verdict: FailureKind = "failed"
    refused, may_be_tool = None, False
    if spent:
        verdict = "refused_request"
    elif status in (429, 529) or kind == "overloaded_error":
        verdict = "overloaded"
    elif status == 413 or (status == 400 and "prompt is too long" in str(error)):
        verdict = "too_long"
    elif status == 400 and _THINKING_REFUSED.search(str(error)):
        verdict = "refused_thinking"
    elif not retryable:
        paths, sentence = getattr(error.details, "paths", None) or (), _sentence(error)
        refused = refused_block(status, code, sentence, paths)
        verdict = "refused_block" if refused else "refused_request"
        may_be_tool = not refused and status in _TOOL_REFUSED and not _OF_A_MESSAGE.search(sentence)
    return ModelFailure(
        verdict,
        f"{status} {kind}".strip(),
        retryable=retryable,
        retry_after=retry_after(headers),
        request_id=error.request_id,
        refused=refused,
        may_be_tool=may_be_tool,
    )


def _sentence(error: "anthropic.APIStatusError") -> str:
    """What the API says; all that a gateway says in JSON of another shape; nothing of a page."""
    return error.api_message or ("" if isinstance(error.body, str) else str(error.body))
