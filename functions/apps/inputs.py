"""Query and body values of the editor's routes; a value of another shape raises InvalidRequest."""

import base64
import re
from collections.abc import Mapping
from typing import cast

from aicode.errors import InvalidRequest
from aicode.file_store.binary import TYPE_LENGTH
from aicode.file_store.store import Put
from aicode.http import Request, integer_field, one_line, text_field

NAME_LENGTH = 100
PAGE_LIMIT = 200
# As in bodies: what every JSON parser keeps exactly.
WHOLE_NUMBERS = 2**53
_WHOLE_NUMBER = re.compile(r"[0-9]{1,16}")


def app_name(body: Mapping[str, object]) -> str:
    """`name`: 1 to 100 code points, not blank, on one line."""
    return one_line(text_field(body, "name"), "name", NAME_LENGTH)


def written_file(body: Mapping[str, object]) -> Put:
    """The file that is saved: a text in `content`, or bytes in `contentBase64`, perhaps with `mediaType`."""
    path, base_version = text_field(body, "path"), integer_field(body, "baseVersion")
    if ("content" in body) == ("contentBase64" in body):
        raise InvalidRequest("A file has either `content` or `contentBase64`.")
    if "content" in body:
        if "mediaType" in body:
            raise InvalidRequest("`mediaType` goes with `contentBase64` only.")
        return Put(path, text_field(body, "content"), base_version)
    media_type = (
        one_line(text_field(body, "mediaType"), "mediaType", TYPE_LENGTH) if "mediaType" in body else ""
    )
    try:
        data = base64.b64decode(text_field(body, "contentBase64"), validate=True)
    except ValueError as error:
        raise InvalidRequest("`contentBase64` is not valid base64.") from error
    return Put(path, data, base_version, media_type=media_type)


def optional_paths(body: Mapping[str, object]) -> list[str] | None:
    """`paths`: at least one path, or None if it is not given."""
    if "paths" not in body:
        return None
    paths = body["paths"]
    if not isinstance(paths, list) or not paths:
        raise InvalidRequest("`paths` must be a list of at least one path.")
    return [text_field({"paths": path}, "paths") for path in cast("list[object]", paths)]


def optional_flag(body: Mapping[str, object], name: str) -> bool:
    """The member as true or false; false if it is not given."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InvalidRequest(f"`{name}` must be true or false.")
    return value


def flag_field(body: Mapping[str, object], name: str) -> bool:
    """The member as true or false; it must be there."""
    if name not in body:
        raise InvalidRequest(f"`{name}` is missing.")
    return optional_flag(body, name)


def query_text(request: Request, name: str) -> str:
    """The query parameter, which must be there."""
    value = request.query.get(name)
    if value is None:
        raise InvalidRequest(f"The query parameter `{name}` is missing.")
    return value


def query_version(request: Request) -> int | None:
    """`version`: an earlier version of a file, None if none is named."""
    return query_integer(request, "version") if "version" in request.query else None


def query_integer(request: Request, name: str) -> int:
    """The query parameter as a whole number from 0 up."""
    value = query_text(request, name)
    if not _WHOLE_NUMBER.fullmatch(value) or int(value) >= WHOLE_NUMBERS:
        raise InvalidRequest(f"The query parameter `{name}` must be a whole number from 0 up.")
    return int(value)


def page_limit(request: Request) -> int:
    """`limit`: how many of a list; 200 if it is not given or larger."""
    limit = query_integer(request, "limit") if "limit" in request.query else PAGE_LIMIT
    if limit == 0:
        raise InvalidRequest("The query parameter `limit` must be a whole number from 1 up.")
    return min(limit, PAGE_LIMIT)


def query_one(request: Request, name: str) -> bool:
    """True if the query parameter is there, which must then be 1."""
    if name not in request.query:
        return False
    if request.query[name] != "1":
        raise InvalidRequest(f"The query parameter `{name}` can only be 1.")
    return True
