"""The local stack: the functions behind one URL, and stand-ins for the services that are not set."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aicode.settings import Settings
from dev import aws, claude, demo_app, exa, function_url, stand_ins, upstash
from dev.function_url import Function, FunctionURLServer, Route
from dev.function_url.server import print_log
from dev.sign_in import LOCAL_VENDOR, SignIn
from dev.site import Site
from dev.stand_ins import StandIns

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "functions", ROOT / "layers" / "core", ROOT / "layers" / "runtime")
_PAGE = frozenset({"GET", "HEAD"})
# A laptop has few cores: a burst of requests is answered in turn rather than by as many cold starts.
QUEUE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running local stack."""

    url: str
    settings: Settings
    standing_in: StandIns
    site: Site
    server: FunctionURLServer


@asynccontextmanager
async def serve(
    known: Mapping[str, str],
    *,
    port: int,
    data_dir: Path,
    dist: Path = ROOT / "web" / "dist",
    claude_script: claude.Script | None = None,
) -> AsyncGenerator[Stack]:
    """The whole product on 127.0.0.1 until left; port 0 asks the system for one.

    `known` are the variables that are set (see dev.stand_ins). Raises SettingsError where they do not fit
    together, OSError if the port is taken, BlockingIOError if another stack uses `data_dir`,
    ValkeyUnavailableError where Valkey is needed and cannot run.
    """
    standing_in = StandIns.of(known)
    settings = stand_ins.local_settings(known)
    chat_timeout = stand_ins.timeout_seconds(known)
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as running:
        environment = {**known, "DATA_DIR": str(data_dir)}
        if standing_in.redis:
            redis = await running.enter_async_context(upstash.serve(data_dir=data_dir / "redis"))
            environment |= {"UPSTASH_REDIS_REST_URL": redis.url, "UPSTASH_REDIS_REST_TOKEN": redis.token}
        if standing_in.search:
            search = await running.enter_async_context(exa.serve())
            environment["EXA_BASE_URL"] = search.url
        if standing_in.model:
            model = await running.enter_async_context(claude.serve(script=claude_script, any_model=True))
            environment |= {"ANTHROPIC_BASE_URL": model.url, "AICODE_DEMO_MODEL": "1"}
        if standing_in.store:
            await demo_app.make(data_dir, LOCAL_VENDOR)
        else:
            environment |= dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), aws.region(known))
            if emulator := stand_ins.emulator(known):
                environment["FILES_BUCKET"] = emulator.bucket
                await demo_app.make_in_emulator(emulator, known, LOCAL_VENDOR)
        site = Site(
            dist=dist,
            openapi=ROOT / "docs" / "openapi.json",
            config=_page_configuration(settings, standing_in),
            sign_in=SignIn(settings, lambda: _names(environment["PORT"])),
            origins=lambda: stand_ins.local_settings(environment).public_origins,
        )
        server = await running.enter_async_context(
            function_url.serve(
                functions=functions(environment, chat_timeout),
                routes=routes(settings, site),
                port=port,
                sources=SOURCES,
                hosts=stand_ins.public_hosts(known),
                log=_log,
            )
        )
        # Processes start with the first request, so they get the port that the system chose.
        chosen = server.url.rpartition(":")[2]
        environment["PORT"] = chosen
        yield Stack(
            url=f"http://localhost:{chosen}",
            settings=settings,
            standing_in=standing_in,
            site=site,
            server=server,
        )


def _names(port: str) -> frozenset[str]:
    return frozenset({f"localhost:{port}", f"127.0.0.1:{port}"})


def functions(environment: Mapping[str, str], chat_timeout: float) -> list[Function]:
    """The three functions, with the limits that template.yaml gives them."""
    return [
        Function(
            name="chat",
            handler="chat.app.handler",
            streaming=True,
            timeout_seconds=chat_timeout,
            memory_mb=1024,
            max_processes=40,  # every reader of a stream holds one
            queue_seconds=QUEUE_SECONDS,
            environment=environment,
        ),
        Function(
            name="session",
            handler="session.app.handler",
            timeout_seconds=30,
            memory_mb=512,
            queue_seconds=QUEUE_SECONDS,
            environment=environment,
        ),
        Function(
            name="apps",
            handler="apps.app.handler",
            streaming=True,
            timeout_seconds=60,
            memory_mb=512,
            queue_seconds=QUEUE_SECONDS,
            environment=environment,
        ),
    ]


def _log(function: str, line: str) -> None:
    """Shows a function's log, without the metrics that CloudWatch would take out of it."""
    if '"CloudWatchMetrics"' not in line:
        print_log(function, line)


def routes(settings: Settings, site: Site) -> list[Route]:
    """Which function a request is for, or what of the site: as stacks/edge.yaml says it to CloudFront."""
    chat, apps = re.escape(settings.base_path), re.escape(settings.apps_path)
    return [
        Route(None, re.compile(f"{apps}(/.*)?"), "apps"),  # first: BASE_PATH may be a folder above
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
