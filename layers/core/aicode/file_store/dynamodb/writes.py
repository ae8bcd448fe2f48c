"""The keys of an app's items (see `table`), and the parts of the transactions that change them. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

from aicode.file_store.dynamodb.table import Item, Key
from aicode.file_store.plan import Row
from aicode.file_store.prepared import Blob
from aicode.file_store.store import TurnRef
from aicode.media import Media

# What a commit writes again as it was when it looked: another writer may have changed it meanwhile.
# `accepts` counts how often rules were accepted, which makes no revision; it is absent where that was never.
_GUARDED = ("rev", "created", "name", "accepts")


def at(app_id: str, sk: str) -> dict[str, Any]:
    """The key of one of an app's items."""
    return {"pk": f"APP#{app_id}", "sk": sk}


def fence_key(app_id: str, turn: TurnRef) -> Key:
    """The key of the highest epoch of the turn's session."""
    return f"APP#{app_id}", f"E#{turn.session_id}"


def line(meta: Item, app_id: str) -> dict[str, Any]:
    """The app's item in its vendor's list."""
    copied = {name: meta[name] for name in ("name", "created", "updated")}
    return {"pk": f"VENDOR#{meta['vendor']}", "sk": f"APP#{app_id}", **copied}


def commit_key(revision: int) -> str:
    """The sort key of a commit."""
    return f"C#{revision:012d}"


def tree_key(revision: int) -> str:
    """The sort key of the tree that a commit left."""
    return f"F#{revision:012d}"


def turn_key(app_id: str, session_id: str, turn_id: int) -> Key:
    """The key of the revisions that a turn made."""
    return f"APP#{app_id}", f"G#{session_id}#{turn_id}"


def unchanged(app_id: str, meta: Item) -> dict[str, Any]:
    """The condition that the app still has this revision, name and rules, and is no new one with this id."""
    known = [name for name in _GUARDED if name in meta]
    absent = [f"attribute_not_exists(#{name})" for name in _GUARDED if name not in meta]
    return {
        "ConditionCheck": {
            "Key": at(app_id, "META"),
            "ConditionExpression": " AND ".join([*(f"#{name} = :{name}" for name in known), *absent]),
            "ExpressionAttributeNames": {f"#{name}": name for name in _GUARDED},
            "ExpressionAttributeValues": {f":{name}": meta[name] for name in known},
        }
    }


def ids_key(vendor: str) -> Key:
    """The key of the ids of a vendor's apps, by which they are counted."""
    return f"VENDOR#{vendor}", "IDS"


def one_id_more(vendor: str, app_id: str, most: int) -> dict[str, Any]:
    """The write of an app's id, on condition that there are fewer than `most`, and that they are noted."""
    return _of_ids(
        vendor, "ADD", app_id, "(attribute_not_exists(#ids) OR size(#ids) < :most)", {":most": most}
    )


def one_id_less(vendor: str, app_id: str) -> dict[str, Any]:
    """The write that takes an app's id out, on condition that the vendor's are noted."""
    return _of_ids(vendor, "DELETE", app_id, "", {})


def _of_ids(vendor: str, change: str, app_id: str, condition: str, values: dict[str, Any]) -> dict[str, Any]:
    pk, sk = ids_key(vendor)
    return {
        "Update": {
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": f"{change} #ids :ids",
            "ConditionExpression": " AND ".join(filter(None, ["attribute_exists(pk)", condition])),
            "ExpressionAttributeNames": {"#ids": "ids"},
            "ExpressionAttributeValues": {":ids": {app_id}, **values},
        }
    }


def with_name(app_id: str, meta: Item, name: str) -> dict[str, Any]:
    """The write of the app's new name, on condition that the app is unchanged."""
    same = unchanged(app_id, meta)["ConditionCheck"]
    values = {**same["ExpressionAttributeValues"], ":new": name}
    return {"Update": {**same, "UpdateExpression": "SET #name = :new", "ExpressionAttributeValues": values}}


def raised_fence(app_id: str, turn: TurnRef) -> dict[str, Any]:
    """The write of the turn's epoch, on condition that the session has seen no higher one."""
    return {
        "Update": {
            "Key": at(app_id, f"E#{turn.session_id}"),
            "UpdateExpression": "SET #epoch = :epoch",
            "ConditionExpression": "attribute_not_exists(#epoch) OR #epoch <= :epoch",
            "ExpressionAttributeNames": {"#epoch": "epoch"},
            "ExpressionAttributeValues": {":epoch": turn.epoch},
        }
    }


def turn_revision(app_id: str, turn: TurnRef, revision: int) -> dict[str, Any]:
    """The write that adds a revision to those of the turn."""
    pk, sk = turn_key(app_id, turn.session_id, turn.turn_id)
    return {
        "Update": {
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": "ADD #revs :revs",
            "ExpressionAttributeNames": {"#revs": "revs"},
            "ExpressionAttributeValues": {":revs": {revision}},
        }
    }


def encode_rows(rows: Iterable[Row]) -> bytes:
    """Rows as JSON for the table.

    What counted as rules follows a row as a row of its own, where any did. What a binary file is comes after
    that. Of all other rows an earlier version of this program reads what this one writes.
    """
    made = json.dumps([_fields(row) for row in rows], ensure_ascii=False, separators=(",", ":"))
    return made.encode()


def decode_rows(text: bytes) -> list[Row]:
    """Rows from the JSON of `encode_rows`."""
    return [_row(*fields) for fields in json.loads(text)]


def _fields(row: Row) -> tuple[object, ...]:
    fields = (row.path, row.version, *_content(row.blob), row.updated_at)
    counting = _fields(row.accepted) if row.accepted else None
    if row.blob and row.blob.media:
        return (*fields, counting, astuple(row.blob.media))
    return (*fields, counting) if counting else fields


def _row(  # noqa: PLR0913, PLR0917 - the fields of a row
    path: str,
    version: int,
    sha: str | None,
    size: int,
    lines: int,
    updated_at: int,
    accepted: Sequence[Any] | None = None,
    media: Sequence[Any] | None = None,
) -> Row:
    blob = Blob(sha, size, lines, Media(*media) if media else None) if sha else None
    return Row(path, version, blob, updated_at, _row(*accepted) if accepted else None)


def _content(blob: Blob | None) -> tuple[str | None, int, int]:
    return (blob.sha, blob.size, blob.lines) if blob else (None, 0, 0)
