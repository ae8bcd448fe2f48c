"""The answers to what a waiting turn asks for: whether they fit, what is kept of them, what comes of them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal, cast

from aicode.api_types import PolicyName, Question
from aicode.errors import AlreadyAnswered, InvalidRequest, TooManyTurns
from aicode.history import Answer, AnsweredRecord, WaitingRequest
from aicode.session_manager.state import gone

Remember = Literal["session", "app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer as it came; `remember` is for how long it holds for calls of its kind, None for this one."""

    answer: Answer
    remember: Remember | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an answer has done: how many are `waiting` now.

    `handover` is the fencing token by which the turn is handed over, None while it waits or once it is taken.
    `policy` is what the answer decides from now on, if it was to be remembered for the app.
    """

    approved: bool
    waiting: int
    handover: int | None
    app: str
    policy: PolicyName | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A turn that was asked to stop; `handover` as in Answered, if it waited."""

    handover: int | None


NO_PREVIEW = GivenAnswer(answer={"approved": False, "reason": "No preview is open."})


def check_answer(asked: WaitingRequest, given: GivenAnswer) -> None:
    """Raises InvalidRequest if the answer does not fit what was asked."""
    answers = given.answer.get("answers")
    if asked["kind"] != "preview" and ("picture" in given.answer or "console" in given.answer):
        raise InvalidRequest("`picture` and `console` are only for a look at the preview.")
    if given.remember is not None and "policy" not in asked:
        raise InvalidRequest("`remember` is only for calls that the app's policy knows.")
    if asked["kind"] != "question":
        if answers is not None:
            raise InvalidRequest("`answers` are only for questions.")
    elif answers is not None:
        _check_choices(cast("list[Question]", asked["input"]["questions"]), answers)
    elif given.answer["approved"] and not given.answer.get("reason"):
        raise InvalidRequest("A question takes `answers`, or a text of your own as `reason`.")


def _check_choices(questions: list[Question], answers: list[list[str]]) -> None:
    if len(answers) != len(questions):
        raise InvalidRequest(f"`answers` takes one list for each of the {len(questions)} questions.")
    for question, chosen in zip(questions, answers, strict=True):
        labels = {option["label"] for option in question["options"]}
        if not labels.issuperset(chosen) or len(set(chosen)) < len(chosen):
            raise InvalidRequest("`answers` holds something that is none of the options, or one twice.")
        if not question.get("multiple") and len(chosen) != 1:
            raise InvalidRequest("A question takes exactly one of its options, unless it allows several.")


def answered_record(asked: WaitingRequest, given: GivenAnswer, now: int) -> AnsweredRecord:
    """The answer as it stands in the history."""
    return {
        "kind": "answered",
        "approvalId": asked["approvalId"],
        "toolId": asked["toolId"],
        "toolName": asked["toolName"],
        "summary": asked["summary"],
        "answer": given.answer,
        "at": now,
    }


def remembered_by(asked: WaitingRequest | None, given: GivenAnswer) -> str:
    """What the session remembers of an answer: the policy's name and the consent."""
    if asked is None or "policy" not in asked:
        return ""
    return f"{asked['policy']}={'allow' if given.answer['approved'] else 'deny'}"


def kept_answer(asked: WaitingRequest | None, given: GivenAnswer) -> str:
    """What is kept of an answer to know it again: if it was approved, of a question a hash of its words."""
    kept: dict[str, object] = {"approved": given.answer["approved"]}
    if asked is not None and asked["kind"] == "question":
        kept["words"] = _words(given)
    if asked is not None and "policy" in asked and given.remember == "app":
        kept["policy"] = asked["policy"]
    return json.dumps(kept)


def _words(given: GivenAnswer) -> str:
    words = json.dumps([given.answer.get("answers"), given.answer.get("reason")])
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def answered(reply: list[Any], app: str, kept: str, given: GivenAnswer) -> Answered:
    """What became of an answer, by the script's reply; `kept` is what it was to keep.

    Raises AlreadyAnswered, TooManyTurns, NotFound or SessionExpired.
    """
    outcome, *more = reply
    if outcome == "too_many_turns":
        raise TooManyTurns("Too many turns are running at once: answer when one has ended.", retry_after=5)
    if outcome not in ("ok", "known"):
        raise gone(outcome)
    left = more[0]
    if outcome == "known":
        left, _, kept = str(more[0]).partition(" ")
    stored = cast("dict[str, Any]", json.loads(kept))
    if stored["approved"] != given.answer["approved"] or stored.get("words", _words(given)) != _words(given):
        raise AlreadyAnswered("This has been answered already, with another answer.")
    return Answered(
        approved=given.answer["approved"],
        waiting=int(left),
        handover=int(more[1]) if more[1] else None,
        app=app,
        policy=stored.get("policy") if given.remember == "app" else None,
    )
