"""What a check of an app takes on one core: time, and the most memory of the function and of either program.

Goal: an app of 62 files in 1 s and 100 MB. Each app is checked RUNS times by a process of its own.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 7
NAMES = ("router", "charts", "forms", "styles", "json", "missing_package", "type_error", "syntax_error")
MORE = ("circular", "plain", "many_files", "empty")


def measure(name: str) -> None:
    """Checks one app several times; prints a row."""
    from build.check import find_problems  # noqa: PLC0415 - in the process that is measured
    from build.source import Source  # noqa: PLC0415
    from build.workspace import Tools  # noqa: PLC0415
    from dev.template import ROOT  # noqa: PLC0415
    from tests.build.build_world import many_files, sample  # noqa: PLC0415

    given = many_files() if name == "many_files" else {} if name == "empty" else sample(name)
    files: dict[str, bytes | None] = {
        path: text.encode() if isinstance(text, str) else text for path, text in given.items()
    }
    source = Source(revision=1, files=files)
    tools = Tools.of({"BUILD_TOOLS": os.environ.get("BUILD_TOOLS", str(ROOT / "web"))})
    times: list[float] = []
    problems = 0
    for _ in range(RUNS):
        began = time.perf_counter()
        problems = len(asyncio.run(find_problems(source, tools)))
        times.append(time.perf_counter() - began)
    own, programs = (
        resource.getrusage(who).ru_maxrss / 1000 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    processor = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{name:16} {len(files):5} {problems:8} {times[0]:7.2f} {statistics.median(times):7.2f} "
        f"{(processor.ru_utime + processor.ru_stime) / RUNS:9.2f} {own:8.0f} {programs:9.0f}",
        flush=True,
    )


def main() -> None:
    """A row for each app."""
    print("app              files problems first s median s processor s own MB programs MB")
    core = {min(os.sched_getaffinity(0))}
    for name in (*NAMES, *MORE):
        subprocess.run(  # noqa: S603 - this program
            [sys.executable, Path(__file__), name],
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, core),
        )


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
