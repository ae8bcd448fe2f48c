"""How the runtime process begins and ends: wrapper, init errors, SnapStart, SIGTERM."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.processes import BOOTSTRAP, ENVIRONMENT, Function, StartFunction
from tests.runtime.runtime_api import RuntimeApi
from tests.runtime.wire import Wire


@pytest.mark.parametrize(
    ("handler", "error_type", "reason"),
    [
        ("no_settings.handler", "RuntimeError", "SECRETS_ARN is not set"),
        ("absent.handler", "ModuleNotFoundError", "No module named 'absent'"),
        ("streaming.absent", "AttributeError", "has no attribute 'absent'"),
        ("streaming", "ValueError", "not of the form module.function"),
    ],
)
async def test_a_handler_that_does_not_load_is_an_init_error_and_ends_the_process(
    api: RuntimeApi, start: StartFunction, handler: str, error_type: str, reason: str
):
    code, log = await (await start(handler)).until_ended()

    assert code == 1
    assert api.calls == ["init/error"]
    assert api.init_error == {
        "errorType": error_type,
        "errorMessage": "The function failed.",
        "requestId": "",
    }
    assert reason in json.loads(log)["message"]


async def test_sigterm_ends_an_idle_process_with_exit_code_zero(api: RuntimeApi, function: Function):
    await api.invoke({"do": "say", "words": ["hello"]}).until_over()
    function.terminate()

    assert await function.until_ended() == (0, "")


async def test_sigterm_cancels_what_runs_closes_the_body_and_cuts_the_response(
    api: RuntimeApi, function: Function, wire: Wire
):
    invocation = api.invoke({"do": "wait_between_chunks"})
    await invocation.until_body(b"one")
    assert await wire.hear() == "waiting"
    function.terminate()

    assert await wire.hear() == "closed"
    assert await function.until_ended() == (0, "")
    assert (await invocation.until_over()).cut


async def test_a_body_that_fails_on_being_cancelled_does_not_spoil_the_end(
    api: RuntimeApi, function: Function, wire: Wire
):
    invocation = api.invoke({"do": "fail_while_closing"})
    assert await wire.hear() == "waiting"
    function.terminate()
    code, log = await function.until_ended()

    assert code == 0
    assert json.loads(log)["errorType"] == "SecretError"
    assert (await invocation.until_over()).trailers["lambda-runtime-function-error-type"] == "SecretError"


async def test_a_runtime_api_that_is_gone_ends_the_process_with_one_line(start: StartFunction):
    function = await start(AWS_LAMBDA_RUNTIME_API="127.0.0.1:9")

    assert await function.until_ended() == (
        1,
        "lambda_stream: The Runtime API closed the connection\n",
    )


async def test_hooks_run_around_the_snapshot_and_the_first_invocation_comes_after(
    api: RuntimeApi, start: StartFunction
):
    await start("snapshotted.handler", AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    invocation = api.invoke({})
    api.restored.set()
    await invocation.until_over()

    assert invocation.body == b"first before, second before, after"
    assert api.calls[:3] == ["restore/next", "next", "response"]


async def test_without_hooks_a_snapshot_is_waited_for_all_the_same(api: RuntimeApi, start: StartFunction):
    await start(AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    api.restored.set()
    await api.invoke({"do": "say", "words": []}).until_over()

    assert api.calls[:2] == ["restore/next", "next"]


async def test_a_hook_that_fails_before_the_snapshot_is_an_init_error(api: RuntimeApi, start: StartFunction):
    snap_start = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "FAIL": "first before"}
    code, log = await (await start("snapshotted.handler", **snap_start)).until_ended()

    assert (code, api.calls) == (64, ["init/error"])
    assert api.init_error
    assert api.init_error["errorType"] == "Runtime.BeforeSnapshotError"
    assert "what went wrong" in log


async def test_a_hook_that_fails_after_the_restore_is_a_restore_error(api: RuntimeApi, start: StartFunction):
    snap_start = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "FAIL": "after"}
    api.restored.set()
    code, _ = await (await start("snapshotted.handler", **snap_start)).until_ended()

    assert (code, api.calls) == (65, ["restore/next", "restore/error"])
    assert api.restore_error
    assert api.restore_error["errorType"] == "Runtime.AfterRestoreError"


@pytest.mark.parametrize(
    ("interpreter", "environment", "path"),
    [
        (
            "python3.13",
            {},
            "/var/task:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime",
        ),
        (
            "python",
            {},
            "/var/task:/opt/python/lib/python3.99/site-packages:/opt/python:/var/runtime",
        ),
        (
            "python3.13",
            {"PYTHONPATH": "/var/runtime", "LAMBDA_TASK_ROOT": "/task"},
            "/task:/var/runtime:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime",
        ),
        (
            "python3.13",
            {"PYTHONPATH": f"/mine:{BOOTSTRAP.parent}/python"},
            f"/mine:{BOOTSTRAP.parent}/python",
        ),
    ],
)
def test_the_wrapper_replaces_the_script_and_completes_the_path_as_the_script_would_have(
    tmp_path: Path, interpreter: str, environment: dict[str, str], path: str
):
    fake = tmp_path / interpreter
    fake.write_text(
        '#!/bin/sh\n[ "$1" != -c ] || { echo 3.99; exit; }\n'
        'for argument; do echo "$argument"; done\necho "$PYTHONPATH"\n'
    )
    fake.chmod(0o755)
    command = [BOOTSTRAP, fake, "-X", "a b", "/var/runtime/bootstrap.py"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603  (our own file)

    assert printed.stdout.splitlines() == ["-X", "a b", "-P", "-m", "lambda_stream", path]


def test_the_runtime_loads_little_more_than_asyncio_and_json():
    needed = "asyncio, base64, json"
    program = (
        f"import sys, {needed}; before = set(sys.modules); "
        "import lambda_stream; print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-P", "-c", program]
    printed = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)  # noqa: S603  (our own interpreter)

    own = {"", ".api", ".context", ".failure", ".loop"}
    assert set(printed.stdout.split()) == {f"lambda_stream{name}" for name in own}
