"""The tool by which Claude sees the app as the vendor's page shows it: look_at_preview."""

from aicode.errors import ToolError
from aicode.history import attachment_media
from aicode.media import PICTURES
from chat.agent.sections import preview_console
from chat.agent.tools.attachments import Attachments
from chat.agent.tools.output import shortened
from chat.agent.tools.tool import Answer, Tool, ToolInput, ToolOutput, Wait

SECONDS = 20.0
NONE_OPEN = "No preview is open."


class LookAtPreview(ToolInput):
    """Nothing to say."""


def look_at_preview_tool(attachments: Attachments) -> Tool[LookAtPreview]:
    """The tool for a turn whose page has an open preview; the picture is an upload of that page."""

    async def summary(_: LookAtPreview) -> str:
        return "Show Claude the preview"

    async def answered(_: LookAtPreview, answer: Answer) -> ToolOutput:
        upload_id = answer.get("picture")
        if not answer["approved"] or upload_id is None:
            return ToolOutput(content=_refused(answer), summary=NONE_OPEN, is_error=True)
        picture = await attachments.ready(upload_id)
        if picture["mediaType"] not in PICTURES:
            raise ToolError("The page sent something that is no picture.")
        console = "\n".join(answer.get("console", []))
        shown = f"What the console says, the latest last:\n{preview_console(console)}"
        return ToolOutput(
            content=f"The preview as the vendor sees it. {shown if console else 'The console is empty.'}",
            summary=f"Looked at the preview, {picture.get('width', 0)}x{picture.get('height', 0)}",
            attachments=[attachment_media(picture)],
        )

    async def never(_request: LookAtPreview, _call_id: str) -> ToolOutput:
        raise ToolError(NONE_OPEN)

    return Tool(
        name="look_at_preview",
        description=_DESCRIPTION,
        input_type=LookAtPreview,
        run=never,
        effect="read",
        wait=Wait(kind="preview", summary=summary, answered=answered, within_seconds=SECONDS),
    )


def _refused(answer: Answer) -> str:
    reason = shortened(answer.get("reason", ""), 300)
    return f"{NONE_OPEN} {reason}" if reason and reason != NONE_OPEN else NONE_OPEN


_DESCRIPTION = """\
Shows you the app as the vendor sees it in the preview: a picture, and the last lines of its console. Use it \
once after you have changed how something looks or behaves, and when the vendor says that it looks wrong or \
does not work. Calls in the same answer that change files are done first. It sees the page as it stands, \
without clicking or scrolling."""
