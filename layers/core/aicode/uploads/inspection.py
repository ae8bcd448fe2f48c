"""What has arrived of an upload: whether it is what was announced, and may be shown to Claude."""

import hashlib
from dataclasses import replace

from aicode.media import PDF, PICTURES, media_of
from aicode.uploads.limits import PDF_PAGES, PICTURE_SIDE
from aicode.uploads.pdf import UnreadablePdf, count_pages
from aicode.uploads.record import Record


def inspected(record: Record, data: bytes) -> Record:
    """The record, ready with what the bytes tell, or refused with a reason for the vendor."""
    if len(data) != record.size or hashlib.sha256(data).hexdigest() != record.sha256:
        return _refused(record, "What arrived is not the file that was announced.")
    if record.media_type in PICTURES:
        return _picture(record, data)
    return _pdf(record, data) if record.media_type == PDF else _text(record, data)


def _refused(record: Record, reason: str) -> Record:
    return replace(record, status="refused", reason=reason)


def _picture(record: Record, data: bytes) -> Record:
    media = media_of(data)
    if media.type != record.media_type:
        kind = record.media_type.removeprefix("image/").replace("webp", "WebP")
        return _refused(record, f"This is no {kind if kind == 'WebP' else kind.upper()} picture.")
    if max(media.width, media.height) > PICTURE_SIDE:
        return _refused(
            record,
            f"This picture has {media.width:,} x {media.height:,} pixels, and {PICTURE_SIDE:,} a side are "
            "possible.",
        )
    return replace(record, status="ready", width=media.width, height=media.height)


def _pdf(record: Record, data: bytes) -> Record:
    if media_of(data).type != PDF:
        return _refused(record, "This is no PDF.")
    try:
        pages = count_pages(data)
    except UnreadablePdf as error:
        return _refused(record, str(error))
    if pages > PDF_PAGES:
        return _refused(record, f"This PDF has more than {PDF_PAGES} pages.")
    return replace(record, status="ready", pages=pages)


def _text(record: Record, data: bytes) -> Record:
    try:
        is_text = "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        is_text = False
    return replace(record, status="ready") if is_text else _refused(record, "This is no text in UTF-8.")
