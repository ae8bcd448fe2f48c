"""Checks the app by itself at the end of a turn that changed code; what is red is given back to Claude.

All that decides is read from the turn's records, so that another owner of the turn decides the same. The
answer is stored before the check, which only reads: if the process dies meanwhile, the check is made again
and nothing is asked for twice.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from aicode.api_types import FileChange
from aicode.build.builder import Checked
from aicode.errors import NotFound, StoreUnavailable
from aicode.history import CheckRecord, Entry
from chat.agent.model import Answer
from chat.agent.sections import APP_CHECK, section
from chat.agent.tools import AppCheck, count_errors, known_errors, listed
from chat.agent.turn.app_look import AppLook
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal
from chat.agent.turn.progress import check_record

MOST_ROUNDS = 2
SECONDS = 20.0
# What the build function reads and may find an error in; texts and pictures are none of it.
CODE = frozenset(
    {".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".css", ".html", ".json", ".svg"}
)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_OFF = re.compile(r"^check:[ \t]*[\"']?(?:off|false)[\"']?[ \t]*(?:#.*)?\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ChecksSoFar:
    """The latest revision at which the turn changed code, and at which it was checked; 0 if it was not.

    `rounds` is how often Claude was sent back to mend what a check had found.
    """

    changed: int = 0
    checked: int = 0
    rounds: int = 0


def checks_so_far(entries: Sequence[Entry], turn: int) -> ChecksSoFar:
    """What the records of this turn say of changes and checks."""
    changed = checked = rounds = 0
    for entry in entries:
        record = entry["record"]
        if entry["turn"] != turn:
            continue
        if record["kind"] == "results" and any(_is_code(change) for change in record["changes"]):
            changed = record.get("revision", 0)
        elif record["kind"] == "check":
            checked = record["revision"]
            rounds += _wants_mending(record) and "toolId" not in record
    return ChecksSoFar(changed, checked, rounds)


def is_off(rules: str) -> bool:
    """True if the vendor's rules begin with front matter that says `check: off`."""
    found = _FRONT_MATTER.match(rules)
    return found is not None and _OFF.search(found[1]) is not None


class Checks:
    """The checks that one turn makes by itself; `check` is None where apps cannot be built."""

    def __init__(self, turn: TurnContext, journal: Journal, app: AppLook, check: AppCheck | None) -> None:
        self._turn = turn
        self._journal = journal
        self._app = app
        self._check = check

    async def let_end(self, answer: Answer) -> bool:
        """True if the turn ends with this answer; else Claude was told what is left to be mended.

        A check that fails, or takes too long, lets the turn end as if there were none.
        """
        so_far = checks_so_far(self._turn.entries, self._turn.writer.turn)
        if self._check is None or so_far.changed <= so_far.checked or is_off(self._app.rules):
            return True
        await self._journal.store_last_answer(answer)
        checked = await self._made(self._check)
        if checked is None:
            return True
        record = check_record(checked, self._turn.now_ms())
        is_last = so_far.rounds >= MOST_ROUNDS or self._journal.step >= self._turn.settings.max_steps
        if is_last or not _wants_mending(record):
            self._journal.show_check(record)
            return True
        await self._journal.go_on([record, {"kind": "context", "text": _told(record), "at": record["at"]}])
        return False

    async def _made(self, check: AppCheck) -> Checked | None:
        observer = self._turn.observer
        with observer.measuring("Check", Result="failed") as facts:
            try:
                async with asyncio.timeout(SECONDS):
                    checked = await check.run()
            except (StoreUnavailable, NotFound, TimeoutError) as error:
                observer.warning("not checked", error=type(error).__name__)
                return None
            facts["Result"] = _result(checked)
        observer.info("checked", result=_result(checked), errors=len(checked.errors), ms=checked.duration_ms)
        return checked


def _result(checked: Checked) -> str:
    if checked.ok:
        return "ok"
    return "known" if len(known_errors(checked.errors)) == len(checked.errors) else "errors"


def _wants_mending(record: CheckRecord) -> bool:
    return any(not error["known"] for error in record["errors"])


def _told(record: CheckRecord) -> str:
    known = known_errors(record["errors"])
    made = [error for error in record["errors"] if error not in known]
    are_left = "is left" if len(made) == 1 else "are left"
    before = f" {count_errors(known)} from before this turn may stay." if known else ""
    return section(APP_CHECK, f"{count_errors(made)} {are_left}.{before}\n{listed(made)}")


def _is_code(change: FileChange) -> bool:
    paths = (change["path"], change.get("previousPath", ""))
    return any(PurePosixPath(path).suffix.lower() in CODE for path in paths)
