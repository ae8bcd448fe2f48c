"""Texts for the tests of the stores."""

import random


def noise(seed: int, size: int) -> str:
    """Text that does not compress well."""
    return random.Random(seed).randbytes(size // 2).hex()  # noqa: S311 - the same text in every run
