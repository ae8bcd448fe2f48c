"""What a browser is told with every answer, of the page and of the API: the one place where that is written.

The page's own policy is in dev/content_policy.py, and stacks/edge.yaml repeats both to CloudFront; tests hold
them together.
"""

SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    # The page reads no sensor, and lends none to an app in its preview.
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Windows of other sites have no hold on the page's. One that an app opens in its preview stays in the
    # app's hold: it writes into it, and prints it.
    "cross-origin-opener-policy": "same-origin-allow-popups",
    # Other sites cannot embed it. An allowed origin reads with CORS, of which this asks nothing.
    "cross-origin-resource-policy": "same-origin",
    # A name that is looked up tells its server something, even if nothing is ever asked of it.
    "x-dns-prefetch-control": "off",
}

# An answer of the API is data: where a browser shows it as a document, it loads nothing and is in no frame.
API_HEADERS = {
    **SAFE_HEADERS,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}

# For the edge to say: the local stack has no TLS, and Function URLs take nothing else.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
