"""A vendor's apps as items of the DynamoDB table (see `table`): which there are, and how many."""

from contextlib import suppress

from aicode.api_types import App
from aicode.file_store.dynamodb.items import as_app
from aicode.file_store.dynamodb.table import Contended, Table
from aicode.file_store.dynamodb.writes import (
    at,
    encode_rows,
    ids_key,
    line,
    one_id_less,
    one_id_more,
)


class VendorItems:
    """Makes, lists, counts and removes a vendor's apps. Blocking.

    The ids of all are one set of one item, which changes in the transactions that make and remove an app: so
    they cannot be miscounted, whatever is repeated or breaks off.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, vendor: str, app: App, most: int) -> None:
        """Writes a new app; raises Contended, also if its id is taken, or the vendor has `most` apps."""
        meta = {
            **at(app["appId"], "META"),
            **{"vendor": vendor, "name": app["name"], "rev": 0},
            **{"created": app["createdAt"], "updated": app["updatedAt"]},
            **self._table.pack(app["appId"], "tree", encode_rows([])),
        }
        self._table.transact(
            {"Put": {"Item": meta, "ConditionExpression": "attribute_not_exists(pk)"}},
            {"Put": {"Item": line(meta, app["appId"])}},
            one_id_more(vendor, app["appId"], most),
        )

    def note_ids(self, vendor: str) -> int:
        """How many apps the vendor has; their ids are noted if an earlier version of this program did not."""
        key = ids_key(vendor)
        noted = self._table.get([key]).get(key)
        if noted is not None:
            return len(noted.get("ids", ()))
        ids = {app["appId"] for app in self.of_vendor(vendor)}
        item = {"pk": key[0], "sk": key[1], **({"ids": ids} if ids else {})}
        with suppress(Contended):  # another call noted them first
            self._table.transact({"Put": {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}})
        return len(ids)

    def of_vendor(self, vendor: str) -> list[App]:
        """The vendor's apps."""
        lines = self._table.query(f"VENDOR#{vendor}", "APP#", "APP$")
        return [as_app(line["sk"].removeprefix("APP#"), line) for line in lines]

    def delete(self, vendor: str, app_id: str) -> None:
        """Deletes the items by which readers find the app; raises Contended."""
        self._table.transact(
            {"Delete": {"Key": at(app_id, "META"), "ConditionExpression": "attribute_exists(pk)"}},
            {"Delete": {"Key": {"pk": f"VENDOR#{vendor}", "sk": f"APP#{app_id}"}}},
            one_id_less(vendor, app_id),
        )

    def forget(self, vendor: str) -> None:
        """Deletes what is noted of a vendor who has no app any more."""
        pk, sk = ids_key(vendor)
        key = {"Key": {"pk": pk, "sk": sk}, "ConditionExpression": "attribute_not_exists(ids)"}
        with suppress(Contended):
            self._table.transact({"Delete": key})
