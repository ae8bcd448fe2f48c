"""A stream that holds something while it lasts: a turn's lease, a reader's slot."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable


class HeldStream:
    """Frames that give what they hold back at their end, and also if they are closed before they began.

    A generator that was never begun does not run its own `finally`; `release` is called in its place.
    """

    def __init__(self, frames: AsyncGenerator[bytes, None], release: Callable[[], Awaitable[None]]) -> None:
        self._frames = frames
        self._release = release
        self._has_begun = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._has_begun = True
        return await anext(self._frames)

    async def aclose(self) -> None:
        """Waits until the frames have ended and what they hold is given back."""
        if not self._has_begun:
            await self._release()
        await self._frames.aclose()
