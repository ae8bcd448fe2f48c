"""`make page STACK=ai-code`: builds the page and puts it where a deployed stack serves it from."""

import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev import content_policy, docs_page
from dev.composition import ROOT
from dev.deployed import stack
from dev.deployed.stack import DeployedStack, NotDone
from dev.openapi.routes import APPS, CHAT
from dev.output import say
from dev.setup import page
from dev.setup.problem import SetupError

_AT_ONCE = 8
INDEX = "/index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where a stack has its page, and what the page is told of signing in.

    `sign_in` is where its button leads to, None where it has none. `renews` if the stack has the function
    that renews a session and ends it.
    """

    bucket: str
    url: str
    sign_in: str | None
    renews: bool


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page, at its path."""

    path: str
    content: bytes


def find(found: DeployedStack) -> Deployment:
    """What the stack says of its page. Raises NotDone."""
    outputs = found.outputs
    if "PageBucket" not in outputs:
        raise NotDone(
            f"The stack {found.name} ({found.status}) has no place for a page: it is not ready yet, "
            "or was made with Edge=none."
        )
    return Deployment(
        bucket=outputs["PageBucket"],
        url=outputs["Page"],
        sign_in=outputs.get("SignInPage") or None,
        renews="UserPool" in outputs,
    )


def files(dist: Path, openapi: Path, deployment: Deployment) -> list[PageFile]:
    """What the stack's page is made of: the build, the API's document in both forms, the configuration."""
    built = [file for file in dist.rglob("*") if file.is_file() and not file.name.startswith(".")]
    document = openapi.read_bytes()
    configuration = {
        "basePath": CHAT,
        "appsPath": APPS,
        "demo": {"model": False, "search": False, "store": False},
        "signIn": deployment.sign_in,
        **({"renew": "/sign-in/renew", "signOut": "/sign-out"} if deployment.renews else {}),
    }
    return [
        *(PageFile(f"/{file.relative_to(dist).as_posix()}", file.read_bytes()) for file in built),
        PageFile("/openapi.json", document),
        PageFile("/docs.html", docs_page.render(json.loads(document)).encode()),
        PageFile("/config.json", json.dumps(configuration).encode()),
    ]


def publish(s3: Any, bucket: str, page_files: Iterable[PageFile]) -> None:
    """Puts the page into the bucket, by a client of S3.

    At every moment all that a document names is there: first come the files whose names hold their hash,
    the page's own document last. Earlier builds stay, for whoever has one of them open.
    """
    hashed: list[PageFile] = []
    named: list[PageFile] = []
    index: list[PageFile] = []
    for file in page_files:
        if file.path == INDEX:
            index.append(file)
        elif content_policy.has_hash(file.path):
            hashed.append(file)
        else:
            named.append(file)
    there = _paths(s3, bucket)
    for group in ([file for file in hashed if file.path not in there], named, index):
        _put(s3, bucket, group)


def _paths(s3: Any, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {f"/{entry['Key']}" for listed in pages for entry in listed.get("Contents", [])}


def _put(s3: Any, bucket: str, group: Sequence[PageFile]) -> None:
    def put(file: PageFile) -> None:
        s3.put_object(
            Bucket=bucket,
            Key=file.path.lstrip("/"),
            Body=file.content,
            ContentType=content_policy.media_type(file.path),
            CacheControl=content_policy.cache_control(file.path),
        )

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(put, group):
            pass


def main(arguments: list[str]) -> str | None:
    """Builds and puts the page; the returned line says why it could not."""
    name = "".join(arguments)
    if not name:
        return "Name the stack: make page STACK=ai-code"
    try:
        with stack.in_one_line():
            session = stack.session()
            deployment = find(stack.look_up(session.client("cloudformation"), name))
            page.build()
            page_files = files(page.DIST, ROOT / "docs" / "openapi.json", deployment)
            say(f"Putting the page into {deployment.bucket} ...")
            publish(session.client("s3"), deployment.bucket, page_files)
    except (NotDone, SetupError) as error:
        return str(error)
    say(f"The page is at {deployment.url}")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
