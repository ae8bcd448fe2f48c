"""The functions that run on one machine are those of template.yaml."""

from collections.abc import Mapping

from dev import composition, stand_ins, template
from dev.function_url import Function

TEMPLATE = template.read_template()


def functions(known: Mapping[str, str]) -> dict[str, Function]:
    parameters = {**template.parameters(TEMPLATE), **stand_ins.parameters(known)}
    return {function.name: function for function in composition.functions(TEMPLATE, parameters, dict(known))}


def test_those_that_are_called_run_with_their_handlers_limits_and_ways_to_answer() -> None:
    local = {
        name: (function.handler, function.timeout_seconds, function.memory_mb, function.streaming)
        for name, function in functions({}).items()
    }

    assert local == {
        "chat": ("chat.app.handler", 900, 1024, True),
        "session": ("session.app.handler", 30, 512, False),
        "apps": ("apps.app.handler", 60, 512, True),
        "build": ("build.app.handler", 30, 1769, False),
        "git": ("git.app.handler", 120, 1024, True),
    }


def test_they_have_the_variables_that_have_a_value_without_aws() -> None:
    environment = functions({})["session"].environment

    assert environment["BASE_PATH"] == "/api/vendor/ai-chat-v2"
    assert environment["MODEL"] == TEMPLATE["Parameters"]["Model"]["Default"]
    assert not {"APPS_TABLE", "SECRETS_ARN", "ORIGIN_SECRET", "ANTHROPIC_API_KEY"} & environment.keys()


def test_what_is_set_here_wins_over_the_template() -> None:
    environment = functions({"MODEL": "another", "VENDOR_JWT_SECRET": "secret"})["chat"].environment

    assert environment["MODEL"] == "another"
    assert environment["VENDOR_JWT_SECRET"] == "secret"


def test_the_chat_function_alone_has_another_time_limit_where_one_is_set() -> None:
    limits = {
        name: each.timeout_seconds for name, each in functions({"FUNCTION_TIMEOUT_SECONDS": "1800"}).items()
    }

    assert limits == {"chat": 1800, "session": 30, "apps": 60, "build": 30, "git": 120}
