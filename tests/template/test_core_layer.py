"""What the core layer's own Makefile puts into its artifact, by whatever Python runs the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.template import ROOT

START = "from aicode.file_store import open_store; from aicode.settings import Settings"
LOCAL = {Path("aicode/file_store/sqlite"), Path("aicode/uploads/sqlite")}
OPEN = f"{START}; print(type(open_store(Settings.from_env())).__name__)"
ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "key",
    "UPSTASH_REDIS_REST_URL": "https://redis.example.com",
    "UPSTASH_REDIS_REST_TOKEN": "token",
    "VENDOR_JWT_SECRET": "s" * 32,
    "AWS_DEFAULT_REGION": "eu-central-1",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Lambda has as /opt/python."""
    artifact = tmp_path_factory.mktemp("core")
    make = shutil.which("make")
    assert make
    subprocess.run(  # noqa: S603 - found by name
        [make, "build-CoreLayer", f"ARTIFACTS_DIR={artifact}", f"PYTHON={sys.executable}"],
        cwd=ROOT / "layers" / "core",
        check=True,
        capture_output=True,
    )
    return artifact / "python"


def opened(site: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of the deployed code that opens the file store, and says which one it got."""
    return subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", OPEN],
        env={**ENVIRONMENT, **variables, "PYTHONPATH": str(site), "PATH": os.environ["PATH"]},
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_layer_holds_every_module_but_those_of_one_machine(site: Path) -> None:
    source = ROOT / "layers" / "core"
    modules = {path.relative_to(source) for path in source.rglob("*.py")}

    local = {path for path in modules if LOCAL & set(path.parents)}

    assert {path.parent for path in local} >= LOCAL
    assert {path.relative_to(site) for path in site.rglob("*.py")} == modules - local
    assert not [folder for folder in LOCAL if (site / folder).exists()]


def test_the_layer_holds_the_list_of_packages_that_the_system_prompt_names(site: Path) -> None:
    listed = ROOT / "layers" / "core" / "aicode" / "packages.json"

    assert (site / "aicode" / "packages.json").read_bytes() == listed.read_bytes()


def test_the_layer_opens_the_store_in_aws(site: Path) -> None:
    outcome = opened(site, APPS_TABLE="apps", FILES_BUCKET="files")

    assert outcome.stdout == "DynamoFileStore\n", outcome.stderr


def test_where_that_store_is_not_set_one_line_names_the_variables(site: Path) -> None:
    outcome = opened(site)

    assert outcome.returncode == 1
    assert outcome.stderr.splitlines()[-1].startswith(
        "aicode.settings.SettingsError: APPS_TABLE and FILES_BUCKET"
    )
