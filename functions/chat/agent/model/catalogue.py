"""What tokens cost, in US dollars per million: input, output, cache read, cache write (five minutes).

From the model overview pages of Claude's documentation, November 2026; cache reads cost a tenth of input and
writes a quarter more, where a page names no price of its own. Writes that are kept for an hour cost twice the
input: https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
"""

from collections.abc import Iterable

from aicode.api_types import Usage
from aicode.settings import Prices

HOUR_WRITE = 2

_PRICES: dict[str, Prices] = {
    "claude-opus-5-5": (4.0, 20.0, 0.20, 5.0),
    "claude-sonnet-5-5": (2.0, 10.0, 0.20, 2.5),
    "claude-haiku-5-5": (0.10, 0.50, 0.01, 0.125),
    "claude-fable-5-1": (10.0, 50.0, 1.0, 12.5),
}


def cost_usd(
    model: str, usage: Usage, overrides: Iterable[tuple[str, Prices]] = (), *, hour_writes: int = 0
) -> float:
    """The price of these tokens; `overrides` come before the table; 0 where a model's price is not known.

    `hour_writes` are those of the cache writes that are kept for an hour.
    """
    prices = dict(overrides).get(model) or _PRICES.get(model)
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
