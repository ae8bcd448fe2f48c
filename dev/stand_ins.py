"""What the local stack is told: the environment, .env.local, and which parts stand in for real services."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from aicode.settings import Settings, SettingsError

# The variables of the product. SECRETS_ARN and SETTINGS_PARAMETER are only for AWS.
NAMES = (
    "PORT",
    "SITES_PORT",
    "DATA_DIR",
    "BASE_PATH",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "MODEL",
    "FALLBACK_MODEL",
    "TITLE_MODEL",
    "SUMMARY_MODEL",
    "COMPACT_AT_TOKENS",
    "CACHE_TTL",
    "EFFORT",
    "THINKING",
    "MAX_OUTPUT_TOKENS",
    "PRICES",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "EXA_API_KEY",
    "EXA_BASE_URL",
    "APPS_TABLE",
    "FILES_BUCKET",
    "AWS_ENDPOINT_URL",
    "GIT_TOKEN_KEY",
    "VENDOR_JWT_SECRET",
    "VENDOR_JWKS_URL",
    "VENDOR_JWT_ISSUER",
    "VENDOR_JWT_AUDIENCE",
    "PUBLIC_ORIGIN",
    "ALLOWED_ORIGINS",
    "SESSION_TTL_SECONDS",
    "RATE_LIMIT_PER_MINUTE",
    "WRITE_LIMIT_PER_MINUTE",
    "READ_LIMIT_PER_MINUTE",
    "MAX_APPS",
    "MAX_HISTORY_BYTES",
    "MAX_READERS",
    "MAX_CONCURRENT_TURNS",
    "DAILY_TOKEN_BUDGET",
    "MAX_STEPS",
    "SEARCHES_PER_TURN",
    "SEARCHES_PER_DAY",
    "MODEL_IDLE_TIMEOUT_SECONDS",
    "MODEL_PATIENCE_SECONDS",
    "TOOL_TIMEOUT_SECONDS",
    "TURN_LEASE_SECONDS",
    "FUNCTION_TIMEOUT_SECONDS",
    "HANDOVER_RESERVE_SECONDS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "SENTRY_DSN",
)
# What a developer's machine needs to reach the real services: proxies, certificates, AWS credentials.
_MACHINE = (
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORT = "3000"
DATA_DIR = ".data"
ENV_FILE = ".env.local"
# Of template.yaml's ChatTimeoutSeconds.
LONGEST_TIMEOUT_SECONDS = 1800


def read(root: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The variables that are set: those of `env`, and below them those of .env.local in `root`.

    An empty value counts as not set, so that a line of the example may be left as it is. Raises SettingsError
    for a file that is no text.
    """
    try:
        from_file = dotenv_values(root / ENV_FILE, interpolate=False)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{ENV_FILE} must be a text in UTF-8.") from error
    merged = {**{name: value for name, value in from_file.items() if value}, **_set(env)}
    return {name: merged[name] for name in (*NAMES, *_MACHINE) if name in merged}


def _set(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if value.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """Which services run on this machine in place of the real ones."""

    model: bool
    redis: bool
    search: bool
    store: bool

    @staticmethod
    def of(variables: Mapping[str, str]) -> "StandIns":
        """The stand-ins that these variables leave room for."""
        model = not {"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"} & variables.keys()
        return StandIns(
            model=model,
            redis="UPSTASH_REDIS_REST_URL" not in variables,
            # Demo pages are for the demo model: a real one would take them for the world.
            search=model and not {"EXA_API_KEY", "EXA_BASE_URL"} & variables.keys(),
            store="APPS_TABLE" not in variables,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """An emulator of AWS on this machine, such as moto's server, that keeps apps and files."""

    url: str
    table: str
    bucket: str


def emulator(variables: Mapping[str, str]) -> Emulator | None:
    """The emulator that the variables name, if they name one; its bucket may go without a name."""
    url, table = variables.get("AWS_ENDPOINT_URL", ""), variables.get("APPS_TABLE")
    if table is None or urlsplit(url).hostname not in _LOOPBACK:
        return None
    return Emulator(url=url, table=table, bucket=variables.get("FILES_BUCKET", "aicode-files"))


def port(variables: Mapping[str, str]) -> int:
    """The port to listen on; raises SettingsError where it is none."""
    return _port("PORT", variables.get("PORT", PORT))


def sites_port(variables: Mapping[str, str]) -> int:
    """The port of published apps, the one after PORT unless SITES_PORT is set; 0 where PORT is 0.

    Raises SettingsError where it is none.
    """
    own = port(variables)
    return _port("SITES_PORT", variables.get("SITES_PORT", str(own + 1 if own else 0)))


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdecimal() or not 0 <= int(value) < 65536:
        raise SettingsError(f"{name} must be a number from 1 to 65535.")
    return int(value)


def public_hosts(variables: Mapping[str, str]) -> set[str]:
    """The name in PUBLIC_ORIGIN, by which a proxy in front of the stack may call it."""
    host = urlsplit(variables.get("PUBLIC_ORIGIN", "")).hostname
    return {host} if host else set()


def data_dir(root: Path, variables: Mapping[str, str]) -> Path:
    """The absolute folder of what survives a restart."""
    return Path(os.path.normpath(root / variables.get("DATA_DIR", DATA_DIR)))


def parameters(variables: Mapping[str, str]) -> dict[str, str]:
    """The parameters of template.yaml that the variables set; raises SettingsError for no time limit."""
    limit = variables.get("FUNCTION_TIMEOUT_SECONDS")
    if limit is None:
        return {}
    try:
        seconds = float(limit)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_TIMEOUT_SECONDS:
        raise SettingsError(
            f"FUNCTION_TIMEOUT_SECONDS must be a number up to {LONGEST_TIMEOUT_SECONDS}, as in AWS."
        )
    return {"ChatTimeoutSeconds": limit}


def local_settings(variables: Mapping[str, str]) -> Settings:
    """The settings as a function on this machine has them, with placeholders for what runs beside it."""
    placeholders = {
        "UPSTASH_REDIS_REST_URL": "http://127.0.0.1",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1",
    }
    if emulated := emulator(variables):
        placeholders["FILES_BUCKET"] = emulated.bucket
    return Settings.from_env({**placeholders, **variables, "AICODE_LOCAL": "1"})
