"""What a browser is shown or sent to by the sign-in: small pages without a script, and redirects."""

import hashlib
from base64 import b64encode
from html import escape

from aicode.errors import RequestError
from aicode.http import API_HEADERS, Response, one_chunk

_STYLE = ":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui;margin:20vh 10vw}"
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign-in - AI Code</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style>
<h1>You are not signed in</h1><p>{sentence}</p><p><a href="/sign-in">Sign in</a></p>
<p><small>Request {request_id}</small></p></html>"""
_HEADERS = {
    **API_HEADERS,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


def redirect(location: str, *cookies: str) -> Response:
    """Sends the browser on, with these cookies."""
    headers = {**API_HEADERS, "location": location}
    return Response(303, headers, one_chunk(b""), cookies)


def error_page(error: RequestError, request_id: str) -> Response:
    """The error in one sentence, and the way to try again."""
    page = _PAGE.format(style=_STYLE, sentence=escape(error.message), request_id=escape(request_id))
    headers = dict(_HEADERS)
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return Response(error.status, headers, one_chunk(page.encode()))
