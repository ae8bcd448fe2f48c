"""Deletes what no app refers to any more in the DynamoDB table and the S3 bucket (see `table`).

A commit that was refused or never finished leaves contents and objects behind, and one that made an app
forget some of its past the commits and trees of that. A deletion that was interrupted leaves items of an app
that has no META item any more.
"""

import random
from collections.abc import Callable, Iterable

from aicode.errors import StoreUnavailable
from aicode.file_store.dynamodb.items import AppItems, kept_of
from aicode.file_store.dynamodb.table import Contended, Item, Table
from aicode.file_store.dynamodb.writes import commit_key, tree_key

_S3_NAMES = ("data_s3", "tree_s3", "rows_s3", "changes_s3")


def collect(table: Table, partitions: Iterable[str], *, before: int, enough: Callable[[], bool]) -> int:
    """Deletes such items and objects that were written before this time; returns how many.

    `partitions` are the table's, `before` is in epoch milliseconds. Stops between two apps once `enough`
    returns True. Blocking. If an app raises StoreUnavailable, it is raised after all other apps.
    """
    apps = [pk.removeprefix("APP#") for pk in partitions if pk.startswith("APP#")]
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
    # And the oldest revision is read before its successors: a restore meanwhile may bring back what only that
    # one still shows, and a later commit may then forget it.
    meta = _item(table, app_id, "META")
    oldest = kept_of(meta).oldest if meta else 0
    items = list(table.query(f"APP#{app_id}", "B#", "META", only=("sk", "at", "rows", *_S3_NAMES)))
    if all(item["sk"] != "META" for item in items):
        # The app was deleted, and its id is never used again.
        table.delete_all((f"APP#{app_id}", item["sk"]) for item in items)
        gone = [name for name, _ in table.objects(app_id)]
        table.delete_objects(gone)
        return len(items) + len(gone)
    removed = _delete_contents(table, app_id, items, oldest, before)
    removed |= _delete_past(table, app_id, items, oldest)
    named = {item[name] for item in items if item["sk"] not in removed for name in _S3_NAMES if name in item}
    unnamed = [name for name in old if name not in named]
    table.delete_objects(unnamed)
    return len(removed) + len(unnamed)


def _delete_past(table: Table, app_id: str, items: list[Item], oldest: int) -> set[str]:
    """Deletes the commits and trees that the app has forgotten; returns their sort keys."""
    forgotten = {
        item["sk"]
        for item in items
        if "C#" <= item["sk"] <= commit_key(oldest) or "F#" <= item["sk"] < tree_key(oldest)
    }
    table.delete_all((f"APP#{app_id}", sk) for sk in forgotten)
    return forgotten


def _delete_contents(table: Table, app_id: str, items: list[Item], oldest: int, before: int) -> set[str]:
    """Deletes contents that no revision shows from the oldest one on, nor has as rules that count.

    Returns their sort keys.
    """
    rows_of, tree = AppItems(table).rows_of, _item(table, app_id, tree_key(oldest))
    commits = [item for item in items if commit_key(oldest) < item["sk"] < "D"]
    rows = [row for item in commits for row in rows_of(item, "rows")]
    rows += rows_of(tree, "tree") if tree else []  # there is none of the empty app
    # Rules count for as long as nothing else is accepted, also where the version is no longer kept.
    rows += [row.accepted for row in rows if row.accepted]
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


def _item(table: Table, app_id: str, sk: str) -> Item | None:
    return next(table.query(f"APP#{app_id}", sk, sk), None)
