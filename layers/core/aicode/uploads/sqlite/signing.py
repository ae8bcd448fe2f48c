"""The form of an upload, signed for this machine's own server. Pure."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

from aicode.uploads.form import form_conditions, form_fields
from aicode.uploads.record import Record


def signed_fields(record: Record, key: bytes) -> dict[str, str]:
    """The form's fields as S3 has them, without those that name an account of AWS."""
    expiration = datetime.fromtimestamp(record.expires_at / 1000, UTC).isoformat(timespec="milliseconds")
    policy = {
        "expiration": expiration.replace("+00:00", "Z"),
        "conditions": [{"key": record.object_name}, *form_conditions(record)],
    }
    encoded = base64.b64encode(json.dumps(policy).encode()).decode("ascii")
    return {
        "key": record.object_name,
        **form_fields(record),
        "policy": encoded,
        "x-amz-signature": signature(key, encoded),
    }


def signature(key: bytes, policy: str) -> str:
    """What proves that a policy was made by one who has the key."""
    return hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()
