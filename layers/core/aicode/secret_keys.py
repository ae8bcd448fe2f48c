"""What looks like a key, a password of a machine or a token, whether or not a file holds it. Pure."""

import re
from itertools import pairwise

_KNOWN = re.compile(
    r"\bsk-(?=[\w-]*\d)[\w-]{16,}"  # Anthropic, OpenAI
    r"|\b[srp]k_(?:live|test)_\w{10,}"  # Stripe
    r"|\bA[KS]IA[0-9A-Z]{12,}"  # AWS
    r"|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}"
    r"|\bxox[a-z]-[\w-]{10,}"  # Slack
    r"|\bAIza[\w-]{30,}"  # Google
    r"|\bnpm_\w{30,}|\bhf_\w{30,}|\bexa_\w{16,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"  # SendGrid
    r"|\bwhsec_\w{16,}|\bsb_secret_\w{16,}|\bGOCSPX-[\w-]{16,}"  # webhooks, Supabase, Google's OAuth
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}"  # a JSON web token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_RANDOM = re.compile(r"[A-Za-z0-9+/_-]{32,}")
_DIGITS = 3
_CHANGES = 0.4


def known_keys(text: str) -> list[str]:
    """The parts of a text that begin as keys of well-known services do."""
    return [match[0] for match in _KNOWN.finditer(text)]


def random_keys(text: str) -> list[str]:
    """The parts of a text that are long and random.

    Hashes in hex, UUIDs, names of packages and words in camel case are not.
    """
    return [match[0] for match in _RANDOM.finditer(text) if _is_random(match[0])]


def _is_random(token: str) -> bool:
    """True if capitals, small letters and digits change more often than they do in words put together."""
    kinds = [_kind(char) for char in token]
    changes = sum(one != other for one, other in pairwise(kinds)) / len(kinds)
    return kinds.count("digit") >= _DIGITS and {"upper", "lower"} <= set(kinds) and changes >= _CHANGES


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    return "upper" if char.isupper() else "lower" if char.islower() else "sign"
