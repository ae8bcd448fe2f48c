"""What `make dev` reads."""

import re
from pathlib import Path

import pytest

from aicode.settings import DEVELOPMENT_JWT_SECRET, Settings, SettingsError
from dev import stand_ins
from dev.stand_ins import Emulator, StandIns

ROOT = Path(__file__).parents[2]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env.local").write_text('MODEL=from-file\nMAX_STEPS="7"\n', encoding="utf-8")

    assert stand_ins.read(tmp_path, {"MODEL": "from-env"}) == {"MODEL": "from-env", "MAX_STEPS": "7"}


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env.local").write_text("ANTHROPIC_API_KEY=\nMODEL=x\n", encoding="utf-8")

    assert stand_ins.read(tmp_path, {"MODEL": ""}) == {"MODEL": "x"}


def test_a_secret_with_dollar_signs_is_taken_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env.local").write_text("VENDOR_JWT_SECRET=a$b${HOME}\n", encoding="utf-8")

    assert stand_ins.read(tmp_path, {}) == {"VENDOR_JWT_SECRET": "a$b${HOME}"}


@pytest.mark.parametrize("content", [b"MODEL=\xff\n", "MODEL=x\n".encode("utf-16")])
def test_a_file_that_is_no_text_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env.local").write_bytes(content)

    with pytest.raises(SettingsError, match=r"^\.env\.local must be a text in UTF-8\.$"):
        stand_ins.read(tmp_path, {})


def test_what_is_not_the_products_stays_out(tmp_path: Path) -> None:
    assert stand_ins.read(tmp_path, {"GITHUB_TOKEN": "x", "PYTHONDONTWRITEBYTECODE": "1"}) == {}


def test_the_example_lists_every_variable_with_its_line_and_nothing_else() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)

    assert sorted(listed) == sorted([*stand_ins.NAMES, "SECRETS_ARN", "SETTINGS_PARAMETER"])


def test_the_settings_read_no_variable_that_the_stack_does_not_pass_on() -> None:
    class Recording(dict[str, str]):
        asked: set[str] = set()  # noqa: RUF012 - one instance

        def get(self, key: str, default: object = None, /) -> object:  # pyright: ignore[reportIncompatibleMethodOverride] - dict's overloads
            self.asked.add(key)
            return super().get(key, default)

    env = Recording(
        {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://x", "ANTHROPIC_BASE_URL": "http://x"}
    )
    Settings.from_env(env)

    assert env.asked - set(stand_ins.NAMES) <= {
        "AICODE_LOCAL",
        "AICODE_DEMO_MODEL",
        "BUILD_FUNCTION",
        "SITES_BUCKET",
        "SITES_DOMAIN",
        "SITES_KEY_VALUE_STORE",
        "LAMBDA_TASK_ROOT",
        "SECRETS_ARN",
        "ORIGIN_SECRET",
        # What the template names; on one machine each has its stand-in beside the others.
        "GIT_FUNCTION",
        "WAKE_UPS_QUEUE",
        "CHAT_FUNCTION",
    }


def test_nothing_set_means_a_stand_in_for_everything() -> None:
    assert StandIns.of({}) == StandIns(model=True, redis=True, search=True, store=True)


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
def test_with_a_real_model_there_is_neither_demo_model_nor_demo_search(name: str) -> None:
    assert StandIns.of({name: "x"}) == StandIns(model=False, redis=True, search=False, store=True)


def test_each_service_that_is_set_has_no_stand_in() -> None:
    known = {"UPSTASH_REDIS_REST_URL": "https://x", "EXA_BASE_URL": "http://x", "APPS_TABLE": "apps"}

    assert StandIns.of(known) == StandIns(model=True, redis=False, search=False, store=False)


def test_the_local_settings_have_the_development_secret_unless_one_is_set() -> None:
    assert stand_ins.local_settings({}).jwt_secret == DEVELOPMENT_JWT_SECRET
    assert stand_ins.local_settings({"VENDOR_JWT_SECRET": "s" * 32}).jwt_secret == "s" * 32


@pytest.mark.parametrize("value", ["http", "-1", "65536", "³"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="PORT"):
        stand_ins.port({"PORT": value})


@pytest.mark.parametrize("value", ["0", "1801", "nan", "soon"])
def test_a_time_limit_that_lambda_would_refuse_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="FUNCTION_TIMEOUT_SECONDS"):
        stand_ins.parameters({"FUNCTION_TIMEOUT_SECONDS": value})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_endpoint_on_this_machine_is_an_emulator_whose_bucket_needs_no_name(host: str) -> None:
    known = {"APPS_TABLE": "apps", "AWS_ENDPOINT_URL": f"http://{host}:5000"}

    assert stand_ins.emulator(known) == Emulator(
        url=f"http://{host}:5000", table="apps", bucket="aicode-files"
    )
    assert stand_ins.emulator({**known, "FILES_BUCKET": "files"}) == Emulator(
        url=f"http://{host}:5000", table="apps", bucket="files"
    )
    assert stand_ins.local_settings(known).files_bucket == "aicode-files"


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"},
        {"APPS_TABLE": "apps", "FILES_BUCKET": "files"},
        {"APPS_TABLE": "apps", "AWS_ENDPOINT_URL": "https://dynamodb.eu-central-1.amazonaws.com"},
    ],
)
def test_a_table_anywhere_else_is_nobodys_to_make(known: dict[str, str]) -> None:
    assert stand_ins.emulator(known) is None


@pytest.mark.parametrize("name", ["APPS_TABLE", "FILES_BUCKET"])
def test_a_table_without_a_bucket_is_refused_instead_of_left_aside(name: str) -> None:
    with pytest.raises(SettingsError, match="APPS_TABLE and FILES_BUCKET"):
        stand_ins.local_settings({name: "x"})
