"""The built functions, started as Lambda starts them."""

import os
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dev import template
from dev.function_url import Function
from dev.function_url.payload import PRELUDE_END, buffered_answer, streamed_answer
from tests.end_to_end.documented_client import documented_client
from tests.runtime.emulator import Emulator, serve_emulator
from tests.stack.every_event import Sender

TEMPLATE = template.read_template()


@dataclass(frozen=True, slots=True)
class Deployment:
    """The built functions, an environment with everything that they talk to, and Lambda's own parts."""

    built: Path
    python: str
    runtime_client: Path
    environment: Mapping[str, str]

    def path(self, resource: str) -> tuple[Path, ...]:
        """What Lambda has under /var/task and /opt/python, and as its own."""
        layers = [layer["Ref"] for layer in _properties(resource)["Layers"]]
        opt = [self.built / layer / "python" for layer in layers]
        return (self.built / resource, *opt, self.runtime_client)

    def command(self, resource: str, script: str) -> list[str]:
        """The command that Lambda starts a process with: its own client, or the wrapper of the template."""
        wrapper = self.variables(resource).get("AWS_LAMBDA_EXEC_WRAPPER")
        if wrapper is None:
            return [self.python, "-m", "awslambdaric", script]
        return [str(self.built / "RuntimeLayer" / wrapper.removeprefix("/opt/")), self.python, script]

    def variables(self, resource: str) -> dict[str, str]:
        """The function's variables as template.yaml has them, and the services of this test."""
        known = template.parameters(TEMPLATE)
        shared = template.variables(TEMPLATE["Globals"]["Function"], known)
        return {**shared, **template.variables(_properties(resource), known), **self.environment}


def _properties(resource: str) -> dict[str, Any]:
    return TEMPLATE["Resources"][resource]["Properties"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFunction(Function):
    """A function as it was built, under the Python that it was built for."""

    deployment: Deployment
    resource: str = "ChatFunction"

    def command(self) -> list[str]:
        script = "bootstrap.py" if self.streaming else self.handler
        return self.deployment.command(self.resource, script)


class Functions(Sender, httpx.AsyncBaseTransport):
    """Sends an event to its function's process, which Lambda's runtime emulator starts for the first one.

    Every answer is held to docs/openapi.json.
    """

    def __init__(self, token: str, deployment: Deployment, running: AsyncExitStack) -> None:
        super().__init__(token)
        self._deployment = deployment
        self._running = running
        self._emulators: dict[str, Emulator] = {}
        self._client = documented_client("http://functions", network=self)

    async def answer(self, event: dict[str, Any]) -> httpx.Response:
        method = event["requestContext"]["http"]["method"]
        return await self._client.request(method, event["rawPath"], extensions={"event": event})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        event: dict[str, Any] = request.extensions["event"]
        resource = _function_for(event["requestContext"]["http"]["method"], event["rawPath"])
        result = await self.invoke(resource, event)
        if _properties(resource)["FunctionUrlConfig"]["InvokeMode"] == "BUFFERED":
            status, fields, body = buffered_answer(result)
        else:
            prelude, _, body = result.partition(PRELUDE_END)
            status, fields = streamed_answer(prelude)
        return httpx.Response(status, headers=fields, content=body)

    async def invoke(self, resource: str, event: object) -> bytes:
        """What the function's process gives for the event."""
        if resource not in self._emulators:
            self._emulators[resource] = await self._running.enter_async_context(self._start(resource))
        return await self._emulators[resource].invoke(event)

    def _start(self, resource: str) -> Any:
        environment = {
            **self._deployment.variables(resource),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, self._deployment.path(resource))),
            "AWS_LAMBDA_FUNCTION_NAME": resource,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "130",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        return serve_emulator(
            self._deployment.command(resource, _properties(resource)["Handler"]), environment
        )


def _function_for(method: str, path: str) -> str:
    """As the edge sends it."""
    if re.fullmatch(r"/api/vendor/apps/(import|[^/]+/(export\.\w+|git|git/push))", path):
        return "GitFunction"
    if path.startswith("/api/vendor/apps"):
        return "AppsFunction"
    chat = path.endswith("/stream") or (method, path) == ("POST", "/api/vendor/ai-chat-v2")
    return "ChatFunction" if chat else "SessionFunction"
