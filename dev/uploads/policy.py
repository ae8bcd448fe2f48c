"""Whether a form keeps to its policy: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from aicode.uploads.sqlite.signing import signature
from dev.uploads.form import SentForm
from dev.uploads.refusal import Refusal

_CHECKSUM = "x-amz-checksum-sha256"
# What proves the policy is not part of what it allows.
_PROOF = frozenset({"policy", "x-amz-signature"})


def check(form: SentForm, key: bytes, now_ms: int) -> None:
    """Raises Refusal unless the policy is signed with the key, and allows this form as it is."""
    policy = form.fields.get("policy", "")
    proof = form.fields.get("x-amz-signature", "")
    if not hmac.compare_digest(signature(key, policy).encode(), proof.encode()):
        raise Refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
    check_policy(form, now_ms)


def check_policy(form: SentForm, now_ms: int) -> None:
    """Raises Refusal unless the form keeps to the policy that is in it, and the policy has not expired."""
    document = json.loads(base64.b64decode(form.fields["policy"]))
    if datetime.fromisoformat(document["expiration"]) <= datetime.fromtimestamp(now_ms / 1000, UTC):
        raise _denied("Policy expired.")
    allowed = _check_conditions(document["conditions"], form)
    extra = sorted(form.fields.keys() - allowed - _PROOF)
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")
    checksum = base64.b64encode(hashlib.sha256(form.data).digest()).decode("ascii")
    if form.fields[_CHECKSUM] != checksum:
        raise Refusal(400, "BadDigest", "The SHA256 you specified did not match what we received.")


def _check_conditions(conditions: list[Any], form: SentForm) -> set[str]:
    """Raises Refusal for a field or a size that is not as demanded; returns those fields' names."""
    named: set[str] = set()
    for condition in conditions:
        if isinstance(condition, list):
            _, least, most = cast("tuple[str, int, int]", condition)
            _check_size(len(form.data), least, most)
            continue
        ((name, value),) = cast("Mapping[str, str]", condition).items()
        if form.fields.get(name.lower()) != value:
            raise _denied(f'Policy Condition failed: ["eq", "${name}", "{value}"]')
        named.add(name.lower())
    return named


def _check_size(size: int, least: int, most: int) -> None:
    if size < least:
        raise Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    if size > most:
        raise Refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")


def _denied(reason: str) -> Refusal:
    return Refusal(403, "AccessDenied", f"Invalid according to Policy: {reason}")
