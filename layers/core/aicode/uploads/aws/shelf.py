"""The shelf in AWS: items of the table of apps, objects in its bucket.

    pk                sk               holds
    UPLOADS#<vendor>  #                n: how often the vendor has announced an upload
                      <app>#<upload>   what is known of an upload

All of a vendor are read whenever another one is announced, and `n` says if somebody else was faster: so a
vendor cannot have more than is possible, whatever is sent at once.
"""

import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from typing import Any

from aicode.errors import StoreUnavailable
from aicode.file_store import UPLOADS
from aicode.file_store.dynamodb.table import Contended, Item, Key, Table
from aicode.uploads.aws.bucket import Bucket
from aicode.uploads.record import Record, folder_of
from aicode.uploads.shelf import Form

ATTEMPTS = 10
# No upload takes so long to arrive.
SAFE_AGE_MS = 24 * 3_600_000
_COUNTER = "#"
# Before and after the sort key of any upload.
_FIRST, _LAST = "#!", "~"
_VENDOR = "UPLOADS#"
_NUMBERS = {field.name for field in fields(Record) if field.type is int}


class AwsShelf:
    """A Shelf in a table and a bucket."""

    def __init__(self, table: Table, bucket: Bucket, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._table = table
        self._bucket = bucket
        self._sleep = sleep

    def add(self, record: Record, check: Callable[[Iterable[Record]], None]) -> Form:
        """Writes a record, if `check` lets it pass."""
        pk = f"{_VENDOR}{record.vendor}"
        for attempt in range(ATTEMPTS):
            items = {item["sk"]: item for item in self._table.query(pk, _COUNTER, _LAST)}
            counted = int(items.pop(_COUNTER, {}).get("n", 0))
            check(map(_record, items.values()))
            with suppress(Contended):
                item = {**_attributes(_key_of(record)), **asdict(record)}
                self._table.transact({"Put": {"Item": item}}, _count(pk, counted))
                return self._bucket.form(record)
            self._sleep(random.uniform(0, min(0.02 * 2**attempt, 0.5)))  # noqa: S311 - spreads writers, keeps no secret
        raise StoreUnavailable("Too many uploads at once.", retry_after=1)

    def get(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> dict[str, Record]:
        """Those of the named records that exist, by their ids."""
        found = self._table.get(_key(vendor, app_id, upload_id) for upload_id in upload_ids)
        return {item["upload_id"]: _record(item) for item in found.values()}

    def settle(self, record: Record) -> Record:
        """Writes what was found of an upload, if it still waits; returns what is stored of it then."""
        names = ("status", "reason", "width", "height", "pages")
        found = {name: getattr(record, name) for name in names}
        try:
            self._table.update(_key_of(record), found, "#status = :waiting", {":waiting": "waiting"})
        except Contended:  # it was looked at twice at a time, or is gone
            return self.get(record.vendor, record.app_id, [record.upload_id]).get(record.upload_id, record)
        return record

    def extend(self, records: Sequence[Record], keep_until: int) -> None:
        """Keeps records for longer; those that are gone are passed over."""
        for record in records:
            with suppress(Contended):  # it is gone
                self._table.update(_key_of(record), {"keep_until": keep_until}, "attribute_exists(pk)")

    def read(self, record: Record) -> bytes | None:
        """The bytes that have arrived, None if there are none."""
        return self._bucket.read(record.object_name, record.size + 1)

    def drop_bytes(self, record: Record) -> None:
        """Deletes the bytes."""
        self._bucket.delete([record.object_name])

    def delete_app(self, vendor: str, app_id: str) -> None:
        """Deletes records and bytes of an app."""
        items = self._table.query(f"{_VENDOR}{vendor}", f"{app_id}#", f"{app_id}$", only=("pk", "sk"))
        self._table.delete_all([(item["pk"], item["sk"]) for item in items])
        self._table.delete_objects([name for name, _ in self._table.objects(folder_of(app_id).rstrip("/"))])

    def sweep(
        self, now: int, enough: Callable[[], bool] = lambda: False, partitions: Collection[str] | None = None
    ) -> int:
        """Deletes what is to be kept no longer, and objects without a record.

        Goes through the vendors in any order, and stops between two once `enough` returns True; then objects
        without a record stay. `partitions` are the table's, which is asked for them if they are not given. If
        a vendor raises StoreUnavailable, it is raised after all others.
        """
        if partitions is None:
            partitions = self._table.partitions()
        # An object comes after its record, so an old one's is in any partition that was found just now.
        old = {name for name, written in self._table.objects(UPLOADS) if written < now - SAFE_AGE_MS}
        vendors = [pk for pk in partitions if pk.startswith(_VENDOR)]
        random.shuffle(vendors)  # so that it is not always the same ones for which there is no time
        removed, failure = 0, None
        for pk in vendors:
            if enough():
                break
            try:
                records = [*map(_record, self._table.query(pk, _FIRST, _LAST))]
                old -= {record.object_name for record in records}
                removed += self._forget_all(record for record in records if record.keep_until <= now)
            except StoreUnavailable as error:
                failure = error
        else:
            if failure is None:
                self._table.delete_objects(old)
                removed += len(old)
        if failure:
            raise failure
        return removed

    def _forget_all(self, records: Iterable[Record]) -> int:
        """Deletes records and their bytes, those aside that were extended meanwhile; returns how many."""
        gone = [record for record in records if self._forget(record)]
        self._table.delete_objects(record.object_name for record in gone)
        return len(gone)

    def _forget(self, record: Record) -> bool:
        """Deletes a record, unless it was extended meanwhile."""
        delete = {
            "Key": _attributes(_key_of(record)),
            "ConditionExpression": "keep_until = :seen",
            "ExpressionAttributeValues": {":seen": record.keep_until},
        }
        with suppress(Contended):
            self._table.transact({"Delete": delete})
            return True
        return False


def _key(vendor: str, app_id: str, upload_id: str) -> Key:
    return f"{_VENDOR}{vendor}", f"{app_id}#{upload_id}"


def _key_of(record: Record) -> Key:
    return _key(record.vendor, record.app_id, record.upload_id)


def _attributes(key: Key) -> dict[str, str]:
    return {"pk": key[0], "sk": key[1]}


def _record(item: Item) -> Record:
    known: dict[str, Any] = {field.name: item[field.name] for field in fields(Record) if field.name in item}
    known |= {name: int(known[name]) for name in _NUMBERS & known.keys()}  # boto3 reads numbers as decimals
    return Record(**known)


def _count(pk: str, counted: int) -> dict[str, Any]:
    """One more upload announced, if nobody else announced one since."""
    first = "attribute_not_exists(n)" if counted == 0 else "n = :counted"
    values = {":counted": counted} if counted else {}
    return {
        "Update": {
            "Key": {"pk": pk, "sk": _COUNTER},
            "UpdateExpression": "SET n = :more",
            "ConditionExpression": first,
            "ExpressionAttributeValues": {":more": counted + 1, **values},
        }
    }
