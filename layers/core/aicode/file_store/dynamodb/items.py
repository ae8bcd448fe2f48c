"""Reads and writes apps as items of the DynamoDB table (see `table`); a commit is one transaction."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aicode.api_types import App
from aicode.errors import FencedError, NotFound
from aicode.file_store.checkpoints import CommitRecord, decode_changes, encode_changes
from aicode.file_store.dynamodb.table import Item, Table
from aicode.file_store.dynamodb.writes import (
    at,
    commit_key,
    decode_rows,
    encode_rows,
    fence_key,
    line,
    raised_fence,
    tree_key,
    turn_revision,
    unchanged,
    with_name,
)
from aicode.file_store.plan import Plan, Row
from aicode.file_store.retention import Kept
from aicode.file_store.store import Commit, Committed, Document, TurnRef

# A tree may take up most of an item's 400 KB, so that the list of 2,000 files takes one request.
TREE_BYTES = 300_000
COMMIT_FIELDS = ("rev", "author", "message", "session", "turn", "created", "changes", "changes_s3")


@dataclass(frozen=True, slots=True)
class Head:
    """An app as it stands: its META item, and every path at its latest version."""

    item: Item
    rows: dict[str, Row]

    @property
    def revision(self) -> int:
        """The app's revision."""
        return int(self.item["rev"])

    @property
    def kept(self) -> Kept:
        """What the app keeps of its past."""
        return kept_of(self.item)


class AppItems:
    """Reads and writes apps. Blocking."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def rename(self, app_id: str, meta: Item, name: str) -> App:
        """Gives the app another name; raises Contended."""
        renamed = {**meta, "name": name}
        self._table.transact(
            with_name(app_id, meta, name),
            {"Put": {"Item": line(renamed, app_id)}},
        )
        return as_app(app_id, renamed)

    def sweep(self, app_id: str) -> None:
        """Deletes all other items and objects of a deleted app."""
        items = self._table.query(f"APP#{app_id}", "B#", "K$", only=("pk", "sk"))
        self._table.delete_all((item["pk"], item["sk"]) for item in items)
        self._table.delete_objects(name for name, _ in self._table.objects(app_id))

    def document(self, vendor: str, app_id: str, name: str) -> Document | None:
        """The app's document of this name, None if there is none. Raises NotFound for the app."""
        meta, key = (f"APP#{app_id}", "META"), (f"APP#{app_id}", f"D#{name}")
        found = self._table.get([meta, key])
        _owned(found.get(meta), vendor)
        item = found.get(key)
        return Document(json.loads(item["value"]), int(item["version"])) if item else None

    def store_document(self, vendor: str, app_id: str, name: str, made: Document) -> None:
        """Stores a document in place of the version before it; raises Contended."""
        text = json.dumps(made.value, ensure_ascii=False, separators=(",", ":"))
        self._table.transact(
            {
                "ConditionCheck": {
                    "Key": at(app_id, "META"),
                    "ConditionExpression": "#vendor = :vendor",
                    "ExpressionAttributeNames": {"#vendor": "vendor"},
                    "ExpressionAttributeValues": {":vendor": vendor},
                }
            },
            {
                "Put": {
                    "Item": {**at(app_id, f"D#{name}"), "value": text, "version": made.version},
                    "ConditionExpression": "#version = :before"
                    if made.version > 1
                    else "attribute_not_exists(#version)",
                    "ExpressionAttributeNames": {"#version": "version"},
                    **(
                        {"ExpressionAttributeValues": {":before": made.version - 1}}
                        if made.version > 1
                        else {}
                    ),
                }
            },
        )

    def exists(self, app_id: str) -> bool:
        """True if any vendor has an app with this id."""
        return bool(self._table.get([(f"APP#{app_id}", "META")]))

    def meta(self, vendor: str, app_id: str) -> Item:
        """The app's META item; raises NotFound if it is absent or another vendor's."""
        key = (f"APP#{app_id}", "META")
        return _owned(self._table.get([key]).get(key), vendor)

    def head(self, vendor: str, app_id: str) -> Head:
        """The app as it stands; raises NotFound."""
        return self._head(self.meta(vendor, app_id))

    def _head(self, item: Item) -> Head:
        return Head(item, {row.path: row for row in self.rows_of(item, "tree")})

    def before(self, vendor: str, app_id: str, commit: Commit) -> tuple[Head, Committed | None]:
        """The app as it stands, and the result of an earlier commit with this key, both in one request.

        Raises NotFound, and FencedError if the turn's session has seen a higher epoch.
        """
        pk, turn = f"APP#{app_id}", commit.turn
        asked = [(pk, "META")]
        asked += [fence_key(app_id, turn)] if turn else []
        asked += [(pk, f"K#{commit.key}")] if commit.key is not None else []
        found = self._table.get(asked)
        meta = _owned(found.get((pk, "META")), vendor)
        if turn:
            _expect_unfenced(found.get(fence_key(app_id, turn)), turn)
        result = found.get((pk, f"K#{commit.key}"))
        return self._head(meta), self._result(result) if result else None

    def rows_at(self, app_id: str, revision: int) -> dict[str, Row]:
        """Every path at the version that it had at a revision."""
        if revision == 0:
            return {}
        item = self._item(app_id, tree_key(revision))
        return {row.path: row for row in self.rows_of(item, "tree")}

    def rows_made(self, app_id: str, revision: int) -> list[Row]:
        """The rows that a revision made."""
        return self.rows_of(self._item(app_id, commit_key(revision)), "rows")

    def _item(self, app_id: str, sk: str) -> Item:
        key = (f"APP#{app_id}", sk)
        found = self._table.get([key])
        if key not in found:
            raise NotFound("There is no such revision.")
        return found[key]

    def rows_of(self, item: Item, name: str) -> list[Row]:
        """The rows that an item's attribute holds."""
        return decode_rows(self._table.unpack(item, name))

    def commits_after(self, app_id: str, revision: int) -> list[CommitRecord]:
        """The app's commits after a revision, the first one first, with their rows."""
        wanted = (*COMMIT_FIELDS, "rows", "rows_s3")
        found = self._table.query(f"APP#{app_id}", commit_key(revision + 1), "C$", only=wanted)
        return [replace(self.commit_of(item), rows=self.rows_of(item, "rows")) for item in found]

    def commit_of(self, item: Item) -> CommitRecord:
        """The commit that an item holds, without its rows."""
        return CommitRecord(
            revision=int(item["rev"]),
            author=item["author"],
            message=item["message"],
            created_at=int(item["created"]),
            changes=decode_changes(self._table.unpack(item, "changes")),
            session_id=item.get("session"),
            turn_id=int(item["turn"]) if "turn" in item else None,
        )

    def result(self, app_id: str, key: str) -> Committed | None:
        """The result of the commit with this idempotency key, None if there was no such commit."""
        where = (f"APP#{app_id}", f"K#{key}")
        item = self._table.get([where]).get(where)
        return self._result(item) if item else None

    def _result(self, item: Item) -> Committed:
        return Committed(int(item["rev"]), decode_changes(self._table.unpack(item, "changes")))

    def expect_unfenced(self, app_id: str, turn: TurnRef) -> None:
        """Raises FencedError if the turn's session has seen a higher epoch."""
        where = fence_key(app_id, turn)
        _expect_unfenced(self._table.get([where]).get(where), turn)

    def raise_fence(self, app_id: str, meta: Item, turn: TurnRef) -> None:
        """Stores the turn's epoch as the session's highest; raises Contended."""
        self._table.transact(unchanged(app_id, meta), raised_fence(app_id, turn))

    def contents(self, app_id: str, shas: Iterable[str]) -> dict[str, bytes]:
        """Contents by SHA-256, a hundred to a request; raises NotFound if one was deleted with its app."""
        keys = {(f"APP#{app_id}", f"B#{sha}") for sha in shas}
        found = self._table.get(keys)
        if found.keys() != keys:
            raise NotFound("There is no such app.")
        return {sk.removeprefix("B#"): self._table.unpack(item, "data") for (_, sk), item in found.items()}

    def store_contents(self, app_id: str, contents: Mapping[str, bytes], now: int) -> None:
        """Stores contents; those stored already get a new date, so that they are not deleted as garbage."""
        self._table.put_all(
            {**at(app_id, f"B#{sha}"), "at": now, **self._table.pack(app_id, "data", data)}
            for sha, data in contents.items()
        )

    def store_commit(  # noqa: PLR0913, PLR0917 - the parts of a revision
        self, app_id: str, head: Head, plan: Plan, commit: Commit, kept: Kept, now: int
    ) -> Committed:
        """Writes a revision, its idempotency key and its epoch in one transaction; raises Contended."""
        revision = head.revision + bool(plan.changes)
        writes = [unchanged(app_id, head.item)]
        if plan.changes:
            writes = self._revision(app_id, head, plan, commit, kept, now)
            writes += [turn_revision(app_id, commit.turn, revision)] if commit.turn else []
        if commit.turn is not None:
            writes.append(raised_fence(app_id, commit.turn))
        if commit.key is not None:
            changes = self._table.pack(app_id, "changes", encode_changes(plan.changes).encode())
            item = {**at(app_id, f"K#{commit.key}"), "rev": revision, **changes}
            writes.append({"Put": {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}})
        if plan.changes or len(writes) > 1:
            self._table.transact(*writes)
        return Committed(revision, plan.changes)

    def store_accepted(self, app_id: str, head: Head, row: Row) -> None:
        """Writes what counts as rules, also into the tree of the present revision; raises Contended."""
        rows = {**head.rows, row.path: row}
        tree = self._table.pack(app_id, "tree", encode_rows(rows.values()), TREE_BYTES)
        kept = {name: value for name, value in head.item.items() if not name.startswith("tree")}
        accepts = int(head.item.get("accepts", 0)) + 1
        self._table.transact(
            {"Put": {"Item": {**kept, **tree, "accepts": accepts}, **_condition(app_id, head.item)}},
            {"Put": {"Item": {**at(app_id, tree_key(head.revision)), **tree}}},
        )

    def _revision(  # noqa: PLR0913, PLR0917 - as above
        self, app_id: str, head: Head, plan: Plan, commit: Commit, kept: Kept, now: int
    ) -> list[dict[str, Any]]:
        pack = self._table.pack
        record = CommitRecord.of(commit, head.revision + 1, plan.changes, now)
        rows = {**head.rows, **{row.path: row for row in plan.rows}}
        tree = pack(app_id, "tree", encode_rows(rows.values()), TREE_BYTES)
        same = {name: value for name, value in head.item.items() if not name.startswith("tree")}
        past = {"oldest": kept.oldest, "kept": kept.size, "counted": kept.counted}
        meta = {**same, "rev": record.revision, "updated": now, **past, **tree}
        made = {
            **at(app_id, commit_key(record.revision)),
            **{"rev": record.revision, "author": record.author, "message": record.message, "created": now},
            **({"session": record.session_id, "turn": record.turn_id} if record.session_id else {}),
            **pack(app_id, "changes", encode_changes(plan.changes).encode()),
            **pack(app_id, "rows", encode_rows(plan.rows)),
        }
        return [
            {"Put": {"Item": meta, **_condition(app_id, head.item)}},
            {"Put": {"Item": line(meta, app_id)}},
            {"Put": {"Item": made}},
            {"Put": {"Item": {**at(app_id, tree_key(record.revision)), **tree}}},
        ]


def _condition(app_id: str, meta: Item) -> dict[str, Any]:
    same = unchanged(app_id, meta)["ConditionCheck"]
    return {name: same[name] for name in same if name != "Key"}


def as_app(app_id: str, item: Item) -> App:
    """An app as the routes answer with it."""
    created, updated = int(item["created"]), int(item["updated"])
    return App(appId=app_id, name=item["name"], createdAt=created, updatedAt=updated)


def kept_of(meta: Item) -> Kept:
    """What an app keeps of its past, by its META item."""
    return Kept(*(int(meta.get(name, 0)) for name in ("oldest", "kept", "counted")))


def _owned(meta: Item | None, vendor: str) -> Item:
    if meta is None or meta["vendor"] != vendor:
        raise NotFound("There is no such app.")
    return meta


def _expect_unfenced(fence: Item | None, turn: TurnRef) -> None:
    if fence and int(fence["epoch"]) > turn.epoch:
        raise FencedError
