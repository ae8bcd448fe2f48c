"""CloudFront's key-value stores, which moto does not have, as far as the functions use them.

https://docs.aws.amazon.com/cloudfront-keyvaluestore/latest/APIReference/
"""

import json
from typing import Any

from tests.end_to_end.used_rights import KEY_VALUES, AwsRequest


class KeyValues:
    """Every store that is asked for is there, empty at first. A write must name the store's state."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._state = 0

    @staticmethod
    def are_asked(request: AwsRequest) -> bool:
        """True if a request is for one of them."""
        return KEY_VALUES.fullmatch(request.path) is not None

    def answer(self, request: AwsRequest) -> tuple[str, Any, list[bytes]]:
        """What the store answers, as `start_response` and the server have it."""
        found = KEY_VALUES.fullmatch(request.path)
        assert found
        key = found[2]
        if request.method == "GET":
            return self._read(key)
        if request.headers.get("if-match") != self._tag:
            return _refused("409 Conflict", "ConflictException")
        assert key
        self._state += 1
        if request.method == "PUT":
            self.values[key] = json.loads(request.body)["Value"]
        else:
            del self.values[key]
        return self._told({})

    def _read(self, key: str | None) -> tuple[str, Any, list[bytes]]:
        if key is None:
            return self._told({"Status": "READY"})
        if key not in self.values:
            return _refused("404 Not Found", "ResourceNotFoundException")
        return self._told({"Key": key, "Value": self.values[key]})

    @property
    def _tag(self) -> str:
        return f"state-{self._state}"

    def _told(self, body: dict[str, Any]) -> tuple[str, Any, list[bytes]]:
        text = json.dumps({**body, "ItemCount": len(self.values), "TotalSizeInBytes": 1}).encode()
        return "200 OK", [("content-type", "application/json"), ("etag", self._tag)], [text]


def _refused(status: str, kind: str) -> tuple[str, Any, list[bytes]]:
    heads = [("content-type", "application/json"), ("x-amzn-errortype", kind)]
    return status, heads, [json.dumps({"Message": "refused"}).encode()]
