"""The tool that puts the app on the web, at an address that anybody can open: publish_app."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import Field

from aicode.api_types import Problem
from aicode.errors import BuildFailed, NotFound, StoreUnavailable, ToolError
from aicode.file_store.store import FileStore
from aicode.sites.sites import Sites
from chat.agent.sections import file_contents
from chat.agent.tools.check_app import MOST_ERRORS, listed
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput, Wait

UNAVAILABLE = "The app cannot be published just now. Try again later."


class PublishApp(ToolInput):
    """What to publish."""

    revision: int | None = Field(
        default=None, ge=1, description="An earlier revision of the app; as it is now without it."
    )


def publish_app_tool(sites: Sites, store: FileStore, vendor: str, app_id: str) -> Tool[PublishApp]:
    """The tool for one app; its address is one of `sites`."""
    publishing = _Publishing(sites, store, vendor, app_id)
    return Tool(
        name="publish_app",
        description=_DESCRIPTION,
        input_type=PublishApp,
        run=publishing.publish,
        effect="external",
        is_idempotent=True,
        wait=Wait(kind="approval", policy="publish", settled=publishing.settled, summary=publishing.summary),
    )


@dataclass(frozen=True, slots=True)
class _Publishing:
    """What the tool does for one app."""

    sites: Sites
    store: FileStore
    vendor: str
    app_id: str

    async def settled(self, request: PublishApp) -> PublishApp:
        """With the number of the revision that is published."""
        latest = (await self.store.list_files(self.vendor, self.app_id)).revision
        if latest == 0:
            raise ToolError("The app is empty: there is nothing to publish.")
        if (request.revision or latest) > latest:
            raise ToolError(f"There is no revision {request.revision}: the app is at revision {latest}.")
        return PublishApp(revision=request.revision or latest)

    async def summary(self, request: PublishApp) -> str:
        """Which revision, at which address, in place of what."""
        latest = (await self.store.list_files(self.vendor, self.app_id)).revision
        published = await self.sites.state(self.vendor, self.app_id)
        live, revision = published["site"], request.revision or latest
        what = f"revision {revision}" + (", the app as it is now" if revision == latest else "")
        if live is not None:
            return f"Publish {what}, at {live['url']} in place of revision {live['revision']}, live there now"
        first = "again" if published["versions"] else "for the first time"
        return f"Publish {what}, {first}, at an address that anybody can open"

    async def publish(self, request: PublishApp, call_id: str) -> ToolOutput:
        """Publishes it once for this call, however often it is made."""
        try:
            site = await self.sites.publish(self.vendor, self.app_id, request.revision, key=call_id)
        except BuildFailed as error:
            raise ToolError(_not_built(error)) from None
        except NotFound as error:
            raise ToolError(error.message) from None
        except StoreUnavailable:
            raise ToolError(UNAVAILABLE) from None
        content = f"Revision {site['revision']} is live as version {site['version']}. Address: {site['url']}"
        return ToolOutput(content=content, summary=f"Published at {site['url']}")


def _not_built(error: BuildFailed) -> str:
    errors = cast("Sequence[Problem]", error.details.get("errors", ()))
    more = f"\nand {len(errors) - MOST_ERRORS} more" if len(errors) > MOST_ERRORS else ""
    shown = file_contents(listed(errors[:MOST_ERRORS]))
    return f"{error.message} Nothing was published. Mend these, then publish again:\n{shown}{more}"


_DESCRIPTION = """\
Builds the app and publishes it at its own address, where anybody can open it; what was live there before is \
replaced. Use it only when the vendor asks to publish. The vendor may be asked for a yes first, and is told \
which revision it is. The changes of the same answer are saved before. If the app does not build, nothing is \
published and the problems are the answer."""
