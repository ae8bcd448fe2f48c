"""The body of an answer, of which the end is the end of what is observed of its request."""

import inspect
from collections.abc import AsyncIterator

from aicode.telemetry import Observer


class ObservedBody:
    """The chunks of a body. Once there are no more, or nobody wants them, its request's observer finishes."""

    def __init__(self, chunks: AsyncIterator[bytes], observer: Observer, *, route: str, status: int) -> None:
        self._chunks = chunks
        self._observer = observer
        self._route = route
        self._status = status

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except BaseException as error:
            if isinstance(error, Exception) and not isinstance(error, StopAsyncIteration):
                self._observer.crash(error)
            await self._end()
            raise

    async def aclose(self) -> None:
        """Closes the body, whether or not it has begun."""
        try:
            close = getattr(self._chunks, "aclose", None)
            if close and inspect.isawaitable(closed := close()):
                await closed
        finally:
            await self._end()

    async def _end(self) -> None:
        await self._observer.finish(Route=self._route, Status=self._status)
