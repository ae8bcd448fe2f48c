"""How a tool call ended: its result for Claude, its summary for the vendor, and its file changes."""

import json
from asyncio import Future
from dataclasses import dataclass, field

from aicode.api_types import FileChange
from aicode.build.builder import Checked
from aicode.errors import RequestError, ToolError
from aicode.events import ToolResult, ToolStatus
from aicode.file_store.store import RULES_PATH, Changed
from aicode.history import RESULT_LIMIT, ApiBlock, text_block, text_of
from chat.agent.model import ToolCall
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.output import fit
from chat.agent.tools.tool import ToolOutput

FIND_OUT = "It may have taken effect or not: find out before you ask for it again."
RULES_WAIT = (
    f"The vendor is asked to accept this change of {RULES_PATH}; until then the rules before it hold."
)
SHOWN_INPUT_LIMIT = 500
STOPPED = "Stopped before it finished."


@dataclass(slots=True, kw_only=True)
class CallOutcome:
    """How one call ended: `content` for Claude, `summary` for the vendor.

    `revision` is the app's that its `changes` belong to, `checked` what it has found in the app.
    """

    call: ToolCall
    status: ToolStatus
    content: list[ApiBlock]
    summary: str
    duration_ms: int = 0
    changes: list[FileChange] = field(default_factory=list[FileChange])
    revision: int | None = None
    checked: Checked | None = None

    @property
    def text(self) -> str:
        """The content as text; blocks that are not text appear as their type."""
        return text_of(self.content)

    @property
    def is_error(self) -> bool:
        """True if Claude gets an error result."""
        return self.status != "completed"

    def result(self) -> ToolResult:
        """The call's entry in the event `tool_use_complete`."""
        return {
            "toolId": self.call.id,
            "toolName": self.call.name,
            "status": self.status,
            "isError": self.is_error,
            "summary": self.summary,
            "durationMs": self.duration_ms,
        }

    def block(self) -> ApiBlock:
        """The call's `tool_result` block for the Messages API."""
        block: ApiBlock = {"type": "tool_result", "tool_use_id": self.call.id, "content": self.content}
        return {**block, "is_error": True} if self.is_error else block


def shown_input(call: ToolCall) -> dict[str, object]:
    """The input with long texts cut and other long values left out; the history has all of it."""
    shown: dict[str, object] = {}
    for name, value in (call.arguments or {}).items():
        if isinstance(value, str) and len(value) > SHOWN_INPUT_LIMIT:
            shown[name] = f"{value[:SHOWN_INPUT_LIMIT]}…"
        elif isinstance(value, (dict, list)) and len(json.dumps(value)) > SHOWN_INPUT_LIMIT:
            continue
        else:
            shown[name] = value
    return shown


def ended_outcome(call: ToolCall, work: "Future[ToolOutput]") -> CallOutcome:
    """The outcome of a call whose tool has returned or raised."""
    # A tool that cancels its own task must not look like a turn that was stopped.
    error = ToolError("The tool gave up.") if work.cancelled() else work.exception()
    if isinstance(error, ToolError):
        return failed_outcome(call, str(error))
    if isinstance(error, RequestError):
        return failed_outcome(call, fit(error.message))
    if error is not None:
        return failed_outcome(call, "The tool failed unexpectedly.")
    output = work.result()
    text = output.content
    if len(text) > RESULT_LIMIT:
        text = f"{text[:RESULT_LIMIT]}\n[cut: the output was {len(text)} characters long]"
    content = [text_block(text or "(no output)"), *output.attachments]
    status: ToolStatus = "failed" if output.is_error else "completed"
    return CallOutcome(
        call=call, status=status, content=content, summary=output.summary, checked=output.checked
    )


def note_saved(outcome: CallOutcome, saved: BatchOutcome) -> None:
    """Completes the outcome of a staged call, whose changes the commit has saved or refused."""
    call_id = outcome.call.id
    if call_id in saved.errors:
        error = fit(saved.errors[call_id])
        outcome.status, outcome.content, outcome.summary = "failed", [text_block(error)], _first_line(error)
    outcome.changes = [_file_change(changed) for changed in saved.changes.get(call_id, ())]
    outcome.revision = saved.revision
    if changes_rules(outcome):
        outcome.content = [*outcome.content, text_block(RULES_WAIT)]


def recalled_outcome(call: ToolCall, saved: BatchOutcome) -> CallOutcome:
    """The outcome of a call whose batch was saved before the results could be stored."""
    if call.id not in saved.changes:
        return failed_outcome(
            call, "Not saved: the turn was interrupted. Read the file before you try again."
        )
    changes = [_file_change(changed) for changed in saved.changes[call.id]]
    done = "; ".join(f"{c['action']} {c['path']} (+{c['additions']} -{c['deletions']})" for c in changes)
    text = fit(f"Done: {done or 'saved together with a later call of the batch'}.")
    outcome = CallOutcome(
        call=call,
        status="completed",
        content=[text_block(text)],
        summary=text,
        changes=changes,
        revision=saved.revision,
    )
    if changes_rules(outcome):
        outcome.content.append(text_block(RULES_WAIT))
    return outcome


def changes_rules(outcome: CallOutcome) -> bool:
    """True if the call has changed the file of the vendor's rules in any way."""
    return any(RULES_PATH in (change["path"], change.get("previousPath")) for change in outcome.changes)


def unknown_outcome(call: ToolCall, why: str, status: ToolStatus = "failed") -> CallOutcome:
    """The outcome of a call whose external effect may have happened or not; `why` gives the reason."""
    return failed_outcome(call, f"Outcome unknown: {why.rstrip('.')}. {FIND_OUT}", status)


def failed_outcome(call: ToolCall, text: str, status: ToolStatus = "failed") -> CallOutcome:
    """The outcome of a failed call; Claude reads the `text`, the vendor its first line."""
    content = [text_block(text[:RESULT_LIMIT])]
    return CallOutcome(call=call, status=status, content=content, summary=_first_line(text))


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 300 else f"{line[:299]}…"


def _file_change(changed: Changed) -> FileChange:
    change: FileChange = {
        "path": changed.path,
        "action": changed.action,
        "version": changed.version,
        "additions": changed.additions,
        "deletions": changed.deletions,
        "toolId": changed.tool_id,
    }
    if changed.previous_path is not None:
        change["previousPath"] = changed.previous_path
    return change
