"""The tool that puts the app on the web, at an address that anybody can open: publish_app."""

from collections.abc import Sequence
from typing import Protocol, cast

from pydantic import Field

from aicode.api_types import FoundProblem, Site
from aicode.errors import BuildFailed, InvalidRequest, NotFound, StoreUnavailable, ToolError
from chat.agent.sections import file_contents
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput, Wait

SHOWN_PROBLEMS = 30
UNAVAILABLE = "The app cannot be published just now. Try again later."


class PublishApp(ToolInput):
    """What to publish."""

    revision: int | None = Field(
        default=None, ge=1, description="An earlier revision of the app; as it is now without it."
    )


class Publisher(Protocol):
    """Publishes one app. All of it may raise StoreUnavailable."""

    async def revision(self) -> int:
        """The app's latest revision."""
        ...

    async def live(self) -> Site | None:
        """What the app's address shows now; None if it shows nothing."""
        ...

    async def publish(self, revision: int | None, *, key: str) -> Site:
        """Builds this revision, or the latest, and makes it live; the same key again publishes nothing more.

        Raises BuildFailed with the problems in its details, and InvalidRequest for what must not be published.
        """
        ...


def publish_app_tool(publisher: Publisher) -> Tool[PublishApp]:
    """The tool, over the app's publisher."""

    async def settled(request: PublishApp) -> PublishApp:
        latest = await publisher.revision()
        if latest == 0:
            raise ToolError("The app is empty: there is nothing to publish.")
        if (request.revision or latest) > latest:
            raise ToolError(f"There is no revision {request.revision}: the app is at revision {latest}.")
        return PublishApp(revision=request.revision or latest)

    async def summary(request: PublishApp) -> str:
        latest, live = await publisher.revision(), await publisher.live()
        revision = request.revision or latest
        what = f"revision {revision}" + (", the app as it is now" if revision == latest else "")
        if live is None:
            return f"Publish {what}, for the first time, at an address that anybody can open"
        return f"Publish {what}, at {live['url']} in place of revision {live['revision']}, which is live there"

    async def publish(request: PublishApp, call_id: str) -> ToolOutput:
        try:
            site = await publisher.publish(request.revision, key=call_id)
        except BuildFailed as error:
            raise ToolError(_not_built(error)) from None
        except (InvalidRequest, NotFound) as error:
            raise ToolError(error.message) from None
        except StoreUnavailable:
            raise ToolError(UNAVAILABLE) from None
        content = f"Revision {site['revision']} is live as version {site['version']}. Address: {site['url']}"
        return ToolOutput(content=content, summary=f"Published at {site['url']}")

    return Tool(
        name="publish_app",
        description=_DESCRIPTION,
        input_type=PublishApp,
        run=publish,
        effect="external",
        is_idempotent=True,
        wait=Wait(kind="approval", policy="publish", settled=settled, summary=summary),
    )


def _not_built(error: BuildFailed) -> str:
    problems = cast("Sequence[FoundProblem]", error.details.get("errors", ()))
    lines = [f"{p['path']}:{p['line']}:{p['column']} {p['code']} {p['message']}" for p in problems]
    more = f"\nand {len(lines) - SHOWN_PROBLEMS} more" if len(lines) > SHOWN_PROBLEMS else ""
    listed = file_contents("\n".join(lines[:SHOWN_PROBLEMS]))
    return f"{error.message} Nothing was published. Mend these, then publish again:\n{listed}{more}"


_DESCRIPTION = """\
Builds the app and publishes it at its own address, where anybody can open it; what was live there before is \
replaced. Use it only when the vendor asks to publish. The vendor may be asked for a yes first, and is told \
which revision it is. The changes of the same answer are saved before. If the app does not build, nothing is \
published and the problems are the answer."""
