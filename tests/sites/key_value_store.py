"""A key-value store of CloudFront as boto3 talks to it: every write names the state that it goes by."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

_Refused: Any = ClientError
ARN = "arn:aws:cloudfront::123456789012:key-value-store/sites"


class KeyValueStore:
    """Keys and values, and `before_write`, which is called once before the next write is looked at."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.writes = 0
        self.before_write: Callable[[], None] | None = None
        self._state = 0

    def get_key(self, *, KvsARN: str, Key: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names them
        assert KvsARN == ARN
        if Key not in self.values:
            raise _refused("ResourceNotFoundException")
        return {"Key": Key, "Value": self.values[Key], "ItemCount": 1, "TotalSizeInBytes": 1}

    def describe_key_value_store(self, *, KvsARN: str) -> dict[str, Any]:  # noqa: N803
        assert KvsARN == ARN
        return {"ETag": f"state-{self._state}", "KvsARN": KvsARN}

    def put_key(self, *, KvsARN: str, Key: str, Value: str, IfMatch: str) -> dict[str, Any]:  # noqa: N803
        self._write(KvsARN, IfMatch)
        self.values[Key] = Value
        return {"ETag": f"state-{self._state}"}

    def delete_key(self, *, KvsARN: str, Key: str, IfMatch: str) -> dict[str, Any]:  # noqa: N803
        self._write(KvsARN, IfMatch)
        del self.values[Key]
        return {"ETag": f"state-{self._state}"}

    def _write(self, arn: str, state: str) -> None:
        assert arn == ARN
        happens, self.before_write = self.before_write, None
        if happens:
            happens()
        if state != f"state-{self._state}":
            raise _refused("ConflictException")
        self._state += 1
        self.writes += 1


def _refused(code: str) -> Exception:
    return _Refused({"Error": {"Code": code, "Message": "refused"}}, "Write")
