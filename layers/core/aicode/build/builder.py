"""Asking the build function, by an invocation that only AWS's own rights let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aicode.api_types import Problem
from aicode.errors import NotFound, StoreUnavailable
from aicode.invoke import FunctionFailed, NotInvoked, call

# The function's own time limit, and a moment for the way.
CALL_SECONDS = 32.0


class BuilderUnavailable(StoreUnavailable):
    """The build function could not be reached, failed, or could not read the app. 503 as an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An app as type checker and bundler see it at a revision; `ok` if it has no error, known or not."""

    revision: int
    ok: bool
    errors: list[Problem]
    duration_ms: int


class Builder(Protocol):
    """Checks apps, without running them."""

    async def check(
        self, vendor: str, app_id: str, revision: int | None = None, base: int | None = None
    ) -> Checked:
        """The app's errors at a revision, the newest without one, sorted by place.

        An error that was there at the revision `base` too, anywhere in the same file, is `known`. What is
        endless or too large is stopped after seconds, and is an error itself. Raises NotFound for the app or
        a revision of it, and BuilderUnavailable.
        """
        ...


class LambdaBuilder:
    """The build function of this name, asked through Lambda's Invoke API."""

    def __init__(self, function: str) -> None:
        self._function = function

    async def check(
        self, vendor: str, app_id: str, revision: int | None = None, base: int | None = None
    ) -> Checked:
        """See Builder."""
        wanted = {"revision": revision, "base": base}
        asked = {name: value for name, value in wanted.items() if value is not None}
        answer = await self._ask({"check": {"vendor": vendor, "appId": app_id, **asked}})
        return Checked(
            revision=answer["revision"],
            ok=answer["ok"],
            errors=answer["errors"],
            duration_ms=answer["durationMs"],
        )

    async def publish(  # noqa: PLR0913 - what is built, and where it goes
        self, vendor: str, app_id: str, revision: int, *, site: str, version: int, base: str
    ) -> list[Problem]:
        """What `aicode.sites` publishes with: it builds a version of a site, and writes it.

        Returns the errors; nothing is written unless there are none. Raises NotFound for the app or a
        revision of it, and BuilderUnavailable.
        """
        app = {"vendor": vendor, "appId": app_id, "revision": revision}
        answer = await self._ask({"publish": {**app, "site": site, "version": version, "base": base}})
        return answer["errors"]

    async def _ask(self, event: Mapping[str, object]) -> Any:
        try:
            answer = await call(self._function, event, seconds=CALL_SECONDS)
        except (NotInvoked, FunctionFailed) as error:
            raise BuilderUnavailable("Apps cannot be built right now.") from error
        refused = answer.get("refused")
        if refused is None:
            return answer
        if refused["code"] == NotFound.code:
            raise NotFound(refused["message"])
        raise BuilderUnavailable(refused["message"])
