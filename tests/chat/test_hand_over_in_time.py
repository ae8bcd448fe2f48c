"""How long a function tries to hand its turn over: giving the turn up needs some of the time that is left."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from function_process import ROOT

from aicode.invoke import NotInvoked, send
from chat.handover import handover_seconds

PROCESS = """
import asyncio

from aicode import invoke


async def main():
    for work in (invoke.prepare(), invoke.send("chat", {}, seconds=30)):
        try:
            await work
        except invoke.NotInvoked as error:
            print(type(error.__cause__).__name__)


asyncio.run(main())
"""


@pytest.mark.parametrize(("left", "tried"), [(20.0, 6.0), (3.0, 2.0), (0.0, 0.0), (-1.0, 0.0)])
def test_a_third_of_the_time_left_is_kept_for_giving_the_turn_up(left: float, tried: float):
    assert handover_seconds(left) == pytest.approx(tried)


async def test_an_invocation_that_is_not_answered_is_not_tried_for_longer_than_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[bytes] = []
    done = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        await done.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")

    with pytest.raises(NotInvoked):
        await send("chat", {"handover": {}}, seconds=1.0)

    # A silent try lasts two seconds, so that a second one would come too late.
    assert len(asked) <= 1
    done.set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("missing", "cause"), [("region", "NoRegionError"), ("boto3", "ImportError"), ("botocore", "ImportError")]
)
async def test_a_client_that_cannot_be_made_counts_as_an_invocation_that_was_not_taken(
    missing: str, cause: str, tmp_path: Path
):
    (tmp_path / f"{missing}.py").write_text("raise ImportError")
    folders = [str(tmp_path), *(str(ROOT / folder) for folder in ("layers/core", "functions"))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS),
        stdout=asyncio.subprocess.PIPE,
        env={
            "PYTHONPATH": os.pathsep.join(folders),
            "AWS_CONFIG_FILE": os.devnull,
        },
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()

    assert output.decode().split() == [cause, cause]
