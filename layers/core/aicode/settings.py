"""The environment, read once: every variable of the product with its default and its limits."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from aicode.errors import AICodeError
from aicode.surroundings import is_trusted, is_url, refused_in_aws, shares_site

DEVELOPMENT_JWT_SECRET = "development-only-secret-never-use-in-the-cloud"  # noqa: S105 - public by design, refused in AWS


Effort = Literal["low", "medium", "high", "xhigh", "max"]
CacheTtl = Literal["5m", "1h"]
ThinkingMode = Literal["adaptive", "between_tools"]
# US dollars per million tokens: input, output, cache read, cache write.
Prices = tuple[float, float, float, float]
CACHE_TTLS = ("5m", "1h")
EFFORTS = ("low", "medium", "high", "xhigh", "max")
THINKING_MODES = ("adaptive", "between_tools")
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
# What means itself wherever it is written: in a URL, in a route's pattern, in a proxy's rule.
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


class SettingsError(AICodeError):
    """The environment does not let this function start; the message is one line saying why."""


def missing(name: str) -> SettingsError:
    """The error of a function that cannot run without this variable."""
    return SettingsError(f"{name} is not set (environment, or the secret of SECRETS_ARN).")


def check_surroundings(env: Mapping[str, str]) -> None:
    """Raises SettingsError where a deployed function finds what it must not find."""
    reason = refused_in_aws(env)
    if reason is not None:
        raise SettingsError(reason)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # half of it is secret
class Settings:
    """Everything a function is told from outside. Durations are seconds unless the name says more."""

    local: bool
    base_path: str
    apps_path: str
    anthropic_api_key: str | None
    anthropic_base_url: str | None
    model: str
    fallback_model: str | None
    title_model: str | None
    summary_model: str
    compact_at_tokens: int
    cache_ttl: CacheTtl
    effort: Effort | None
    thinking: ThinkingMode
    max_output_tokens: int
    prices: tuple[tuple[str, Prices], ...]
    redis_url: str
    redis_token: str
    exa_api_key: str | None
    exa_base_url: str
    apps_table: str | None
    files_bucket: str | None
    aws_endpoint_url: str | None
    data_dir: str
    build_function: str
    git_function: str
    wake_ups_queue: str | None
    sites_domain: str | None
    sites_bucket: str | None
    sites_key_value_store: str | None
    sites_port: int
    git_token_key: str | None
    jwt_secret: str | None
    jwks_url: str | None
    jwt_issuer: str | None
    jwt_audience: str
    public_origins: frozenset[str]
    allowed_origins: frozenset[str]
    origin_secret: str | None
    session_ttl: int
    rate_limit_per_minute: int
    write_limit_per_minute: int
    read_limit_per_minute: int
    max_apps: int
    max_history_bytes: int
    max_readers: int
    max_concurrent_turns: int
    daily_token_budget: int
    max_steps: int
    searches_per_turn: int
    searches_per_day: int
    model_idle_timeout: float
    model_patience: float
    tool_timeout: float
    turn_lease: float
    handover_reserve: float
    chat_function: str
    otlp_endpoint: str | None
    otlp_headers: tuple[tuple[str, str], ...]
    sentry_dsn: str | None

    @staticmethod
    def from_env(env: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this process. Raises SettingsError with one clear line where it cannot run."""
        env = os.environ if env is None else env
        check_surroundings(env)
        source = _Environment(env)
        settings = Settings(
            local=source.local,
            base_path=source.path("BASE_PATH", "/api/vendor/ai-chat-v2"),
            apps_path="/api/vendor/apps",
            anthropic_api_key=source.optional_beside("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
            anthropic_base_url=source.url("ANTHROPIC_BASE_URL"),
            model=source.text("MODEL", "claude-sonnet-5-5"),
            fallback_model=source.optional("FALLBACK_MODEL"),
            summary_model=source.text("SUMMARY_MODEL", "claude-haiku-5-5"),
            compact_at_tokens=source.integer("COMPACT_AT_TOKENS", 150_000, least=1_000),
            cache_ttl=cast("CacheTtl", source.one_of("CACHE_TTL", CACHE_TTLS) or "5m"),
            title_model=source.unless_none("TITLE_MODEL", "claude-haiku-5-5"),
            effort=cast("Effort | None", source.one_of("EFFORT", EFFORTS)),
            thinking=cast("ThinkingMode", source.one_of("THINKING", THINKING_MODES) or "adaptive"),
            max_output_tokens=source.integer("MAX_OUTPUT_TOKENS", 32_000, least=1),
            prices=source.prices("PRICES"),
            redis_url=source.url("UPSTASH_REDIS_REST_URL") or source.required("UPSTASH_REDIS_REST_URL"),
            redis_token=source.optional_beside("UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL")
            or source.required("UPSTASH_REDIS_REST_TOKEN"),
            exa_api_key=source.optional_beside("EXA_API_KEY", "EXA_BASE_URL"),
            exa_base_url=source.url("EXA_BASE_URL") or "https://api.exa.ai",
            apps_table=source.optional("APPS_TABLE"),
            files_bucket=source.optional("FILES_BUCKET"),
            aws_endpoint_url=source.url("AWS_ENDPOINT_URL"),
            data_dir=source.text("DATA_DIR", ".data"),
            build_function=source.text("BUILD_FUNCTION", "build"),
            git_function=source.text("GIT_FUNCTION", "git"),
            wake_ups_queue=source.url("WAKE_UPS_QUEUE"),
            sites_domain=source.optional("SITES_DOMAIN"),
            sites_bucket=source.optional("SITES_BUCKET"),
            sites_key_value_store=source.optional("SITES_KEY_VALUE_STORE"),
            sites_port=source.integer(
                "SITES_PORT", source.integer("PORT", 3000, least=0) + 1 if source.local else 1, least=1
            ),
            git_token_key=source.optional("GIT_TOKEN_KEY"),
            jwt_secret=source.jwt_secret(),
            jwks_url=source.optional("VENDOR_JWKS_URL"),
            jwt_issuer=source.optional("VENDOR_JWT_ISSUER"),
            jwt_audience=source.text("VENDOR_JWT_AUDIENCE", "aicode"),
            public_origins=source.public_origins(),
            allowed_origins=source.allowed_origins(),
            origin_secret=source.optional("ORIGIN_SECRET"),
            session_ttl=source.integer("SESSION_TTL_SECONDS", 86400, least=1),
            rate_limit_per_minute=source.integer("RATE_LIMIT_PER_MINUTE", 30, least=1),
            write_limit_per_minute=source.integer("WRITE_LIMIT_PER_MINUTE", 300, least=1),
            read_limit_per_minute=source.integer("READ_LIMIT_PER_MINUTE", 1_500, least=1),
            max_apps=source.integer("MAX_APPS", 100, least=1),
            max_history_bytes=source.integer("MAX_HISTORY_BYTES", 500_000_000, least=1_000_000),
            max_readers=source.integer("MAX_READERS", 10, least=1),
            max_concurrent_turns=source.integer("MAX_CONCURRENT_TURNS", 3, least=1),
            daily_token_budget=source.integer("DAILY_TOKEN_BUDGET", 2_000_000, least=0),
            max_steps=source.integer("MAX_STEPS", 25, least=1),
            searches_per_turn=source.integer("SEARCHES_PER_TURN", 8, least=1),
            searches_per_day=source.integer("SEARCHES_PER_DAY", 200, least=1),
            model_idle_timeout=source.number("MODEL_IDLE_TIMEOUT_SECONDS", 45),
            model_patience=source.number("MODEL_PATIENCE_SECONDS", 45),
            tool_timeout=source.number("TOOL_TIMEOUT_SECONDS", 15),
            turn_lease=source.number("TURN_LEASE_SECONDS", 30),
            handover_reserve=source.number("HANDOVER_RESERVE_SECONDS", 20),
            chat_function=source.text("CHAT_FUNCTION", "chat"),
            # A collector that is an extension of the function listens beside it.
            otlp_endpoint=source.url("OTEL_EXPORTER_OTLP_ENDPOINT", or_here=True),
            otlp_headers=source.headers("OTEL_EXPORTER_OTLP_HEADERS"),
            sentry_dsn=source.url("SENTRY_DSN"),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raises SettingsError where the settings contradict each other or are unsafe in the cloud."""
        if bool(self.jwt_secret) == bool(self.jwks_url):
            raise SettingsError("Set exactly one of VENDOR_JWT_SECRET and VENDOR_JWKS_URL.")
        if f"{self.base_path}/".startswith(f"{self.apps_path}/"):
            raise SettingsError(f"BASE_PATH must not be inside {self.apps_path}.")
        if self.jwks_url and not is_trusted(self.jwks_url):
            raise SettingsError("VENDOR_JWKS_URL must be https (http only on this machine).")
        if self.jwt_secret and len(self.jwt_secret.encode()) < 32 and not self.local:
            raise SettingsError("VENDOR_JWT_SECRET must be at least 32 bytes long.")
        if not self.local and self.jwt_secret == DEVELOPMENT_JWT_SECRET:
            raise SettingsError("VENDOR_JWT_SECRET is the public development secret.")
        if self.sites_domain and any(
            shares_site(self.sites_domain, urlsplit(origin).hostname or "") for origin in self.public_origins
        ):
            raise SettingsError("SITES_DOMAIN must share no registrable domain with PUBLIC_ORIGIN.")
        if bool(self.apps_table) != bool(self.files_bucket) or not (self.local or self.apps_table):
            raise SettingsError("APPS_TABLE and FILES_BUCKET are required, both or (locally) neither.")


class _Environment:
    """Typed reading of one environment; an empty value counts as not set."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.local = env.get("AICODE_LOCAL") == "1"

    def optional(self, name: str) -> str | None:
        return self._env.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            raise missing(name)
        return value

    def url(self, name: str, *, or_here: bool = False) -> str | None:
        """The address of a service: https, locally http too, and with `or_here` http from this machine."""
        value = self.optional(name)
        if value is None or is_url(value, "https") or (or_here and is_trusted(value)):
            return value
        if not self.local:
            here = " (http only on this machine)" if or_here else ""
            raise SettingsError(f"{name} must be https{here}, with a host.")
        if not is_url(value, "http"):
            raise SettingsError(f"{name} must be a URL that begins with https:// or http://.")
        return value

    def headers(self, name: str) -> tuple[tuple[str, str], ...]:
        """Headers as OpenTelemetry writes them: `name=value`, comma-separated, the value percent-encoded."""
        pairs = [item.partition("=") for item in self.text(name, "").split(",") if item.strip()]
        headers = tuple((key.strip().lower(), unquote(value.strip())) for key, _, value in pairs)
        # What HTTP allows in them; the value is a secret, so the message does not quote it.
        if not all(_HEADER_NAME.fullmatch(key) and _HEADER_VALUE.fullmatch(value) for key, value in headers):
            raise SettingsError(f"{name} must be made of headers such as api-key=the-key.")
        return headers

    def path(self, name: str, default: str) -> str:
        value = self.text(name, default).removesuffix("/")
        if not _PATH.fullmatch(value):
            raise SettingsError(f"{name} must be a path such as /api/chat: letters, digits, - _ . and ~.")
        return value

    def number(self, name: str, default: float) -> float:
        try:
            value = float(self.text(name, str(default)))
        except ValueError as error:
            raise SettingsError(f"{name} must be a number.") from error
        if not 0 < value < 1e9:
            raise SettingsError(f"{name} must be more than 0.")
        return value

    def integer(self, name: str, default: int, *, least: int) -> int:
        try:
            value = int(self.text(name, str(default)))
        except ValueError as error:
            raise SettingsError(f"{name} must be a whole number.") from error
        if value < least:
            raise SettingsError(f"{name} must be at least {least}.")
        return value

    def unless_none(self, name: str, default: str) -> str | None:
        """The value; None where it says `none`."""
        value = self.text(name, default)
        return None if value.lower() == "none" else value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.optional(name)
        if value is not None and value not in allowed:
            raise SettingsError(f"{name} must be one of {', '.join(allowed)}.")
        return value

    def prices(self, name: str) -> tuple[tuple[str, Prices], ...]:
        """Prices by model, from a JSON object of four numbers each."""
        try:
            table: object = json.loads(self.text(name, "{}"))
            rows = cast("dict[str, list[float]]", table).items()
            return tuple((model, _prices(row)) for model, row in rows)
        except (ValueError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"{name} must be a JSON object: model to [input, output, cache read, cache write]."
            ) from error

    def optional_beside(self, name: str, url_name: str) -> str | None:
        """The key; locally a placeholder where only the base URL beside it is set."""
        if self.local and self.optional(name) is None and self.optional(url_name):
            return "placeholder"
        return self.optional(name)

    def jwt_secret(self) -> str | None:
        secret = self.optional("VENDOR_JWT_SECRET")
        if secret is None and self.local and self.optional("VENDOR_JWKS_URL") is None:
            return DEVELOPMENT_JWT_SECRET
        return secret

    def public_origins(self) -> frozenset[str]:
        """The page's own origins: PUBLIC_ORIGIN, else this machine's."""
        own = self._origins("PUBLIC_ORIGIN")
        if not own and self.local:
            port = self.text("PORT", "3000")
            own = [f"http://localhost:{port}", f"http://127.0.0.1:{port}"]
        return frozenset(own)

    def allowed_origins(self) -> frozenset[str]:
        """Origins that may call with the cookie: the page's own and ALLOWED_ORIGINS."""
        return self.public_origins() | frozenset(self._origins("ALLOWED_ORIGINS"))

    def _origins(self, name: str) -> list[str]:
        """The variable's origins as browsers write them, the host in lower case."""
        items = [item.strip().removesuffix("/").lower() for item in self.text(name, "").split(",")]
        origins = [item for item in items if item]
        if not all(is_url(origin) and origin.count("/") == 2 for origin in origins):
            raise SettingsError(f"{name} must be made of origins such as https://code.example.com.")
        return origins


def _prices(row: list[float]) -> Prices:
    given, output, read, write = (float(price) for price in row)
    if not all(0 <= price < 1e6 for price in (given, output, read, write)):
        raise ValueError
    return given, output, read, write
