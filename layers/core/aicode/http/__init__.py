"""HTTP as every function speaks it: Function URL events as requests, answers and errors as responses."""

from aicode.http.origin_secret import check_origin_secret
from aicode.http.pipeline import (
    Admit,
    LambdaContext,
    Pipeline,
    RequestContext,
    Routes,
    vendors_pipeline,
)
from aicode.http.request import (
    BODY_LIMIT,
    FILE_BODY_LIMIT,
    Request,
    integer_field,
    json_object,
    one_line,
    text_field,
)
from aicode.http.response import (
    JSON_HEADERS,
    Response,
    download_headers,
    error_response,
    in_one_piece,
    json_bytes,
    json_response,
    no_content,
    one_chunk,
)
from aicode.http.safe_headers import API_HEADERS, SAFE_HEADERS, STRICT_TRANSPORT_SECURITY

__all__ = [
    "API_HEADERS",
    "BODY_LIMIT",
    "FILE_BODY_LIMIT",
    "JSON_HEADERS",
    "SAFE_HEADERS",
    "STRICT_TRANSPORT_SECURITY",
    "Admit",
    "LambdaContext",
    "Pipeline",
    "Request",
    "RequestContext",
    "Response",
    "Routes",
    "check_origin_secret",
    "download_headers",
    "error_response",
    "in_one_piece",
    "integer_field",
    "json_bytes",
    "json_object",
    "json_response",
    "no_content",
    "one_chunk",
    "one_line",
    "text_field",
    "vendors_pipeline",
]
