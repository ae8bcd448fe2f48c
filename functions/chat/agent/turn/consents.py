"""Which calls of a batch run at once, which wait for their vendor, and which end without being run."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from typing import Any

from aicode.api_types import Consent, PolicyName
from aicode.errors import AICodeError, NotFound, ToolError
from aicode.file_store.store import FileStore
from aicode.history import Answer, WaitingRequest
from aicode.policy import POLICY_NAMES, read_policy
from chat.agent.model import ToolCall
from chat.agent.tools import CallOutcome, Instead, Tool, ToolOutput, Wait
from chat.agent.turn.context import TurnContext

NEVER = (
    "Refused: the vendor's settings of this app do not allow {name}. Do not ask for it again; say what you "
    "would have done."
)
REFUSED = "The vendor said no{reason}"


class Waits(AICodeError):
    """The turn has to wait for answers to `requests`; `outcomes` are those of the step's other calls."""

    def __init__(self, requests: Sequence[WaitingRequest], outcomes: Sequence[CallOutcome]) -> None:
        super().__init__()
        self.requests = requests
        self.outcomes = outcomes


OpenCall = tuple[ToolCall, Tool[Any], Wait[Any]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """The calls of a batch: `ready` to run or, where `instead` has them, to end otherwise.

    The others are `open`: each with its tool and what it waits for.
    """

    ready: list[ToolCall] = field(default_factory=list[ToolCall])
    open: list[OpenCall] = field(default_factory=list[OpenCall])
    instead: dict[str, Any] = field(default_factory=dict[str, Any])


class Consents:
    """Knows which calls of a turn its vendor has to be asked about.

    `remembered` is what the vendor's earlier answers hold for in the session, by the name of the policy.
    """

    def __init__(
        self,
        turn: TurnContext,
        store: FileStore,
        tools: Mapping[str, Tool[Any]],
        remembered: Mapping[str, Consent],
    ) -> None:
        self._turn = turn
        self._store = store
        self._tools = tools
        self._remembered = remembered

    async def sort(
        self,
        calls: Sequence[ToolCall],
        answers: Mapping[str, Answer],
        waited_for: Mapping[str, WaitingRequest],
    ) -> Sorted:
        """The calls by what they may do now; by the call's id what was asked and what was answered so far.

        Raises StoreUnavailable if the app's policy cannot be read.
        """
        found = Sorted()
        policy: Mapping[PolicyName, Consent] | None = None
        for call in calls:
            tool = self._tools.get(call.name)
            wait = tool.wait if tool is not None and call.arguments is not None else None
            if tool is None or wait is None:
                found.ready.append(call)
                continue
            if call.id in answers:
                # As it was asked for: the app may have changed since.
                asked = replace(call, arguments=waited_for[call.id]["input"])
                found.ready.append(asked)
                _answer(found, tool, wait, asked, answers[call.id])
                continue
            consent: Consent = "ask"
            if wait.policy is not None:
                try:
                    policy = policy or await self._policy()
                except NotFound as error:  # the app was deleted meanwhile
                    found.ready.append(call)
                    found.instead[call.id] = _failing(error)
                    continue
                consent = policy[wait.policy]
            if consent == "ask":
                found.open.append((call, tool, wait))
                continue
            found.ready.append(call)
            if consent == "deny":
                found.instead[call.id] = _failing(ToolError(NEVER.format(name=call.name)))
        return found

    async def ask(self, calls: Sequence[OpenCall]) -> tuple[list[WaitingRequest], Instead]:
        """What the vendor is asked for these calls; those that need not be asked end as the second says."""
        requests: list[WaitingRequest] = []
        instead: dict[str, Any] = {}
        for call, tool, wait in calls:
            work = asyncio.ensure_future(tool.asks(wait, call.arguments))
            try:
                await asyncio.wait(
                    {work}, timeout=min(tool.timeout_seconds, self._turn.settings.tool_timeout)
                )
            finally:
                work.cancel()
            if not work.done():
                instead[call.id] = _failing(ToolError("The tool did not get ready in time."))
            elif (error := work.exception()) is not None:
                instead[call.id] = _failing(error)
            else:
                requests.append(self._request(wait, call, *work.result()))
        return requests, instead

    def _request(
        self, wait: Wait[Any], call: ToolCall, given: dict[str, object], summary: str
    ) -> WaitingRequest:
        now = self._turn.now_ms()
        request: WaitingRequest = {
            "approvalId": token_urlsafe(18),
            "toolId": call.id,
            "toolName": call.name,
            "summary": summary,
            "input": given,
            "createdAt": now,
            "kind": wait.kind,
        }
        if wait.policy is not None:
            request["policy"] = wait.policy
        if wait.within_seconds is not None:
            request["deadline"] = now + round(wait.within_seconds * 1000)
        return request

    async def _policy(self) -> dict[PolicyName, Consent]:
        writer = self._turn.writer
        stored = await read_policy(self._store, writer.vendor, writer.app)
        return {name: self._consent(name, stored[name]) for name in POLICY_NAMES}

    def _consent(self, name: PolicyName, stored: Consent) -> Consent:
        """What the app's policy says, or where that asks, what the vendor has said in this session."""
        return self._remembered.get(name, stored) if stored == "ask" else stored


def _answer(found: Sorted, tool: Tool[Any], wait: Wait[Any], call: ToolCall, answer: Answer) -> None:
    """Notes what an answered call ends with, if it is not run."""
    make = wait.answered
    if make is not None:
        found.instead[call.id] = lambda: tool.answered(make, call.arguments, answer)
    elif not answer["approved"]:
        reason = answer.get("reason")
        text = REFUSED.format(reason=f": {reason}" if reason else ".")
        found.instead[call.id] = _failing(ToolError(text))


def _failing(error: BaseException) -> Any:
    async def fail() -> ToolOutput:
        raise error

    return fail
