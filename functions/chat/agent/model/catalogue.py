"""The one table of models: their prices, their limits, and the modes of thinking that they accept.

From the model overview pages of Claude's documentation, November 2026. Cache reads cost a tenth of the input
price and cache writes a quarter more than it, unless a page names another price. Cache writes that are kept
for an hour cost twice the input price: https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aicode.api_types import Usage
from aicode.settings import Prices, ThinkingMode

HOUR_WRITE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The facts about one model.

    `prices` are US dollars per million tokens: input, output, cache read, cache write (five minutes).
    `window` and `max_output` are in tokens; `thinking` are the modes that the API accepts for it.
    """

    prices: Prices | None = None
    window: int = 1_000_000
    max_output: int = 128_000
    thinking: tuple[ThinkingMode, ...] = ("adaptive",)


MODELS: Mapping[str, ModelFacts] = {
    "claude-opus-5-5": ModelFacts(prices=(4.0, 20.0, 0.20, 5.0)),
    "claude-sonnet-5-5": ModelFacts(prices=(2.0, 10.0, 0.20, 2.5), thinking=("adaptive", "between_tools")),
    "claude-haiku-5-5": ModelFacts(prices=(0.10, 0.50, 0.01, 0.125)),
    "claude-fable-5-1": ModelFacts(prices=(10.0, 50.0, 1.0, 12.5)),
}
_UNKNOWN = ModelFacts(window=200_000, thinking=("adaptive", "between_tools"))


def model_facts(model: str) -> ModelFacts:
    """The facts about a model. An unknown one gets cautious values, and no prices."""
    return MODELS.get(model, _UNKNOWN)


def cost_usd(
    model: str, usage: Usage, overrides: Iterable[tuple[str, Prices]] = (), *, hour_writes: int = 0
) -> float:
    """The price of these tokens in US dollars; 0 if the model's prices are not known.

    `overrides` win over the table. `hour_writes` is how many of the cache writes are kept for an hour.
    """
    prices = dict(overrides).get(model) or model_facts(model).prices
    if prices is None:
        return 0.0
    given, output, read, write = prices
    millionths = (
        usage["inputTokens"] * given
        + usage["outputTokens"] * output
        + usage["cacheReadTokens"] * read
        + (usage["cacheWriteTokens"] - hour_writes) * write
        + hour_writes * HOUR_WRITE * given
    )
    return round(millionths / 1e6, 8)
