"""A function's first request in a process of its own, as far as the first byte of its answer."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.secret_store import SecretStore

_ROOT = Path(__file__).parents[1]
SOURCES = tuple(str(_ROOT / folder) for folder in ("layers/core", "layers/runtime/python", "functions"))
# What Lambda's runtime has loaded by itself is not the function's; the streaming runtime is.
_PROGRAM = """
import asyncio, importlib, inspect, json, os, sys
from types import SimpleNamespace

name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
if name != "session":
    import lambda_stream.__main__


async def first_chunk(response):
    response = await response
    return response.status, (await anext(response.body)).decode()


def main():
    function = importlib.import_module(f"{name}.app")
    context = SimpleNamespace(
        aws_request_id="invocation-1",
        function_name=name,
        function_version="1",
        invoked_function_arn=name,
        memory_limit_in_mb="512",
        tenant_id="",
        get_remaining_time_in_millis=lambda: 900_000,
    )
    answer = function.handler(json.loads(os.environ["EVENT"]), context)
    if inspect.iscoroutine(answer):
        status, first = asyncio.new_event_loop().run_until_complete(first_chunk(answer))
    else:
        status, first = answer["statusCode"], answer["body"]
    print(json.dumps({"status": status, "first": first, "modules": list(sys.modules)}), flush=True)
    os._exit(0)  # how it goes on is not asked here


main()
"""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """The status, the first bytes, and every module that was loaded by then."""

    status: int
    first: str
    modules: frozenset[str]

    def loaded(self, *packages: str) -> list[str]:
        """Which of these modules and packages are among them."""
        return sorted(set(packages) & self.modules)


async def cold_start(
    function: str,
    event: object,
    variables: Mapping[str, str],
    *,
    python: str = sys.executable,
    path: Sequence[str] = SOURCES,
) -> ColdStart:
    """Sends the event to a fresh process of the function, which begins as in Lambda."""
    process = await asyncio.create_subprocess_exec(
        *(python, "-P", "-c", _PROGRAM),
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(path),
            "EVENT": json.dumps(event),
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            **variables,
        },
    )
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    found = json.loads(told.decode().splitlines()[-1])
    return ColdStart(found["status"], found["first"], frozenset(found["modules"]))


def told_by(store: SecretStore, values: Mapping[str, str]) -> dict[str, str]:
    """The variables of a function that is told these values by its secret."""
    store.secret = json.dumps(dict(values))
    return store.variables
