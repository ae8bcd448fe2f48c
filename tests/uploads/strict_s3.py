"""S3 as it takes forms. moto takes any, so the rules of policies stand before it here.

They are those by which the local stack judges its own forms.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import requests

from dev.uploads.form import SentForm
from dev.uploads.policy import check_policy
from dev.uploads.refusal import Refusal
from tests.file_store.cloud import REGION

_boto3: Any = boto3
BUCKET = "files"
# Whose keys are known here: moto sets others in the environment.
_SECRET = "of the function's role"
SESSION = _boto3.Session("key", _SECRET, region_name=REGION)


async def send_to_moto(url: str, fields: Mapping[str, str], data: bytes) -> tuple[int, str]:
    """The answer's status and body; it is 204 whatever the policy says."""
    answer = await asyncio.to_thread(
        requests.post, url, data=dict(fields), files={"file": ("f", data)}, timeout=10
    )
    return answer.status_code, answer.text


@dataclass
class StrictS3:
    """Takes what keeps to its policy, and to nothing else; `now` is in epoch milliseconds."""

    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    async def send(self, url: str, fields: Mapping[str, str], data: bytes) -> tuple[int, str]:
        """The answer's status and body."""
        form = SentForm({"bucket": BUCKET, **{name.lower(): value for name, value in fields.items()}}, data)
        try:
            _check_signature(form.fields)
            check_policy(form, self.now())
        except Refusal as refusal:
            return refusal.status, refusal.code
        return await send_to_moto(url, fields, data)


def _check_signature(fields: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html"""
    key = b"AWS4" + _SECRET.encode()
    for part in (*fields["x-amz-credential"].split("/")[1:4], "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if hmac.new(key, fields["policy"].encode(), hashlib.sha256).hexdigest() != fields["x-amz-signature"]:
        raise Refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
