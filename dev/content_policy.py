"""What a browser is told of the page's files and of the preview: their headers, on this machine and in AWS.

stacks/edge.yaml says the same to CloudFront; tests hold the two together.
"""

import mimetypes
from collections.abc import Iterable
from pathlib import Path

from aicode.http import SAFE_HEADERS

_IN_HTML = Path(__file__).resolve().parents[1] / "web" / "content-policy.txt"
"""What the built page says in its HTML too, one directive a line: all but what counts in headers alone."""

_CONNECT = "connect-src "


def page(buckets: Iterable[str]) -> str:
    """The policy of the page, which sends uploads to these origins.

    Monaco writes style elements and carries its icon font as data; its workers are bundled. The HTML is built
    before the bucket has a name, so that it allows any that uploads may be sent to.
    """
    named = " ".join(("'self'", *sorted(buckets)))
    lines = _IN_HTML.read_text(encoding="utf-8").splitlines()
    own = (f"{_CONNECT}{named}" if line.startswith(_CONNECT) else line for line in lines)
    return "; ".join((*own, "frame-ancestors 'none'"))


# Beside the policy, with every file.
HEADERS = {**SAFE_HEADERS, "referrer-policy": "same-origin"}

_TEXTS = frozenset({"text/html", "text/javascript", "text/css", "text/plain"})

PREVIEW_FRAME = "/preview/frame.html"


def preview(origins: Iterable[str]) -> str:
    """The policy of the preview's document, on a page that is served at one of these origins.

    An app in it is code that nobody has read. However the document is opened, its origin is one that nothing
    belongs to. Scripts come from the page's origins alone; data, pictures and fonts from wherever the app has
    them.
    """
    # WebKit finds no 'self' in an origin that is opaque, so that the page's origins are named too.
    named = " ".join(("'self'", *sorted(origins)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {named} 'unsafe-inline' 'unsafe-eval'",
            "style-src 'unsafe-inline' https:",
            "img-src data: blob: https:",
            "media-src data: blob: https:",
            "font-src data: https:",
            "connect-src data: blob: https: wss:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads",
        )
    )


PREVIEW_PACKAGES = "/preview/packages/"
FOR_ANYBODY = {**HEADERS, "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
"""An opaque origin loads modules only from where it is told that anybody may: of these packages."""


def headers(path: str) -> dict[str, str]:
    """The headers beside the policy of the page's file at this path."""
    return FOR_ANYBODY if path.startswith(PREVIEW_PACKAGES) else HEADERS


def has_hash(path: str) -> bool:
    """True if the file's name holds a hash of it, so that another content has another name."""
    return path.startswith(("/assets/", PREVIEW_PACKAGES))


def cache_control(path: str) -> str:
    """How long a browser keeps the page's file at this path."""
    return "public, max-age=31536000, immutable" if has_hash(path) else "no-cache"


def media_type(path: str) -> str:
    """The Content-Type of the page's file at this path."""
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind in _TEXTS else kind
