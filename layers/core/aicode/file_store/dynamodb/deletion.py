"""What nobody refers to any more in the DynamoDB table and the S3 bucket (see `table`).

A commit that was refused or never finished leaves contents and objects, a deletion that was interrupted
items of an app without META.
"""

import random
from collections.abc import Callable

from aicode.errors import StoreUnavailable
from aicode.file_store.dynamodb.items import AppItems
from aicode.file_store.dynamodb.table import Contended, Item, Table

_S3_NAMES = ("data_s3", "tree_s3", "rows_s3", "changes_s3")


def collect(table: Table, *, before: int, enough: Callable[[], bool]) -> int:
    """Removes it where it was written before this time (epoch milliseconds); how many items and objects.

    Ends before the next app when `enough` says so. Blocking; raises StoreUnavailable, where that befell one
    app after the others.
    """
    apps = [pk.removeprefix("APP#") for pk in table.partitions() if pk.startswith("APP#")]
    apps = sorted({*apps, *table.folders()})
    random.shuffle(apps)  # so that none is always the one that there was no time for
    removed, failure = 0, None
    for app_id in apps:
        if enough():
            break
        try:
            removed += _collect_of(table, app_id, before)
        except StoreUnavailable as error:
            failure = error
    if failure:
        raise failure
    return removed


def _collect_of(table: Table, app_id: str, before: int) -> int:
    # First the objects: one that is written after this is too young anyway.
    old = [name for name, written in table.objects(app_id) if written < before]
    items = list(table.query(f"APP#{app_id}", "B#", "META", only=("sk", "at", "rows", *_S3_NAMES)))
    if all(item["sk"] != "META" for item in items):
        # The app is gone for good: ids are not used again.
        table.delete_all((f"APP#{app_id}", item["sk"]) for item in items)
        gone = [name for name, _ in table.objects(app_id)]
        table.delete_objects(gone)
        return len(items) + len(gone)
    removed = _delete_contents(table, app_id, items, before)
    named = {item[name] for item in items if item["sk"] not in removed for name in _S3_NAMES if name in item}
    unnamed = [name for name in old if name not in named]
    table.delete_objects(unnamed)
    return len(removed) + len(unnamed)


def _delete_contents(table: Table, app_id: str, items: list[Item], before: int) -> set[str]:
    """Deletes contents that no commit made a version of; gives their sort keys."""
    rows_of = AppItems(table).rows_of
    commits = [item for item in items if item["sk"].startswith("C#")]
    rows = [row for item in commits for row in rows_of(item, "rows")]
    referred = {f"B#{row.blob.sha}" for row in rows if row.blob}
    removed: set[str] = set()
    for item in items:
        sk = item["sk"]
        if not sk.startswith("B#") or sk in referred or int(item.get("at", 0)) >= before:
            continue
        try:
            table.delete_older((f"APP#{app_id}", sk), before)
        except Contended:  # somebody has just written it again
            continue
        removed.add(sk)
    return removed
