"""What a file holds: text, or bytes that are no text, and in which words Claude is told what those are."""

from dataclasses import dataclass

from aicode.media import PDF, PICTURES, media_of


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes that are no text, and their media type."""

    data: bytes
    media_type: str

    def __str__(self) -> str:
        """What they are, such as `a picture, image/png, 512x512, 34 kB`."""
        media = media_of(self.data)
        return described(self.media_type, len(self.data), media.width, media.height)


Content = str | Binary


def described(media_type: str, size: int, width: int = 0, height: int = 0, pages: int = 0) -> str:
    """A picture, a document or another kind of binary file in words, with its `size` in bytes."""
    kind = {PDF: "a PDF document"}.get(media_type, f"binary, {media_type}")
    if media_type in PICTURES:
        kind = f"a picture, {media_type}{f', {width}x{height}' if width else ''}"
    return f"{kind}{f', {pages} pages' if pages else ''}, {shown_size(size)}"


def size_of(content: Content) -> int:
    """The bytes that the content has in the store."""
    return len(content.encode()) if isinstance(content, str) else len(content.data)


def shown_size(size: int) -> str:
    """A number of bytes as people write it: `812 B`, `34 kB`, `1.5 kB`."""
    return f"{size:,} B" if size < 1_000 else f"{size / 1_000:,.1f}".removesuffix(".0") + " kB"
