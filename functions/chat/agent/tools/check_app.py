"""The tool that type-checks and bundles the app: check_app. It finds what is wrong, and runs none of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from aicode.api_types import Problem
from aicode.build.builder import Builder, Checked
from aicode.errors import NotFound, StoreUnavailable, ToolError
from chat.agent.sections import file_contents
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput

SECONDS = 10.0
# Of what Claude is told, and of what the page shows and the history keeps. Whoever mends fifty errors checks
# again, and a single missing type can make thousands.
MOST_ERRORS = 50
MESSAGE_CHARACTERS = 500


class CheckApp(ToolInput):
    """Nothing: the whole app is checked."""


class AppCheck:
    """Checks the app of one turn; `base` gives the revision before the turn's first change, or None."""

    def __init__(self, builder: Builder, vendor: str, app_id: str, base: Callable[[], int | None]) -> None:
        self._builder = builder
        self._app = vendor, app_id
        self._base = base

    async def run(self) -> Checked:
        """What is wrong with the app as it is now; what the turn did not make is `known`, and stands last.

        Raises NotFound if the app is gone, and BuilderUnavailable.
        """
        base = self._base()
        checked = await self._builder.check(*self._app, base=base)
        errors = checked.errors if base is not None else [_known(error) for error in checked.errors]
        kept = sorted(errors, key=lambda error: error["known"])[:MOST_ERRORS]
        return replace(checked, errors=[_short(error) for error in kept])


def check_app_tool(check: AppCheck) -> Tool[CheckApp]:
    """The tool, over one turn's check."""

    async def check_app(_: CheckApp, _call_id: str) -> ToolOutput:
        try:
            checked = await check.run()
        except (NotFound, StoreUnavailable) as error:
            raise ToolError(f"The app was not checked, so nothing is known of it: {error.message}") from error
        if checked.ok:
            told = "No errors: the app type-checks, and it can be built."
            return ToolOutput(content=told, summary="No errors", checked=checked)
        summary = count_errors(checked.errors)
        known = known_errors(checked.errors)
        if known:
            summary += f", {len(known)} of them from before"
        content = f"{summary}\n{file_contents(listed(checked.errors))}"
        return ToolOutput(content=content, summary=summary, checked=checked)

    return Tool(
        name="check_app",
        description=_DESCRIPTION,
        input_type=CheckApp,
        run=check_app,
        effect="read",
        timeout_seconds=SECONDS,
    )


def count_errors(errors: Sequence[Problem]) -> str:
    """How many errors there are, in words."""
    if len(errors) >= MOST_ERRORS:
        return f"{len(errors)} errors or more"
    return f"{len(errors)} error{'s' if len(errors) != 1 else ''}"


def known_errors(errors: Sequence[Problem]) -> list[Problem]:
    """Those of the errors that the turn did not make."""
    return [error for error in errors if error["known"]]


def listed(errors: Sequence[Problem]) -> str:
    """The errors for Claude, one after the other: place, code and message."""
    return "\n".join(_row(error) for error in errors)


def _row(error: Problem) -> str:
    place = f"{error['path']}:{error['line']}:{error['column']}" if error["line"] else error["path"]
    message = error["message"].replace("\n", "\n    ")
    known = " (there before this turn)" if error["known"] else ""
    return f"{place} {error['code']} {message}{known}".strip()


def _known(error: Problem) -> Problem:
    return {**error, "known": True}


def _short(error: Problem) -> Problem:
    if len(error["message"]) <= MESSAGE_CHARACTERS:
        return error
    return {**error, "message": f"{error['message'][: MESSAGE_CHARACTERS - 1]}…"}


_DESCRIPTION = """\
Type-checks the whole app with TypeScript and bundles it, as it is after the changes of this batch, and \
gives each error with its path, line and column. Nothing of the app is run, so it finds no error that only \
shows when the app is used. Call it after the last change, before you say that something is fixed or works. \
Errors that were there before this turn are marked: leave them unless the vendor asks for more."""
