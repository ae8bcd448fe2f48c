"""Which addresses are safe to call, and what a deployed function must not find in its environment."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# Lambda keeps this name for itself, so that there nobody can set it to anything else.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_TASK_ROOT = ("LAMBDA_TASK_ROOT", "/var/task")
# Each makes a library or the interpreter write down messages, tokens, stacks or the keys of connections.
_TALKATIVE = (
    "ANTHROPIC_LOG",
    "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE",
    "POWERTOOLS_DEBUG",
    "POWERTOOLS_DEV",
    "POWERTOOLS_LOGGER_LOG_EVENT",
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "SENTRY_DEBUG",
    "SENTRY_SPOTLIGHT",
    "SSLKEYLOGFILE",
)
_OFF = frozenset({"", "0", "false", "no", "off", "n", "f"})


def refused_in_aws(env: Mapping[str, str]) -> str | None:
    """One line that names what must not be set where Lambda runs the function; None if there is nothing."""
    name, value = _TASK_ROOT
    if env.get(name, "").rstrip("/") != value:
        return None
    if env.get("AICODE_LOCAL", "").strip():
        return "AICODE_LOCAL must not be set in AWS: it is for the local stack."
    for name in _TALKATIVE:
        if env.get(name, "").strip().lower() not in _OFF:
            return f"{name} must not be set in AWS: it makes logs tell what vendors write, or keys."
    for name in sorted(env):
        url = env[name].strip()
        if name.startswith("AWS_ENDPOINT_URL") and url and not url.startswith("https://"):
            return f"{name} must be https in AWS."
    collector = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    if collector and not is_trusted(collector):
        return "OTEL_EXPORTER_OTLP_ENDPOINT must be https (http only on this machine)."
    return None


def is_url(text: str, *schemes: str) -> bool:
    """True if it names a host, by one of the schemes, or by any where none is given."""
    try:
        parts = urlsplit(text)
        named = bool(parts.scheme and parts.hostname) and parts.port != 0
    except ValueError:
        return False  # brackets or a port that are none
    return named and (not schemes or parts.scheme in schemes)


def is_trusted(url: str) -> bool:
    """True if nobody on the way can read or change what goes to the URL and comes from it."""
    if not is_url(url):
        return False
    parts = urlsplit(url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)


# Below these, as in `co.uk`, everybody may register a name.
_SHARED_LABELS = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})


def shares_site(one: str, other: str) -> bool:
    """True if two hosts belong to one registrable domain, so that they can share cookies.

    Of the public suffixes those are known that all have one label, or two as in `co.uk`.
    https://developer.mozilla.org/en-US/docs/Glossary/Site
    """
    return _registrable(one) == _registrable(other)


def _registrable(host: str) -> list[str]:
    labels = host.lower().rstrip(".").split(".")
    is_shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_LABELS
    return labels[-3:] if is_shared else labels[-2:]
