"""The options of a request, which the deployment's settings decide.

Only options that current models accept are sent. They refuse thinking that is off or has a budget,
`temperature`, `top_p`, `top_k` and a forced `tool_choice`: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking

Tools are sent with `eager_input_streaming`. Without it a long input, such as the content of a file, comes in
one piece after a silence of up to minutes, which looks like a dead connection. With it an input may turn out
not to be JSON, but each input is parsed and validated anyway once it is complete.

Tools are not sent as `strict`. That would guarantee inputs that fit the schema, but then the API refuses
`minLength`, `minimum` and the like, which our schemas have, and compiles a grammar before the first answer.
Instead an input that does not fit gets an error result in plain words, and Claude asks again.
"""

from typing import Any, cast

from aicode.settings import Settings
from chat.agent.model.catalogue import ModelFacts, model_facts
from chat.agent.model.interface import Request


def with_options(request: Request, settings: Settings) -> Request:
    """The request with the deployment's output limit, thinking and effort; stable to the byte.

    An option is left out or lowered if the request's model does not accept it, as a fallback model may not.
    """
    facts = model_facts(str(request["model"]))
    max_tokens = min(settings.max_output_tokens, facts.max_output)
    options: Request = {"max_tokens": max_tokens, "thinking": _thinking(settings, facts)}
    if settings.effort:
        options["output_config"] = {"effort": settings.effort}
    tools = cast("list[dict[str, Any]]", request.get("tools", []))
    # A tool with a type is one that the API runs itself.
    eager = [tool if "type" in tool else {**tool, "eager_input_streaming": True} for tool in tools]
    return {**request, "tools": eager, **options}


def _thinking(settings: Settings, facts: ModelFacts) -> dict[str, str]:
    if settings.thinking == "between_tools" and "between_tools" in facts.thinking:
        return {"type": "between_tools"}
    # Without `display` the thinking of current models comes empty, and the page falls silent between tools.
    return {"type": "adaptive", "display": "summarized"}
