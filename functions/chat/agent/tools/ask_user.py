"""The tool by which Claude asks the vendor a question with choices instead of guessing: ask_user."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from aicode.errors import ToolError
from chat.agent.tools.output import shortened
from chat.agent.tools.tool import Answer, Tool, ToolInput, ToolOutput, Wait

NOT_ANSWERED = (
    "The vendor did not answer. Go on with what a good product would do, and say what you chose; do not ask "
    "the same again."
)
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Option(ToolInput):
    """One answer to choose."""

    label: Text = Field(max_length=80, description="The answer in a few words, as it stands on its button.")
    description: str | None = Field(
        default=None, max_length=300, description="What follows from it, if the label alone does not tell."
    )


class Question(ToolInput):
    """One question with answers to choose from."""

    question: Text = Field(max_length=500, description="One question, in words that the vendor uses.")
    options: list[Option] = Field(
        min_length=2,
        max_length=8,
        description="Answers that exclude each other, the one you would choose first. The vendor can always "
        "answer in words of their own: do not offer that as an option.",
    )
    multiple: bool | None = Field(default=None, description="true: several of the options may be chosen.")


class AskUser(ToolInput):
    """What to ask, all at once."""

    questions: list[Question] = Field(min_length=1, max_length=4)


def ask_user_tool() -> Tool[AskUser]:
    """The tool; its call waits for the vendor, and the result is what they answered."""

    async def summary(request: AskUser) -> str:
        asked = request.questions
        for each in asked:
            labels = [option.label for option in each.options]
            if len(set(labels)) < len(labels):
                raise ToolError("Two options of a question have the same label.")
        more = f" (and {len(asked) - 1} more)" if len(asked) > 1 else ""
        return f"{shortened(asked[0].question)}{more}"

    async def answered(request: AskUser, answer: Answer) -> ToolOutput:
        given, words = answer.get("answers", []), answer.get("reason", "").strip()
        if not answer["approved"] or not (given or words):
            said = f"{NOT_ANSWERED}\nThe vendor says: {words}" if words else NOT_ANSWERED
            return ToolOutput(content=said, summary=shortened(words) or "Not answered", is_error=True)
        answers = [given[n] if n < len(given) else [] for n in range(len(request.questions))]
        lines = [_line(asked, chosen) for asked, chosen in zip(request.questions, answers, strict=True)]
        if words:
            lines.append(f"In the vendor's own words: {words}")
        labels = ", ".join(label for chosen in answers for label in chosen)
        return ToolOutput(content="\n".join(lines), summary=shortened(labels or words))

    async def never(_request: AskUser, _call_id: str) -> ToolOutput:
        raise ToolError(NOT_ANSWERED)

    return Tool(
        name="ask_user",
        description=_DESCRIPTION,
        input_type=AskUser,
        run=never,
        effect="read",
        wait=Wait(kind="question", summary=summary, answered=answered),
    )


def _line(asked: Question, chosen: Sequence[str]) -> str:
    return f"{shortened(asked.question, 500)}\n-> {'; '.join(chosen) or '(none of them)'}"


_DESCRIPTION = """\
Asks the vendor and waits for the answer, however long it takes. Use it when what you build depends on the \
answer and neither the message nor the app nor the project rules tell: who signs in, which of two meanings, \
what may be thrown away. Do not use it for what a good product decides by itself (colours, names, where a \
button stands), nor to ask whether to go on. Ask all that is open in one call."""
