"""`python -m dev.upstash`: the database as a process of its own, ended by SIGINT or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from dev.upstash.faults import Faults
from dev.upstash.server import serve
from dev.upstash.valkey import ValkeyUnavailableError


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.upstash", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--data-dir", type=Path, help="without it nothing is kept")
    parser.add_argument("--token", required=True)
    parser.add_argument("--faults", action="store_true", help="serve the control routes /-/")
    options = parser.parse_args()

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        async with serve(
            data_dir=options.data_dir,
            token=options.token,
            port=options.port,
            faults=Faults() if options.faults else None,
        ) as upstash:
            sys.stdout.write(upstash.url + "\n")
            sys.stdout.flush()
            await ended.wait()
    except BlockingIOError:
        sys.exit(f"another process already serves {options.data_dir}")
    except (ValkeyUnavailableError, OSError) as error:
        sys.exit(f"can't start: {error}")


if __name__ == "__main__":
    asyncio.run(main())
