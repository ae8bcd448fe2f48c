"""The tool that pushes the app's history to the vendor's git repository: push_app."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from aicode.api_types import Remote
from aicode.errors import RemoteFailed, StoreUnavailable, ToolError
from chat.agent.sections import file_contents
from chat.agent.tools.output import shortened
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput, Wait

NO_REMOTE = (
    "No git repository is set up for this app. The vendor sets one up under Git: its address, and a token."
)
UNKNOWN = (
    "It is not known whether the app was pushed: there was no answer. Push again later; what is there is "
    "not pushed twice."
)
SHOWN_SKIPPED = 20
SHOWN_WORDS = 2_000
COUNTED_COMMITS = 100

PushResult = Literal["pushed", "merged", "branch", "up_to_date"]


class PushApp(ToolInput):
    """What to say of it."""

    message: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Says what this push brings, for the commit that merges it, if one is needed.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What came of a push: where it went, and what was left out of it."""

    result: PushResult
    branch: str
    commit: str
    skipped: Sequence[str] = ()
    link: str = ""


class Pusher(Protocol):
    """Pushes one app. All of it may raise StoreUnavailable."""

    async def remote(self) -> Remote | None:
        """The repository that is set up for the app."""
        ...

    async def commits_since(self, revision: int, limit: int) -> int:
        """How many commits the app has behind this revision, counted up to `limit`."""
        ...

    async def push(self, message: str | None) -> Pushed:
        """Pushes the app as it is. Raises RemoteFailed in the host's own words."""
        ...


def push_app_tool(pusher: Pusher) -> Tool[PushApp]:
    """The tool, over the app's pusher."""

    async def remote() -> Remote:
        found = await pusher.remote()
        if found is None:
            raise ToolError(NO_REMOTE)
        return found

    async def summary(_: PushApp) -> str:
        to = await remote()
        count = await pusher.commits_since(to.get("pushedRevision", 0), COUNTED_COMMITS + 1)
        if count == 0:
            raise ToolError(f"All of it is in {to['url']} already, branch {to['branch']}.")
        number = f"more than {COUNTED_COMMITS}" if count > COUNTED_COMMITS else str(count)
        commits = f"{number} commit{'' if count == 1 else 's'}"
        since = f" since revision {to['pushedRevision']}" if "pushedRevision" in to else ", the whole history"
        return f"Push {commits}{since} to {to['url']}, branch {to['branch']}; nothing there is overwritten"

    async def push(request: PushApp, _call_id: str) -> ToolOutput:
        to = await remote()
        try:
            pushed = await pusher.push(request.message)
        except RemoteFailed as error:
            words = file_contents(error.message[:SHOWN_WORDS])
            raise ToolError(f"The git host refused. It says:\n{words}") from None
        except StoreUnavailable:
            raise ToolError(UNKNOWN) from None
        told = _told(pushed, to)
        return ToolOutput(content=told + _left_out(pushed.skipped), summary=shortened(told))

    return Tool(
        name="push_app",
        description=_DESCRIPTION,
        input_type=PushApp,
        run=push,
        effect="external",
        wait=Wait(kind="approval", policy="push", summary=summary),
    )


def _told(pushed: Pushed, to: Remote) -> str:
    where, commit = f"{to['url']}, branch {pushed.branch}", pushed.commit[:12]
    match pushed.result:
        case "pushed":
            return f"Pushed to {where} (commit {commit})."
        case "merged":
            return f"Merged with what others had pushed, and pushed to {where} (commit {commit})."
        case "branch":
            link = f" Open {pushed.link} to merge it there." if pushed.link else " Merge it there."
            return (
                f"{to['branch']} has changes that contradict the app's, so it went to {where} instead.{link}"
            )
        case "up_to_date":
            return f"There was nothing to push: {where} has all of it."


def _left_out(skipped: Sequence[str]) -> str:
    if not skipped:
        return ""
    more = f"\nand {len(skipped) - SHOWN_SKIPPED} more" if len(skipped) > SHOWN_SKIPPED else ""
    listed = file_contents("\n".join(skipped[:SHOWN_SKIPPED]))
    return f"\nLeft out, because they hold secrets or look like it:\n{listed}{more}"


_DESCRIPTION = """\
Pushes the app's history, a commit for each checkpoint, to the git repository that the vendor has set up. It \
never overwrites what others pushed: it merges, or goes to a branch of its own. Files with secrets are left \
out. Use it only when the vendor asks to push. The vendor may be asked for a yes first. The changes of the \
same answer are saved before."""
