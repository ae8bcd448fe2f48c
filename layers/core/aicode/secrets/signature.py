"""AWS's Signature Version 4 for the one kind of request that is needed: a POST of JSON to the root of a host.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """Who asks; `token` is set for a role's credentials, which are temporary."""

    key_id: str
    secret: str
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An operation of a service, such as `secretsmanager.GetSecretValue`, and its arguments as JSON."""

    service: str
    region: str
    operation: str
    body: bytes


def signed_headers(question: Question, credentials: Credentials, host: str, at: float) -> dict[str, str]:
    """The headers of the request, with those that sign it; `at` is the time in seconds since 1970."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": moment,
        "x-amz-target": question.operation,
    }
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = sorted(headers)
    listed = ";".join(names)
    lines = [f"{name}:{headers[name]}" for name in names]
    request = "\n".join(["POST", "/", "", *lines, "", listed, hashlib.sha256(question.body).hexdigest()])
    scope = [moment[:8], question.region, question.service, "aws4_request"]
    text = "\n".join(
        ["AWS4-HMAC-SHA256", moment, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()]
    )
    key = f"AWS4{credentials.secret}".encode()
    for part in (*scope, text):
        key = hmac.digest(key, part.encode(), "sha256")
    who = f"Credential={credentials.key_id}/{'/'.join(scope)}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 {who}, SignedHeaders={listed}, Signature={key.hex()}"
    return headers
