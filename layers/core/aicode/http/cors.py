"""CORS: what a browser's page of another origin may read and send."""


def cors_headers(origin: str, allowed_origins: frozenset[str]) -> dict[str, str]:
    """The headers for an allowed origin, echoed exactly; only `Vary` for any other."""
    if origin not in allowed_origins:
        return {"vary": "Origin"}
    return {
        "vary": "Origin",
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "retry-after",
    }


def preflight_headers(origin: str, allowed_origins: frozenset[str]) -> dict[str, str]:
    """The headers of the answer to a preflight from an allowed origin; nothing is granted to others."""
    headers = cors_headers(origin, allowed_origins)
    if "access-control-allow-origin" in headers:
        headers |= {
            "access-control-allow-methods": "GET, POST, PUT, DELETE",
            "access-control-allow-headers": "authorization, content-type, last-event-id",
            "access-control-max-age": "600",
        }
    return headers
