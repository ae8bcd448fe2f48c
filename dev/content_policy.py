"""What a browser may do with the page and with the preview: their Content-Security-Policy headers."""

from collections.abc import Iterable

# Monaco writes style elements and carries its icon font as data; its workers are bundled.
PAGE = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data: blob:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

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
"""An opaque origin loads modules only from where it is told that anybody may: here."""
