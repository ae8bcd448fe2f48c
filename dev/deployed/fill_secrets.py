"""`make secrets STACK=ai-code`: fills the secrets that the functions of a deployed stack are told by.

A value comes from the environment or .env.local; one that is not there stays as it is in the secret, and is
asked for where the secret has none. Values are never shown.
"""

import getpass
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aicode.settings import Settings, SettingsError
from dev import stand_ins
from dev.deployed import stack
from dev.deployed.stack import DeployedStack, NotDone

NEEDED = ("ANTHROPIC_API_KEY", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")
OPTIONAL = ("EXA_API_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "SENTRY_DSN")
SIGNS_TOKENS = "VENDOR_JWT_SECRET"
# What the session and apps functions have no use for.
CHAT_ALONE = frozenset({"ANTHROPIC_API_KEY", "EXA_API_KEY"})

Values = dict[str, str]
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The stack's secrets, and whether vendor tokens are verified by a key set rather than by a secret."""

    chat_secret: str
    api_secret: str
    has_key_set: bool


def find(found: DeployedStack) -> Secrets:
    """Where the stack's secrets are. Raises NotDone if it has none."""
    outputs, parameters = found.outputs, found.parameters
    try:
        return Secrets(
            chat_secret=outputs["ChatSecret"],
            api_secret=outputs["ApiSecret"],
            has_key_set=parameters.get("SignIn") == "cognito" or bool(parameters.get("VendorJwksUrl")),
        )
    except KeyError:
        raise NotDone(f"The stack {found.name} has no secrets: is it this product, fully deployed?") from None


def fill(manager: Any, deployed: Secrets, given: Mapping[str, str], ask: Ask) -> list[str]:
    """Writes what has changed, by a client of Secrets Manager; lines that say what, by name.

    Raises SettingsError, before anything is written, where a value is missing or would be refused.
    """
    held = {arn: _held(manager, arn) for arn in (deployed.chat_secret, deployed.api_secret)}
    chat, api = (_filled(values) for values in held.values())
    chosen = _chosen(deployed, {**api, **chat}, given, ask)
    _check(deployed, {**chat, **chosen})
    lines: list[str] = []
    for whom, arn, without in (
        ("the chat function", deployed.chat_secret, frozenset[str]()),
        ("session and apps", deployed.api_secret, CHAT_ALONE),
    ):
        own = {name: value for name, value in chosen.items() if name not in without}
        changed = sorted(name for name, value in own.items() if held[arn].get(name, "") != value)
        if changed:
            manager.put_secret_value(SecretId=arn, SecretString=json.dumps({**held[arn], **own}))
            lines.append(f"Changed for {whom}: {', '.join(changed)}.")
    return lines


def _held(manager: Any, arn: str) -> Values:
    return json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])


def _filled(values: Values) -> Values:
    return {name: value for name, value in values.items() if value.strip()}


def _chosen(deployed: Secrets, known: Mapping[str, str], given: Mapping[str, str], ask: Ask) -> Values:
    chosen: Values = {}
    for name in (*NEEDED, *OPTIONAL):
        hint = "" if name in NEEDED else " (Enter = none)"
        chosen[name] = given.get(name) or known.get(name) or ask(f"{name}{hint}: ").strip()
        if name in NEEDED and not chosen[name]:
            raise SettingsError(f"{name} is needed: set it in {stand_ins.ENV_FILE}, or answer when asked.")
    chosen[SIGNS_TOKENS] = ""
    if not deployed.has_key_set:
        asked = given.get(SIGNS_TOKENS) or known.get(SIGNS_TOKENS)
        asked = asked or ask(f"{SIGNS_TOKENS} (Enter = a new one is made): ").strip()
        chosen[SIGNS_TOKENS] = asked or secrets.token_urlsafe(48)
    return chosen


def _check(deployed: Secrets, values: Mapping[str, str]) -> None:
    """Raises SettingsError for what the functions would refuse."""
    rest = {"APPS_TABLE": "apps", "FILES_BUCKET": "files"}
    if deployed.has_key_set:
        rest["VENDOR_JWKS_URL"] = "https://keys.example.com"
    Settings.from_env({**values, **rest})


def _asked(question: str) -> str:
    """The answer, which the terminal does not show; nothing where nobody can answer."""
    return getpass.getpass(question) if sys.stdin.isatty() else ""


def main(arguments: Sequence[str]) -> str | None:
    """Fills the secrets of the stack that is named; the returned line says why it could not."""
    name = "".join(arguments)
    if not name:
        return "Name the stack: make secrets STACK=ai-code"
    try:
        given = stand_ins.read(Path.cwd(), os.environ)
        with stack.in_one_line():
            session = stack.session()
            deployed = find(stack.look_up(session.client("cloudformation"), name))
            lines = fill(session.client("secretsmanager"), deployed, given, _asked)
    except (NotDone, SettingsError) as error:
        return str(error)
    takes = "The functions take it up within five minutes." if lines else "Nothing has changed."
    sys.stdout.write("\n".join([*lines, takes, ""]))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
