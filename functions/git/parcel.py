"""Objects on their way to a host: those that are large lie in a temporary file, not in memory."""

import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator

from git.history.objects import Kind, Packed

IN_MEMORY = 16_000_000


class Parcel:
    """Objects, each once, in the order in which they came. Close it when done."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the parcel
        self._places: dict[str, tuple[Kind, int, int, int]] = {}
        self._end = 0

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Packed]:
        for name, (kind, size, at, length) in self._places.items():
            self._file.seek(at)
            yield Packed(kind, name, size, self._file.read(length))

    def add(self, objects: Iterable[Packed]) -> None:
        """Puts objects in."""
        for packed in objects:
            if packed.id not in self._places:
                self._places[packed.id] = (packed.kind, packed.size, self._end, len(packed.compressed))
                self._file.seek(self._end)
                self._file.write(packed.compressed)
                self._end += len(packed.compressed)

    async def add_all(self, objects: AsyncIterator[Packed]) -> None:
        """Puts objects in as they come."""
        async for packed in objects:
            self.add([packed])

    def close(self) -> None:
        """Throws all of it away."""
        self._file.close()
