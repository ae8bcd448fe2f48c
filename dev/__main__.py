"""`make dev`: the whole product on this machine."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from aicode.settings import SettingsError
from dev import composition, stand_ins
from dev.composition import ROOT, Stack
from dev.output import say
from dev.stand_ins import ENV_FILE, StandIns
from dev.upstash import ValkeyUnavailableError

_WATCH_SECONDS = 0.2


class PortTaken(Exception):
    """Something else listens where the stack was to listen; the message names the way out."""


async def run() -> str | None:
    """Serves until it is told to end; the returned line says why it could not."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            loop.add_signal_handler(number, stop.set)
    here = Path.cwd()  # make runs in the project's folder
    data_dir = here
    try:
        known = stand_ins.read(here, os.environ)
        data_dir = stand_ins.data_dir(here, known)
        port, sites_port = stand_ins.port(known), stand_ins.sites_port(known)
        _check_port(port, "make dev PORT=3001")
        _check_port(sites_port, "make dev SITES_PORT=3002")
        async with composition.serve(known, port=port, sites_port=sites_port, data_dir=data_dir) as stack:
            say(first_screen(stack, data_dir))
            page = asyncio.create_task(_build_page(stack))
            orphaned = asyncio.create_task(_stop_with_make(stop))
            await stop.wait()
            say("Ending ...")
            orphaned.cancel()
            page.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await page
    except (SettingsError, PortTaken) as error:
        return str(error)
    except ValkeyUnavailableError as error:
        return f"The embedded Redis cannot run here ({error}): set UPSTASH_REDIS_REST_URL to another one."
    except BlockingIOError:
        return f"Another local stack uses {data_dir}: end it, or start this one with another DATA_DIR."
    except OSError as error:
        return f"The data folder {data_dir} cannot be used ({error.strerror}): set DATA_DIR to one that can."
    return None


async def _stop_with_make(stop: asyncio.Event) -> None:
    """Ends the stack where the make that started it was killed: nobody else could end it any more."""
    if "MAKELEVEL" not in os.environ:
        return
    make = os.getppid()
    while os.getppid() == make:  # noqa: ASYNC110 - nothing tells a process of its parent's end
        await asyncio.sleep(_WATCH_SECONDS)
    stop.set()


def _check_port(port: int, way_out: str) -> None:
    """Raises PortTaken before anything else is started.

    The stack listens on 127.0.0.1 alone, but a browser's `localhost` would reach whoever listens on ::1.
    """
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        try:
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            if host == "::1" and error.errno != errno.EADDRINUSE:
                continue  # a machine without IPv6
            reason = os.strerror(error.errno or 0)
            raise PortTaken(f"Port {port}: {reason}. Choose another one: {way_out}") from error


async def _build_page(stack: Stack) -> None:
    """Builds the page while the API answers already."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dev.setup", "page", cwd=ROOT, start_new_session=True
    )
    try:
        stack.site.failed = await process.wait() != 0
    finally:
        if process.returncode is None:
            # npm's children are in its process group.
            os.killpg(process.pid, signal.SIGTERM)
            await process.wait()


def first_screen(stack: Stack, data_dir: Path) -> str:
    """The address, and in plain words which parts are stand-ins."""
    rows = _parts(stack.standing_in, data_dir)
    width = max(len(name) for name, _ in rows)
    lines = "\n".join(f"  {name:{width}}  {text}" for name, text in rows)
    return (
        f"\nAI Code runs at {stack.url}\nPublished apps are at {stack.sites_url}/<site>/\n\n{lines}\n\n"
        f"Settings: copy .env.example to {ENV_FILE}. A token for curl: make token VENDOR=alice. "
        "Ctrl-C ends it.\n"
    )


def _parts(stand_ins: StandIns, data_dir: Path) -> Sequence[tuple[str, str]]:
    here = Path.cwd()
    shown = data_dir.relative_to(here) if data_dir.is_relative_to(here) else data_dir
    return [
        (
            "Claude",
            "DEMO MODEL: prepared answers, no AI. Set ANTHROPIC_API_KEY for Claude."
            if stand_ins.model
            else "Claude's API, as set",
        ),
        (
            "Sessions",
            f"embedded Redis in {shown} (stands in for Upstash)" if stand_ins.redis else "Upstash, as set",
        ),
        (
            "Apps and files",
            f"SQLite in {shown} (stands in for DynamoDB and S3)"
            if stand_ins.store
            else "DynamoDB and S3, as set",
        ),
        ("Web search", _search(stand_ins)),
    ]


def _search(stand_ins: StandIns) -> str:
    if stand_ins.search:
        return "DEMO PAGES: a handful, made up. Set EXA_API_KEY for the web."
    return "Exa where EXA_API_KEY or EXA_BASE_URL is set, else not offered"


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
