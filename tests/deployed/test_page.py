"""`make page`: what it puts into a stack's bucket, in which order, and what it says where it cannot."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types of its own
import pytest
from moto import mock_aws

from dev.deployed.page import Deployment, files, find, publish
from dev.deployed.stack import NotDone, look_up
from dev.setup.environment import ROOT

ORIGIN = "https://d111111abcdef8.cloudfront.net"
BUILT = {
    "index.html": "<p>the page</p>",
    ".built-from": "a hash",
    "favicon.svg": "<svg/>",
    "assets/index-1A2B.js": "run()",
    "assets/index-1A2B.css": "p {}",
    "preview/frame.html": "<p>frame</p>",
    "preview/packages/react-3C4D.js": "export {}",
}
DOCUMENT = {"info": {"title": "AI Code", "version": "1"}, "paths": {}}
FOR_EVER = "public, max-age=31536000, immutable"
_boto3: Any = boto3


@dataclass
class Account:
    """An AWS account, with what was put into its buckets in turn."""

    cloudformation: Any
    s3: Any
    put: list[str] = field(default_factory=list[str])

    def record(self, params: dict[str, str], **_: object) -> None:
        self.put.append(params["Key"])

    def deploy(self, stack: str, outputs: dict[str, str]) -> None:
        template = {
            "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "page"}}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        self.cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))

    def held(self) -> dict[str, dict[str, Any]]:
        keys = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket="page")["Contents"]]
        return {key: self.s3.get_object(Bucket="page", Key=key) for key in keys}


@pytest.fixture
def account() -> Generator[Account]:
    with mock_aws():
        session = _boto3.Session("key", "secret", region_name="eu-central-1")
        account = Account(session.client("cloudformation"), session.client("s3"))
        account.s3.meta.events.register("before-parameter-build.s3.PutObject", account.record)
        yield account


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    for name, content in BUILT.items():
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_text(content, encoding="utf-8")
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return tmp_path / "dist"


def put_page(account: Account, dist: Path, *, sign_in: str | None = "/sign-in", renews: bool = True) -> None:
    deployment = Deployment(bucket="page", url=ORIGIN, sign_in=sign_in, renews=renews)
    publish(account.s3, "page", files(dist, dist.parent / "openapi.json", deployment))


def test_a_stack_says_where_its_page_is(account: Account) -> None:
    outputs = {"PageBucket": "page", "Page": ORIGIN, "SignInPage": "/sign-in", "UserPool": "pool"}
    account.deploy("ai-code", outputs)

    assert find(look_up(account.cloudformation, "ai-code")) == Deployment(
        bucket="page", url=ORIGIN, sign_in="/sign-in", renews=True
    )


def test_a_stack_without_a_sign_in_has_no_button_for_it(account: Account) -> None:
    account.deploy("ai-code", {"PageBucket": "page", "Page": ORIGIN, "SignInPage": ""})
    found = find(look_up(account.cloudformation, "ai-code"))

    assert (found.sign_in, found.renews) == (None, False)


@pytest.mark.parametrize(
    ("stack", "line"),
    [
        ("other", r"^There is no stack other in eu-central-1: .*STACK=ai-code AWS_REGION="),
        ("bare", r"^The stack bare \(CREATE_COMPLETE\) has no place for a page: .*Edge=none\.$"),
    ],
)
def test_a_stack_that_has_no_page_is_told_of_in_one_line(account: Account, stack: str, line: str) -> None:
    account.deploy("bare", {"ChatUrl": "https://x.lambda-url.eu-central-1.on.aws/"})

    with pytest.raises(NotDone, match=line):
        find(look_up(account.cloudformation, stack))


def test_every_file_has_the_type_and_the_life_that_the_local_stack_gives_it(
    account: Account, dist: Path
) -> None:
    account.deploy("ai-code", {})
    put_page(account, dist)

    assert {name: (held["ContentType"], held["CacheControl"]) for name, held in account.held().items()} == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "docs.html": ("text/html; charset=utf-8", "no-cache"),
        "openapi.json": ("application/json", "no-cache"),
        "config.json": ("application/json", "no-cache"),
        "favicon.svg": ("image/svg+xml", "no-cache"),
        "assets/index-1A2B.js": ("text/javascript; charset=utf-8", FOR_EVER),
        "assets/index-1A2B.css": ("text/css; charset=utf-8", FOR_EVER),
        "preview/frame.html": ("text/html; charset=utf-8", "no-cache"),
        "preview/packages/react-3C4D.js": ("text/javascript; charset=utf-8", FOR_EVER),
    }


@pytest.mark.parametrize(
    ("sign_in", "renews", "routes"),
    [
        ("/sign-in", True, {"renew": "/sign-in/renew", "signOut": "/sign-out"}),
        ("https://shop.example.com/login", False, {}),
        (None, False, {}),
    ],
)
def test_the_page_is_told_that_nothing_is_a_stand_in_and_where_to_sign_in_and_out(
    account: Account, dist: Path, sign_in: str | None, *, renews: bool, routes: dict[str, str]
) -> None:
    account.deploy("ai-code", {})
    put_page(account, dist, sign_in=sign_in, renews=renews)
    held = account.held()

    assert json.loads(held["config.json"]["Body"].read()) == {
        "basePath": "/api/vendor/ai-chat-v2",
        "appsPath": "/api/vendor/apps",
        "demo": {"model": False, "search": False, "store": False},
        "signIn": sign_in,
        **routes,
    }
    assert json.loads(held["openapi.json"]["Body"].read()) == DOCUMENT
    assert b"<h1>AI Code 1</h1>" in held["docs.html"]["Body"].read()


def test_what_a_document_names_is_there_before_the_document(account: Account, dist: Path) -> None:
    account.deploy("ai-code", {})
    put_page(account, dist)
    hashed = {name for name in account.put if name.startswith(("assets/", "preview/packages/"))}

    assert set(account.put[: len(hashed)]) == hashed
    assert account.put[-1] == "index.html"


def test_a_new_build_brings_what_is_new_and_leaves_what_an_open_page_still_loads(
    account: Account, dist: Path
) -> None:
    account.deploy("ai-code", {})
    put_page(account, dist)
    account.put.clear()
    (dist / "assets" / "index-1A2B.js").unlink()
    (dist / "assets" / "index-5E6F.js").write_text("run(2)", encoding="utf-8")
    (dist / "index.html").write_text("<p>the new page</p>", encoding="utf-8")
    put_page(account, dist)
    held = account.held()

    assert "assets/index-5E6F.js" in account.put
    assert "assets/index-1A2B.css" not in account.put
    assert held["assets/index-1A2B.js"]["Body"].read() == b"run()"
    assert held["index.html"]["Body"].read() == b"<p>the new page</p>"


@pytest.mark.parametrize(
    ("arguments", "variables", "line"),
    [
        ([""], {}, "Name the stack: make page STACK=ai-code\n"),
        (
            ["ai-code"],
            {"AWS_DEFAULT_REGION": "us-east-1"},
            "There are no AWS credentials: run `aws configure` or `aws sso login`, or set AWS_PROFILE.\n",
        ),
        (["ai-code"], {}, "AWS: You must specify a region.\n"),
        (["ai-code"], {"AWS_PROFILE": "mine"}, "AWS: The config profile (mine) could not be found\n"),
    ],
)
def test_what_is_missing_is_told_in_one_line(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], line: str
) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    outcome = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "dev.deployed.page", *arguments],
        cwd=ROOT,
        env={
            "PYTHONPATH": "layers/core:layers/runtime/python:functions:.",
            **environment,
            "HOME": str(tmp_path),
            "AWS_EC2_METADATA_DISABLED": "true",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (1, "", line)
