"""A skipped test is no passed test: only the reasons in allowed_skips.txt are let through.

With `-n` and `--dist loadfile`, tests that share a running product share a process too, and the longest begin
first.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs] - xdist has types, and no marker
from xdist.scheduler import LoadFileScheduling  # pyright: ignore[reportMissingTypeStubs]

_LIST = Path(__file__).with_name("allowed_skips.txt")
_ALLOWED = {line for line in _LIST.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}
# Rooms whose files share a product, and the files there that have one of their own.
_SHARING = ("tests/faults", "tests/end_to_end")
_APART = (
    # Before those of functions that live for seconds: the page's tests run beside the first units.
    "test_contract_environment.py",
    "test_handover.py",
    "test_failed_handover.py",
    "test_long_sessions.py",
    "test_emulated_aws.py",
    "test_rights.py",
)
_LONG = ("tests/simulation", "tests/stack", "tests/function_url", "tests/file_store")
# All its cases take as long as the rest of their room, and mostly wait: that is worth a second product.
_MATRIX = "tests/faults/test_crash_matrix.py" if os.environ.get("CRASHES") == "all" else ""
# Its tests share nothing but a Valkey, and four hundred seeds are minutes of one core.
_SEEDS = "tests/simulation/test_simulation.py"


def _unit(nodeid: str) -> str:
    """What one process runs as a whole: a room with one product, a file, or a test of seeds."""
    file = nodeid.partition("::")[0]
    if file == _MATRIX:
        return file
    if file == _SEEDS:
        return nodeid
    room, _, name = file.rpartition("/")
    return room if room in _SHARING and name not in _APART else file


def _rank(item: pytest.Item) -> int:
    """Where its unit stands in the order in which they are begun."""
    unit = _unit(item.nodeid)
    room, _, name = unit.rpartition("/")
    order = (*_SHARING, *_APART, *_LONG)
    return next((order.index(part) for part in (unit, name, room) if part in order), len(order))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process is left alone with it in the end."""
    items.sort(key=_rank)


class _Units(LoadFileScheduling):
    """Gives units to the processes, in the tests' order."""

    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """The order above for `--dist loadfile`, which by itself begins with the files of most tests."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return _Units(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    refuse(report)
    return report


def refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turns a skip or an expected failure into a failure unless its reason is listed."""
    if report.skipped:
        reason = skip_reason(report)
        if reason not in _ALLOWED:
            report.outcome = "failed"
            report.longrepr = f"Skipped for a reason that is not in {_LIST.name}: {reason}"
            vars(report).pop("wasxfail", None)


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What the test gave as its reason."""
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)
