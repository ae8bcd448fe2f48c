"""What tokens cost, in US dollars per million: input, output, cache read, cache write (five minutes).

From the model overview pages of Claude's documentation, November 2026; cache reads cost a tenth of input and
writes a quarter more, where a page names no price of its own.
"""

from collections.abc import Iterable

from aicode.events import Usage
from aicode.settings import Prices

_PRICES: dict[str, Prices] = {
    "claude-opus-5-5": (4.0, 20.0, 0.20, 5.0),
    "claude-sonnet-5-5": (2.0, 10.0, 0.20, 2.5),
    "claude-haiku-5-5": (0.10, 0.50, 0.01, 0.125),
    "claude-fable-5-1": (10.0, 50.0, 1.0, 12.5),
}


def cost_usd(model: str, usage: Usage, overrides: Iterable[tuple[str, Prices]] = ()) -> float:
    """The price of these tokens; `overrides` come before the table; 0 where a model's price is not known."""
    prices = dict(overrides).get(model) or _PRICES.get(model)
    if prices is None:
        return 0.0
    counts = (
        usage["inputTokens"],
        usage["outputTokens"],
        usage["cacheReadTokens"],
        usage["cacheWriteTokens"],
    )
    return round(sum(count * price for count, price in zip(counts, prices, strict=True)) / 1e6, 8)
