"""The environment: defaults, limits, and refusals of one line that never tell a secret."""

import pytest

from aicode.secrets import Kept
from aicode.settings import DEVELOPMENT_JWT_SECRET, Settings, SettingsError

LOCAL = {"AICODE_LOCAL": "1", "ANTHROPIC_API_KEY": "sk-1", "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9"}
CLOUD = {
    "ANTHROPIC_API_KEY": "sk-secret-1",
    "UPSTASH_REDIS_REST_URL": "https://eu1-secret.upstash.io",
    "UPSTASH_REDIS_REST_TOKEN": "redis-secret-1",
    "VENDOR_JWT_SECRET": "jwt-secret-" + "that-is-more-than-32-bytes-long",
    "APPS_TABLE": "apps",
    "FILES_BUCKET": "files",
}


def refusal(env: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    return str(caught.value)


def test_settings_that_are_printed_tell_nothing():
    printed = f"{Settings.from_env(CLOUD)!r} {Settings.from_env(CLOUD)}"

    assert [value for value in CLOUD.values() if "secret" in value and value in printed] == []


def test_a_laptop_needs_almost_nothing():
    settings = Settings.from_env(LOCAL)

    assert settings.base_path == "/api/vendor/ai-chat-v2"
    assert settings.model == "claude-sonnet-5-5"
    assert settings.jwt_secret == DEVELOPMENT_JWT_SECRET
    assert settings.allowed_origins == {"http://localhost:3000", "http://127.0.0.1:3000"}
    assert settings.exa_api_key is None
    assert (settings.session_ttl, settings.rate_limit_per_minute, settings.max_concurrent_turns) == (
        86400,
        30,
        3,
    )
    assert settings.max_readers == 10
    assert (settings.max_apps, settings.max_history_bytes) == (100, 500_000_000)
    assert (settings.daily_token_budget, settings.max_steps) == (2_000_000, 25)
    assert (settings.searches_per_turn, settings.searches_per_day) == (8, 200)
    assert (settings.model_idle_timeout, settings.tool_timeout, settings.turn_lease) == (45, 15, 30)


def test_the_cloud_needs_its_secrets_and_stores():
    settings = Settings.from_env(CLOUD)

    assert not settings.local
    assert settings.redis_token == "redis-secret-1"
    assert settings.allowed_origins == frozenset()


@pytest.mark.parametrize("name", [name for name in CLOUD if name != "ANTHROPIC_API_KEY"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_any_one_of_them_the_cloud_does_not_start(name: str, value: str | None):
    env = {**CLOUD, name: value or ""}

    assert name in refusal(env)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"VENDOR_JWT_SECRET": "secret-too-short"}, "VENDOR_JWT_SECRET"),
        ({"VENDOR_JWT_SECRET": DEVELOPMENT_JWT_SECRET}, "VENDOR_JWT_SECRET"),
        ({"VENDOR_JWKS_URL": "https://login.example.com/secret-keys"}, "exactly one"),
        ({"BASE_PATH": "secret-path"}, "BASE_PATH"),
        ({"BASE_PATH": "/"}, "BASE_PATH"),
        ({"BASE_PATH": "/secret path"}, "BASE_PATH"),
        ({"BASE_PATH": "/chat//secret"}, "BASE_PATH"),
        ({"BASE_PATH": "/secret(1)+"}, "BASE_PATH"),
        ({"BASE_PATH": "/../secret"}, "BASE_PATH"),
        ({"BASE_PATH": "/%73ecret"}, "BASE_PATH"),
        *(
            ({name: value}, name)
            for name in ("UPSTASH_REDIS_REST_URL", "ANTHROPIC_BASE_URL", "EXA_BASE_URL", "AWS_ENDPOINT_URL")
            for value in ("secret.example.com", "rediss://secret@example.com", "https://", "http://a:secret")
        ),
        # Somebody on the way could read and change what goes there.
        *(
            ({name: f"http://{host}/secret"}, f"{name} must be https")
            for name in (
                "UPSTASH_REDIS_REST_URL",
                "ANTHROPIC_BASE_URL",
                "EXA_BASE_URL",
                "AWS_ENDPOINT_URL",
                "SENTRY_DSN",
            )
            for host in ("backend.example.com", "localhost:9")
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://secret.example.com"},
            "OTEL_EXPORTER_OTLP_ENDPOINT must be https",
        ),
        *(
            ({name: value}, name)
            for name in ("PUBLIC_ORIGIN", "ALLOWED_ORIGINS")
            for value in ("secret.example.com", "https://", "https://[secret", "https://a/secret", "*")
        ),
        *(
            ({"OTEL_EXPORTER_OTLP_HEADERS": value}, "OTEL_EXPORTER_OTLP_HEADERS")
            for value in (
                "secret",
                "=secret",
                "api key=secret",
                "api-key=",
                "api-key=secret%0Amore",
                "a=b,secret",
            )
        ),
        ({"MAX_STEPS": "secret"}, "MAX_STEPS"),
        ({"MAX_STEPS": "0"}, "MAX_STEPS"),
        ({"MAX_STEPS": "2.5"}, "MAX_STEPS"),
        ({"DAILY_TOKEN_BUDGET": "-1"}, "DAILY_TOKEN_BUDGET"),
        ({"SESSION_TTL_SECONDS": "0"}, "SESSION_TTL_SECONDS"),
        ({"RATE_LIMIT_PER_MINUTE": "0"}, "RATE_LIMIT_PER_MINUTE"),
        ({"MAX_CONCURRENT_TURNS": "none"}, "MAX_CONCURRENT_TURNS"),
        ({"MAX_READERS": "0"}, "MAX_READERS"),
        ({"MAX_APPS": "0"}, "MAX_APPS"),
        ({"MAX_HISTORY_BYTES": "999999"}, "MAX_HISTORY_BYTES"),
        ({"TURN_LEASE_SECONDS": "0"}, "TURN_LEASE_SECONDS"),
        ({"TURN_LEASE_SECONDS": "secret"}, "TURN_LEASE_SECONDS"),
        ({"TOOL_TIMEOUT_SECONDS": "nan"}, "TOOL_TIMEOUT_SECONDS"),
        ({"TOOL_TIMEOUT_SECONDS": "inf"}, "TOOL_TIMEOUT_SECONDS"),
        ({"MODEL_IDLE_TIMEOUT_SECONDS": "-1"}, "MODEL_IDLE_TIMEOUT_SECONDS"),
    ],
)
def test_every_refusal_is_one_line_that_names_the_variable_and_tells_no_secret(
    changed: dict[str, str], named: str
):
    told = refusal({**CLOUD, **changed})

    assert named in told
    assert "\n" not in told
    assert not any(value in told for value in {**CLOUD, **changed}.values() if "secret" in value)


def test_a_collector_beside_the_function_may_listen_without_tls():
    env = {**CLOUD, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}

    assert Settings.from_env(env).otlp_endpoint == "http://localhost:4318"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AICODE_LOCAL", "1"),
        ("ANTHROPIC_LOG", "debug"),
        ("ANTHROPIC_LOG", "info"),
        ("ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE", "content"),
        ("AWS_ENDPOINT_URL_S3", "http://s3.example.com"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example.com"),
        ("POWERTOOLS_DEBUG", "1"),
        ("POWERTOOLS_DEV", "true"),
        ("POWERTOOLS_LOGGER_LOG_EVENT", "true"),
        ("PYTHONASYNCIODEBUG", "1"),
        ("PYTHONDEVMODE", "1"),
        ("SENTRY_DEBUG", "1"),
        ("SENTRY_SPOTLIGHT", "http://127.0.0.1:9"),
        ("SSLKEYLOGFILE", "/dev/stderr"),
    ],
)
def test_in_lambda_no_function_starts_with_what_would_open_it_or_make_it_talk(name: str, value: str):
    in_lambda = {"LAMBDA_TASK_ROOT": "/var/task"}
    env = {**CLOUD, name: value}

    assert refusal({**env, **in_lambda}).startswith(f"{name} must ")
    assert Settings.from_env({**env, **in_lambda, name: " "})


def test_what_a_secret_says_cannot_open_a_function_either():
    """A secret is among the variables, and whoever may write to it is not whoever deploys."""
    kept = Kept(
        Settings.from_env,
        service="session",
        read=lambda _: {**CLOUD, "AICODE_LOCAL": "1"},
        env={"LAMBDA_TASK_ROOT": "/var/task"},
    )

    with pytest.raises(SettingsError, match="AICODE_LOCAL"):
        kept.get()


def test_the_secret_is_not_even_asked_for_over_an_address_that_is_refused():
    asked: list[int] = []

    def read(tries: int) -> dict[str, str]:
        asked.append(tries)
        return {}

    env = {"LAMBDA_TASK_ROOT": "/var/task", "AWS_ENDPOINT_URL": "http://secrets.example.com"}
    kept = Kept(Settings.from_env, service="session", read=read, env=env)

    with pytest.raises(SettingsError, match="AWS_ENDPOINT_URL must be https"):
        kept.get()
    assert asked == []


def test_locally_a_base_url_alone_is_enough():
    env = {
        "AICODE_LOCAL": "1",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
        "EXA_BASE_URL": "http://127.0.0.1:9",
    }

    settings = Settings.from_env(env)

    assert settings.anthropic_api_key
    assert settings.redis_token
    assert settings.exa_api_key


def test_in_the_cloud_a_base_url_is_no_key():
    env = {**CLOUD, "ANTHROPIC_BASE_URL": "https://proxy.example.com", "ANTHROPIC_API_KEY": ""}

    assert Settings.from_env(env).anthropic_api_key is None
    assert Settings.from_env({**CLOUD, "EXA_BASE_URL": "https://exa.example.com"}).exa_api_key is None


def test_a_key_set_takes_the_place_of_the_secret():
    env = {**CLOUD, "VENDOR_JWT_SECRET": "", "VENDOR_JWKS_URL": "https://login.example.com/keys"}

    settings = Settings.from_env(env)

    assert (settings.jwt_secret, settings.jwks_url) == (None, "https://login.example.com/keys")
    assert Settings.from_env({**LOCAL, "VENDOR_JWKS_URL": "http://127.0.0.1:9/keys"}).jwt_secret is None


@pytest.mark.parametrize(
    "url", ["http://keys.example.com/keys.json", "ftp://127.0.0.1/keys", "keys.json", "https://[keys"]
)
def test_a_key_set_that_would_come_in_the_clear_is_refused_at_the_start(url: str):
    assert "VENDOR_JWKS_URL must be https" in refusal({**LOCAL, "VENDOR_JWKS_URL": url})


def test_a_laptop_may_have_a_short_secret():
    assert Settings.from_env({**LOCAL, "VENDOR_JWT_SECRET": "secret"}).jwt_secret == "secret"


@pytest.mark.parametrize(
    ("env", "origins"),
    [
        ({}, {"http://localhost:3000", "http://127.0.0.1:3000"}),
        ({"PORT": "4000"}, {"http://localhost:4000", "http://127.0.0.1:4000"}),
        ({"PUBLIC_ORIGIN": "https://code.example.com/"}, {"https://code.example.com"}),
        ({"PUBLIC_ORIGIN": "https://Code.Example.com"}, {"https://code.example.com"}),
        (
            {"ALLOWED_ORIGINS": "chrome-extension://abc,http://[::1]:8"},
            {"chrome-extension://abc", "http://[::1]:8"},
        ),
        (
            {
                "PUBLIC_ORIGIN": "https://a.example.com",
                "ALLOWED_ORIGINS": " https://b.example.com/, ,https://c.example.com",
            },
            {"https://a.example.com", "https://b.example.com", "https://c.example.com"},
        ),
    ],
)
def test_the_pages_own_origin_and_those_that_are_named_are_allowed(env: dict[str, str], origins: set[str]):
    assert Settings.from_env({**LOCAL, **env}).allowed_origins >= origins
    if "PUBLIC_ORIGIN" in env:
        assert Settings.from_env({**LOCAL, **env}).allowed_origins == origins


def test_a_base_path_is_a_plain_path_and_needs_no_slash_at_its_end():
    for path in ("/chat", "/api/v2.0/ai_chat-v2~1"):
        for slash in ("", "/"):
            assert Settings.from_env({**LOCAL, "BASE_PATH": path + slash}).base_path == path


def test_no_budget_is_a_budget_of_nothing():
    assert Settings.from_env({**LOCAL, "DAILY_TOKEN_BUDGET": "0"}).daily_token_budget == 0


@pytest.mark.parametrize(
    ("domain", "origin", "refused"),
    [
        ("apps.example.com", "https://code.example.com", True),
        ("example.com", "https://code.example.com", True),
        ("example-apps.net", "https://code.example.com", False),
        ("apps.co.uk", "https://code.co.uk", False),
        ("sites.apps.co.uk", "https://code.apps.co.uk", True),
    ],
)
def test_published_apps_share_no_registrable_domain_with_the_product(domain: str, origin: str, refused: bool):
    variables = {**LOCAL, "SITES_DOMAIN": domain, "PUBLIC_ORIGIN": origin}
    if refused:
        with pytest.raises(SettingsError, match="SITES_DOMAIN must share no registrable domain"):
            Settings.from_env(variables)
    else:
        assert Settings.from_env(variables).sites_domain == domain
