"""The fields and the file of a form, as browsers send it."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import multipart  # pyright: ignore[reportMissingTypeStubs] - it has types, and no marker
from multipart import (  # pyright: ignore[reportMissingTypeStubs]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from dev.uploads.refusal import Refusal

FIELD_BYTES = 20 * 1024
"""What S3 allows the fields together: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"""
_PARTS = 40
_FILE = "file"
_parse_options_header: Callable[[str], tuple[str, dict[str, str]]] = cast(
    "Any", multipart
).parse_options_header


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form; the names of its fields are in lower case, since S3 takes them in any."""

    fields: Mapping[str, str]
    data: bytes


def read_form(content_type: str, body: bytes) -> SentForm:
    """The form in a body; fields after the file are passed over, as by S3. Raises Refusal."""
    kind, options = _parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Refusal(
            412, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data."
        )
    try:
        parts = [*_parts(options["boundary"], body)]
        names = [name for name, _ in parts]
        before = parts[: names.index(_FILE)] if _FILE in names else parts
        fields = {name: value.decode("utf-8") for name, value in before}
    except (MultipartError, UnicodeDecodeError) as error:
        raise Refusal(
            400,
            "MalformedPOSTRequest",
            "The body of your POST request is not well-formed multipart/form-data.",
        ) from error
    if len(fields) < len(before) or len(before) == len(parts):
        raise Refusal(400, "InvalidArgument", "POST requires each field once, and a file behind them.")
    if sum(map(len, fields.values())) > FIELD_BYTES:
        raise Refusal(400, "MaxPostPreDataLengthExceeded", "Your POST request fields were too large.")
    return SentForm(fields, parts[len(before)][1])


def _parts(boundary: str, body: bytes) -> Generator[tuple[str, bytes]]:
    """The parts by their names, in lower case. Raises MultipartError."""
    name, value = "", bytearray()
    with PushMultipartParser(boundary, max_segment_count=_PARTS, strict=True) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                name, value = (event.name or "").lower(), bytearray()
            elif event is None:
                yield name, bytes(value)
            else:
                value += event
