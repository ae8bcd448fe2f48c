"""A builder that knows no TypeScript: every line of code with the word BROKEN is an error."""

import asyncio

from aicode.api_types import FoundProblem
from aicode.build.builder import BuilderUnavailable, Checked
from aicode.file_store.store import FileStore

CODE = (".ts", ".tsx", ".css", ".html")


class LineBuilder:
    """Checks apps of a real file store; `checked` are the revisions that it was asked for.

    A check waits until `is_open`, and fails if it `is_down`.
    """

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self.checked: list[int] = []
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.is_down = False

    async def check(
        self, vendor: str, app_id: str, revision: int | None = None, base: int | None = None
    ) -> Checked:
        """See Builder."""
        at = (await self._store.list_files(vendor, app_id)).revision if revision is None else revision
        self.checked.append(at)
        await self.is_open.wait()
        if self.is_down:
            raise BuilderUnavailable("Apps cannot be built right now.")
        found = await self._problems(vendor, app_id, at)
        before = [] if base is None else await self._problems(vendor, app_id, base)
        known = [_identity(problem) for problem in before]
        return Checked(
            revision=at,
            ok=not found,
            errors=[{**problem, "known": _identity(problem) in known} for problem in found],
            duration_ms=12,
        )

    async def _problems(self, vendor: str, app_id: str, revision: int) -> list[FoundProblem]:
        files = await self._store.raw_files_at(vendor, app_id, revision)
        return [
            FoundProblem(
                path=file.info["path"],
                line=number,
                column=line.index("BROKEN") + 1,
                code="TS2304",
                message=f"Cannot find name '{line.strip()}'.",
            )
            for file in files
            if file.info["path"].endswith(CODE)
            for number, line in enumerate(file.data.decode().splitlines(), start=1)
            if "BROKEN" in line
        ]


def _identity(problem: FoundProblem) -> tuple[str, str, str]:
    return problem["path"], problem["code"], problem["message"]
