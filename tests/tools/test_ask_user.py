"""Questions of Claude to the vendor: what may be asked, and what Claude reads of the answer."""

from typing import Any

import pytest

from aicode.errors import ToolError
from chat.agent.tools.ask_user import AskUser, Option, Question, ask_user_tool
from chat.agent.tools.tool import Answer, ToolOutput, Wait

STYLE: dict[str, Any] = {
    "question": "Which style?",
    "options": [{"label": "Light"}, {"label": "Dark", "description": "White on black"}],
}
PAGES: dict[str, Any] = {
    "question": "Which pages?",
    "options": [{"label": "Home"}, {"label": "About"}, {"label": "Contact"}],
    "multiple": True,
}


def asked(*questions: dict[str, Any]) -> AskUser:
    return AskUser.model_validate({"questions": list(questions)})


def waits() -> Wait[AskUser]:
    wait = ask_user_tool().wait
    assert wait is not None
    assert (wait.kind, wait.policy, wait.within_seconds) == ("question", None, None)
    return wait


async def answered(request: AskUser, answer: Answer) -> ToolOutput:
    answers = waits().answered
    assert answers is not None
    return await answers(request, answer)


async def test_the_answer_names_each_question_with_the_labels_that_were_chosen():
    output = await answered(
        asked(STYLE, PAGES), {"approved": True, "answers": [["Dark"], ["Home", "Contact"]]}
    )

    assert output.content == "Which style?\n-> Dark\nWhich pages?\n-> Home; Contact"
    assert output.summary == "Dark, Home, Contact"
    assert not output.is_error


async def test_the_vendors_own_words_stand_beside_what_was_chosen_or_alone():
    both = await answered(
        asked(STYLE, PAGES), {"approved": True, "answers": [["Dark"], []], "reason": " No pages yet. "}
    )
    alone = await answered(asked(STYLE), {"approved": True, "reason": "Like a newspaper."})

    assert both.content.endswith("-> (none of them)\nIn the vendor's own words: No pages yet.")
    assert alone.content.endswith("In the vendor's own words: Like a newspaper.")
    assert alone.summary == "Like a newspaper."


@pytest.mark.parametrize(
    "answer", [{"approved": False}, {"approved": True}, {"approved": True, "answers": []}]
)
async def test_without_an_answer_claude_is_told_to_choose_itself(answer: Answer):
    output = await answered(asked(STYLE), answer)

    assert output.is_error
    assert output.content.startswith("The vendor did not answer.")


async def test_a_refusal_in_words_reaches_claude():
    output = await answered(asked(STYLE), {"approved": False, "reason": "Leave the style."})

    assert output.is_error
    assert output.content.endswith("The vendor says: Leave the style.")


async def test_the_page_is_told_the_first_question_and_how_many_there_are():
    assert await waits().summary(asked(STYLE)) == "Which style?"
    assert await waits().summary(asked(STYLE, PAGES)) == "Which style? (and 1 more)"


async def test_two_options_with_one_label_are_refused():
    same = [Option(label="Yes"), Option(label="Yes", description="Really")]

    with pytest.raises(ToolError, match="same label"):
        await waits().summary(AskUser(questions=[Question(question="Sure?", options=same)]))


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [STYLE] * 5,
        [{**STYLE, "options": STYLE["options"][:1]}],
        [{**STYLE, "options": [{"label": str(n)} for n in range(9)]}],
        [{**STYLE, "question": ""}],
        [{**STYLE, "question": "x" * 501}],
        [{**STYLE, "options": [{"label": " "}, {"label": "a"}]}],
        [{**STYLE, "options": [{"label": "x" * 81}, {"label": "a"}]}],
        [{**STYLE, "options": [{"label": "a", "description": "x" * 301}, {"label": "b"}]}],
        [{**STYLE, "multiple": "yes"}],
        [{**STYLE, "more": 1}],
        "Which?",
    ],
)
async def test_a_call_of_another_shape_is_refused(questions: object):
    with pytest.raises(ToolError, match="does not fit"):
        await ask_user_tool().call({"questions": questions}, "call")


async def test_it_is_never_run_without_an_answer():
    with pytest.raises(ToolError, match="did not answer"):
        await ask_user_tool().call({"questions": [STYLE]}, "call")
