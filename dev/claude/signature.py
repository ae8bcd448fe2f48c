"""Signatures of thinking blocks: an HMAC over model and text, so that any later process can check them."""

import base64
import hmac
import secrets

_KEY = b"demo model thinking signature"
_NONCE_BYTES = 12
REDACTED = "redacted"
"""What is signed in place of the text of a redacted block."""


def sign(model: str, text: str) -> str:
    """A new signature for `text` (thinking as it was shown, or the name of a redacted block)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _digest(model, nonce, text)).decode()


def verify(model: str, text: str, signature: str) -> bool:
    """True if `sign(model, text)` once gave this signature."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    nonce, digest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    return hmac.compare_digest(digest, _digest(model, nonce, text))


def _digest(model: str, nonce: bytes, text: str) -> bytes:
    message = b"\0".join([model.encode(), nonce, text.encode("utf-8", "surrogatepass")])
    return hmac.digest(_KEY, message, "sha256")
