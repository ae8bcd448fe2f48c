"""The local stack: the functions behind one URL, and stand-ins for the services that are not set."""

import asyncio
import re
from collections import ChainMap
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aicode.settings import Settings
from dev import aws, claude, demo_app, exa, function_url, sites, stand_ins, template, uploads, upstash
from dev.function_url import Function, FunctionURLServer, Route
from dev.function_url.process import Log
from dev.function_url.server import print_log
from dev.private_files import private_files
from dev.sign_in import LOCAL_VENDOR, SignIn
from dev.site import Site
from dev.stand_ins import StandIns
from dev.template import Template
from dev.wake_ups import WakeUps

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "functions", ROOT / "layers" / "core", ROOT / "layers" / "runtime")
_PAGE = frozenset({"GET", "HEAD"})
# A laptop has few cores: a burst of requests is answered in turn rather than by as many cold starts.
QUEUE_SECONDS = 20.0
CHAT = "chat"
PROCESSES = 10
STREAMS = 40  # every reader of a stream holds one


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running local stack; `sites_url` is where published apps are."""

    url: str
    sites_url: str
    settings: Settings
    standing_in: StandIns
    site: Site
    server: FunctionURLServer


@asynccontextmanager
async def serve(  # noqa: PLR0913 - where it listens, what it serves, who is told
    known: Mapping[str, str],
    *,
    port: int,
    data_dir: Path,
    sites_port: int = 0,
    dist: Path = ROOT / "web" / "dist",
    claude_script: claude.Script | None = None,
    log: Log | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[Stack]:
    """The whole product on 127.0.0.1 until left; a port 0 asks the system for one.

    `known` are the variables that are set (see dev.stand_ins), `sleep` is how the queue waits. Raises
    SettingsError where the variables do not fit together, OSError if the port is taken, BlockingIOError if
    another stack uses `data_dir`, ValkeyUnavailableError where Valkey is needed and cannot run.
    """
    deployed = template.read_template()
    parameters = {**template.parameters(deployed), **stand_ins.parameters(known)}
    standing_in = StandIns.of(known)
    settings = stand_ins.local_settings(
        {**template.variables(deployed["Globals"]["Function"], parameters), **known}
    )
    async with AsyncExitStack() as running:
        running.enter_context(private_files(data_dir))
        # The page's packages hold the programs and the packages that apps are built with.
        environment = {**known, "DATA_DIR": str(data_dir), "BUILD_TOOLS": str(ROOT / "web")}
        sites_url = await running.enter_async_context(sites.serve(data_dir, sites_port))
        environment["SITES_PORT"] = sites_url.rpartition(":")[2]
        environment |= await running.enter_async_context(_services(standing_in, data_dir, claude_script))
        forms: list[Route] = []
        if standing_in.store:
            await demo_app.make(data_dir, LOCAL_VENDOR)
            forms = await running.enter_async_context(uploads.serve(data_dir))
        else:
            environment |= await _of_aws(known)
        site = Site(
            dist=dist,
            openapi=ROOT / "docs" / "openapi.json",
            config=_page_configuration(settings, standing_in),
            sign_in=SignIn(settings, lambda: _names(environment["PORT"])),
            origins=lambda: stand_ins.local_settings(environment).public_origins,
            buckets=lambda: uploads.origins(
                stand_ins.local_settings(environment), environment.get("AWS_REGION", "")
            ),
        )
        server = await running.enter_async_context(
            function_url.serve(
                functions=functions(deployed, parameters, environment),
                routes=[*forms, *routes(settings, site)],
                port=port,
                sources=SOURCES,
                hosts=stand_ins.public_hosts(known),
                log=log or _log,
            )
        )
        environment |= await running.enter_async_context(_wake_ups(server, sleep))
        # Processes start with the first request, so they get the ports that the system chose.
        chosen = server.url.rpartition(":")[2]
        environment["PORT"] = chosen
        yield Stack(
            url=f"http://localhost:{chosen}",
            sites_url=sites_url,
            settings=settings,
            standing_in=standing_in,
            site=site,
            server=server,
        )


@asynccontextmanager
async def _services(
    standing_in: StandIns, data_dir: Path, claude_script: claude.Script | None
) -> AsyncGenerator[dict[str, str]]:
    """What the functions are told of the services that run on this machine, until left."""
    told: dict[str, str] = {}
    async with AsyncExitStack() as running:
        if standing_in.redis:
            redis = await running.enter_async_context(upstash.serve(data_dir=data_dir / "redis"))
            told |= {"UPSTASH_REDIS_REST_URL": redis.url, "UPSTASH_REDIS_REST_TOKEN": redis.token}
        if standing_in.search:
            search = await running.enter_async_context(exa.serve())
            told["EXA_BASE_URL"] = search.url
        if standing_in.model:
            model = await running.enter_async_context(claude.serve(script=claude_script, any_model=True))
            told |= {"ANTHROPIC_BASE_URL": model.url, "AICODE_DEMO_MODEL": "1"}
        yield told


@asynccontextmanager
async def _wake_ups(
    server: FunctionURLServer, sleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[dict[str, str]]:
    """What the functions are told of the queue that wakes the chat function up, until left."""
    queue = WakeUps(partial(server.invoke, CHAT), sleep)
    async with queue.listening():
        yield {"AWS_ENDPOINT_URL_SQS": queue.url, "WAKE_UPS_QUEUE": queue.queue_url}


async def _of_aws(known: Mapping[str, str]) -> dict[str, str]:
    """What the functions are told where apps are kept in AWS, or in an emulator, which is made ready."""
    region = aws.region(known)
    told = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if emulator := stand_ins.emulator(known):
        told["FILES_BUCKET"] = emulator.bucket
        await demo_app.make_in_emulator(emulator, known, LOCAL_VENDOR)
    return told


def _names(port: str) -> frozenset[str]:
    return frozenset({f"localhost:{port}", f"127.0.0.1:{port}"})


def functions(deployed: Template, known: Mapping[str, str], own: MutableMapping[str, str]) -> list[Function]:
    """The functions as template.yaml has them, given its parameters; `own` variables win over its.

    They have a URL, or are invoked by those that have one. What is deployed on a condition only, the sign-in,
    has its stand-in here; what runs by the clock alone has no use here.
    """
    shared = template.variables(deployed["Globals"]["Function"], known)
    return [
        _function(resource["Properties"], known, shared, own)
        for resource in deployed["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        and "Condition" not in resource
        and ("FunctionUrlConfig" in resource["Properties"] or "Events" not in resource["Properties"])
    ]


def _function(
    properties: Mapping[str, Any],
    known: Mapping[str, str],
    shared: Mapping[str, str],
    own: MutableMapping[str, str],
) -> Function:
    streaming = properties.get("FunctionUrlConfig", {}).get("InvokeMode") == "RESPONSE_STREAM"
    return Function(
        name=properties["Handler"].partition(".")[0],
        handler=properties["Handler"],
        streaming=streaming,
        timeout_seconds=float(template.value(properties["Timeout"], known) or 0),
        memory_mb=int(template.value(properties["MemorySize"], known) or 0),
        max_processes=STREAMS if streaming else PROCESSES,
        queue_seconds=QUEUE_SECONDS,
        # Looked up when a process starts: the stack's port is known only when it listens.
        environment=ChainMap(own, {**shared, **template.variables(properties, known)}),
    )


def _log(function: str, line: str) -> None:
    """Shows a function's log, without the metrics that CloudWatch would take out of it."""
    if '"CloudWatchMetrics"' not in line:
        print_log(function, line)


def routes(settings: Settings, site: Site) -> list[Route]:
    """Which function a request is for, or what of the site: as stacks/edge.yaml says it to CloudFront."""
    chat, apps = re.escape(settings.base_path), re.escape(settings.apps_path)
    return [
        # First: BASE_PATH may be a folder above.
        Route(None, re.compile(rf"{apps}/(import|[^/]+/(export\.zip|export\.bundle|git|git/push))"), "git"),
        Route(None, re.compile(f"{apps}(/.*)?"), "apps"),
        Route(frozenset({"POST"}), re.compile(chat), "chat"),
        Route(frozenset({"GET"}), re.compile(f"{chat}/[^/]+/stream"), "chat"),
        Route(None, re.compile(f"{chat}(/.*)?"), "session"),
        Route(_PAGE, re.compile(r"/config\.json"), site.configuration),
        Route(_PAGE, re.compile(r"/openapi\.json"), site.openapi),
        Route(_PAGE, re.compile(r"/docs/?"), site.docs),
        Route(_PAGE, re.compile(r"/.*"), site.page),
    ]


def _page_configuration(settings: Settings, standing_in: StandIns) -> dict[str, object]:
    return {
        "basePath": settings.base_path,
        "appsPath": settings.apps_path,
        "demo": {"model": standing_in.model, "search": standing_in.search, "store": standing_in.store},
        "vendor": LOCAL_VENDOR,
    }
