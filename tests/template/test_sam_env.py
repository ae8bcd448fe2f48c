"""What `make sam-env` writes for `sam local invoke`."""

import json
from pathlib import Path

from dev import sam_env
from dev.template import ROOT, read_template

KEYS = {"ANTHROPIC_API_KEY": "key", "VENDOR_JWT_SECRET": "secret", "UPSTASH_REDIS_REST_URL": "https://redis"}


def test_it_holds_what_is_set_here_and_lets_a_function_do_without_a_deployment() -> None:
    template = read_template()

    values = sam_env.parameters({**KEYS, "PORT": "3001"}, template)

    assert values == {**KEYS, "SECRETS_ARN": "", "SETTINGS_PARAMETER": "", "ORIGIN_SECRET": ""}


def test_every_variable_is_one_that_sam_sets() -> None:
    template = read_template()
    everywhere = template["Globals"]["Function"]["Environment"]["Variables"].keys()
    of_chat = template["Resources"]["ChatFunction"]["Properties"]["Environment"]["Variables"].keys()

    assert sam_env.parameters(KEYS, template).keys() <= everywhere | of_chat


def test_nobody_else_can_read_the_keys_and_git_does_not_see_them(tmp_path: Path) -> None:
    file = tmp_path / sam_env.FILE
    file.write_text("old", encoding="utf-8")

    sam_env.write(file, KEYS)

    assert json.loads(file.read_text(encoding="utf-8")) == {"Parameters": KEYS}
    assert file.stat().st_mode & 0o777 == 0o600
    assert sam_env.FILE in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_only_the_local_stack_stands_in_for_must_be_set(tmp_path: Path) -> None:
    told = sam_env.main(tmp_path, {"APPS_TABLE": "apps", "UPSTASH_REDIS_REST_URL": "https://redis"})

    assert told == (
        "A built function needs real services: set FILES_BUCKET, UPSTASH_REDIS_REST_TOKEN in .env.local."
    )
    assert not (tmp_path / sam_env.FILE).exists()


def test_the_file_is_written_where_all_is_set(tmp_path: Path) -> None:
    services = {"APPS_TABLE": "apps", "FILES_BUCKET": "files", "UPSTASH_REDIS_REST_TOKEN": "token"}

    assert sam_env.main(tmp_path, {**KEYS, **services}) is None
    written = json.loads((tmp_path / sam_env.FILE).read_text(encoding="utf-8"))["Parameters"]
    assert services.items() <= written.items()
