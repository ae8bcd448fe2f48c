"""How Claude is asked to answer: the parts of a request that the deployment's settings decide.

Only what current models take: thinking that is off or has a budget, `temperature`, `top_p`, `top_k` and a
forced `tool_choice` are each refused. https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking

Tools are sent with `eager_input_streaming`: otherwise a long input, such as the content of a file, comes in
one piece after a silence that can last minutes, which cannot be told from a dead connection. Its price, input
that may turn out to be no JSON, is nothing new here: a call is parsed and validated once it is complete.

Tools are not sent as `strict`. It would guarantee inputs that fit the schema, but the API then refuses
`minLength`, `minimum` and the like, which our schemas have, and compiles a grammar before the first answer;
an input that does not fit is told to Claude in plain words, and it asks again.
"""

from typing import Any, cast

from aicode.settings import Settings
from chat.agent.model.catalogue import ModelFacts, model_facts
from chat.agent.model.interface import Request


def with_options(request: Request, settings: Settings) -> Request:
    """The request with the deployment's output limit, thinking and effort; stable to the byte.

    What its model does not take is left at what it does: a fallback may take less than the model it replaces.
    """
    facts = model_facts(str(request["model"]))
    max_tokens = min(settings.max_output_tokens, facts.max_output)
    options: Request = {"max_tokens": max_tokens, "thinking": _thinking(settings, facts)}
    if settings.effort:
        options["output_config"] = {"effort": settings.effort}
    tools = cast("list[dict[str, Any]]", request.get("tools", []))
    eager = [{**tool, "eager_input_streaming": True} for tool in tools]
    return {**request, "tools": eager, **options}


def _thinking(settings: Settings, facts: ModelFacts) -> dict[str, str]:
    if settings.thinking == "between_tools" and "between_tools" in facts.thinking:
        return {"type": "between_tools"}
    # Without `display` the thinking of current models comes empty, and the page falls silent between tools.
    return {"type": "adaptive", "display": "summarized"}
