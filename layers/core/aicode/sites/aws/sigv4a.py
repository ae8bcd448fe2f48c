"""Signing a request for all regions (SigV4A), which key-value stores of CloudFront ask for.

botocore signs so only where `awscrt` is installed, and would then load that with every client of every
service: 40 ms of a cold start. The rest of the way is the same as for SigV4; what differs is that the
signature is made with an elliptic curve, by a key that is derived from the secret key.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from typing import Any

from botocore import auth  # pyright: ignore[reportMissingTypeStubs] - botocore has no types; here it ends
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
_VERSION = "v4a"
_REGION_SET = "X-Amz-Region-Set"
# https://www.secg.org/sec2-v2.pdf, 2.4.2
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_auth: Any = auth


def allow_sigv4a() -> None:
    """Lets botocore sign by SigV4A in this process, unless it can already."""
    _auth.AUTH_TYPE_MAPS.setdefault(_VERSION, SigV4AAuth)


def signing_key(access_key: str, secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The key that belongs to these credentials."""
    secret = f"AWS4A{secret_key}".encode()
    for counter in range(1, 255):
        context = access_key.encode() + bytes([counter])
        fixed = (1).to_bytes(4) + ALGORITHM.encode() + b"\0" + context + (256).to_bytes(4)
        candidate = int.from_bytes(hmac.digest(secret, fixed, "sha256"))
        if candidate <= _ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("unreachable: each try fails once in 2^32")


_SigV4: Any = _auth.SigV4Auth


class SigV4AAuth(_SigV4):
    """As botocore's SigV4, for a set of regions: `*`, or those that its `region_name` names."""

    def string_to_sign(self, request: Any, canonical_request: str) -> str:
        """What is signed."""
        digest = hashlib.sha256(canonical_request.encode()).hexdigest()
        return "\n".join([ALGORITHM, request.context["timestamp"], self.credential_scope(request), digest])

    def credential_scope(self, request: Any) -> str:
        """The scope without a region."""
        return "/".join([request.context["timestamp"][:8], self._service_name, "aws4_request"])

    def scope(self, request: Any) -> str:
        """The scope with the key's name."""
        return f"{self.credentials.access_key}/{self.credential_scope(request)}"

    def signature(self, string_to_sign: str, request: Any) -> str:  # noqa: ARG002 - as botocore's
        """The signature, in DER as hexadecimal digits."""
        key = signing_key(self.credentials.access_key, self.credentials.secret_key)
        return key.sign(string_to_sign.encode(), ec.ECDSA(hashes.SHA256())).hex()

    def _modify_request_before_signing(self, request: Any) -> None:
        plain: Any = super()
        plain._modify_request_before_signing(request)
        if _REGION_SET in request.headers:
            del request.headers[_REGION_SET]
        request.headers[_REGION_SET] = self._region_name

    def _inject_signature_to_request(self, request: Any, signature: str) -> Any:
        plain: Any = super()
        signed = plain._inject_signature_to_request(request, signature)
        signed.headers["Authorization"] = signed.headers["Authorization"].replace(
            "AWS4-HMAC-SHA256", ALGORITHM, 1
        )
        return signed
