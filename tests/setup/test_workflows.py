"""What the workflows on GitHub may do, and what they run."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(path.name for path in (ROOT / ".github" / "workflows").iterdir())


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def jobs(name: str) -> list[dict[str, Any]]:
    """Its own jobs, without those that are another workflow of the project."""
    return [job for job in read(name)["jobs"].values() if "steps" in job]


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_no_rights_but_those_that_a_job_asks_for(name: str):
    asked = {right for job in read(name)["jobs"].values() for right in job["permissions"].items()}

    assert read(name)["permissions"] == {}
    assert asked - {("id-token", "write")} == {("contents", "read")}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_job_runs_for_ever_and_none_beside_its_like(name: str):
    assert all(0 < job["timeout-minutes"] <= 60 for job in jobs(name))
    assert "group" in read(name)["concurrency"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_those_of_one_commit_with_their_version_beside_it(name: str):
    text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")

    used = re.findall(r"uses: (?!\./)(.+)", text)
    assert used
    assert [
        line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_token_of_the_checkout_is_not_left_to_what_runs_after_it(name: str):
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]

    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_of_an_event_becomes_part_of_a_command(name: str):
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


def test_only_the_deployment_of_a_tag_may_become_a_role_in_aws():
    allowed = {name for name in WORKFLOWS if "id-token" in str(read(name))}

    assert allowed == {"deploy.yml"}
    # YAML takes the word `on` for true.
    assert read("deploy.yml")[True] == {"push": {"tags": ["v*"]}}


def test_a_tag_is_deployed_only_where_all_checks_hold():
    deployment = read("deploy.yml")["jobs"]

    assert deployment["check"]["uses"] == "./.github/workflows/check.yml"
    assert "workflow_call" in read("check.yml")[True]
    assert {name for name, job in deployment.items() if job.get("needs") != "check"} == {"check"}


def missing_variables(**variables: str) -> tuple[int, str]:
    """How the deployment's first step ends with these variables, and what it says."""
    [job] = jobs("deploy.yml")
    done = subprocess.run(  # noqa: S603 - the workflow's own command
        ["/bin/sh", "-ec", job["steps"][0]["run"]], env=variables, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_a_deployment_without_its_variables_says_which_one_is_missing():
    both = {"AWS_DEPLOY_ROLE": "arn:aws:iam::123456789012:role/deploys", "AWS_REGION": "eu-central-1"}
    path = {"PATH": os.environ["PATH"]}

    assert missing_variables(**path, **both) == (0, "")
    for name in both:
        code, said = missing_variables(**path, **{**both, name: ""})
        assert (code, name in said) == (1, True)


def test_every_make_command_of_the_workflows_exists():
    named = {word for name in WORKFLOWS for step in steps(name) for word in _made(step.get("run", ""))}
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert named
    assert named - targets == set()


def _made(command: str) -> list[str]:
    return re.findall(r"\bmake ([a-z0-9]+)", command)
