"""How the environment says what Claude is asked for."""

import pytest

from aicode.settings import Settings, SettingsError


def settings(**env: str) -> Settings:
    needed = {"UPSTASH_REDIS_REST_URL": "http://127.0.0.1", "ANTHROPIC_BASE_URL": "http://127.0.0.1"}
    return Settings.from_env({"AICODE_LOCAL": "1", **needed, **env})


def test_without_a_word_claude_is_asked_as_its_models_like_it():
    found = settings()

    assert (found.effort, found.thinking, found.max_output_tokens) == (None, "adaptive", 32_000)
    assert (found.fallback_model, found.title_model, found.prices) == (None, "claude-haiku-5-5", ())


def test_titles_can_be_done_without():
    assert settings(TITLE_MODEL="none").title_model is None


def test_prices_are_four_numbers_a_model():
    found = settings(PRICES='{"claude-sonnet-5-5": [2, 10, 0.2, 2.5], "mine": [0, 0, 0, 0]}')

    assert found.prices == (("claude-sonnet-5-5", (2.0, 10.0, 0.2, 2.5)), ("mine", (0.0, 0.0, 0.0, 0.0)))
    assert hash(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EFFORT", "heroic"),
        ("THINKING", "disabled"),
        ("MAX_OUTPUT_TOKENS", "0"),
        ("MAX_OUTPUT_TOKENS", "many"),
        ("MODEL_PATIENCE_SECONDS", "-1"),
        ("PRICES", "2,10"),
        ("PRICES", "[1]"),
        ("PRICES", '{"x": [1, 2, 3]}'),
        ("PRICES", '{"x": [1, 2, 3, "four"]}'),
        ("PRICES", '{"x": [1, 2, 3, -4]}'),
        ("PRICES", '{"x": 1}'),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_name(name: str, value: str):
    with pytest.raises(SettingsError, match=name):
        settings(**{name: value})
