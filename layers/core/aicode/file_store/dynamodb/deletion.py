"""Deletes what no app refers to any more in the DynamoDB table and the S3 bucket (see `table`).

A commit that was refused or never finished leaves contents and objects behind. A deletion that was
interrupted leaves items of an app that has no META item any more.
"""

import random
from collections.abc import Callable

from aicode.errors import StoreUnavailable
from aicode.file_store.dynamodb.items import AppItems
from aicode.file_store.dynamodb.table import Contended, Item, Table

_S3_NAMES = ("data_s3", "tree_s3", "rows_s3", "changes_s3")


def collect(table: Table, *, before: int, enough: Callable[[], bool]) -> int:
    """Deletes such items and objects that were written before this time; returns how many.

    `before` is in epoch milliseconds. Stops between two apps once `enough` returns True. Blocking. If an app
    raises StoreUnavailable, it is raised after all other apps.
    """
    apps = [pk.removeprefix("APP#") for pk in table.partitions() if pk.startswith("APP#")]
    apps = sorted({*apps, *table.folders()})
    random.shuffle(apps)  # so that it is not always the same apps for which there is no time
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
    # Objects are listed before the items are read: an object written in between is too young to be deleted.
    old = [name for name, written in table.objects(app_id) if written < before]
    items = list(table.query(f"APP#{app_id}", "B#", "META", only=("sk", "at", "rows", *_S3_NAMES)))
    if all(item["sk"] != "META" for item in items):
        # The app was deleted, and its id is never used again.
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
    """Deletes contents that are no version of any file; returns their sort keys."""
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
        except Contended:  # a commit has just written it again
            continue
        removed.add(sk)
    return removed
