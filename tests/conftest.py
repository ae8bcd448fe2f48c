"""A skipped test is no passed test: only the reasons in allowed_skips.txt are let through."""

from collections.abc import Generator
from pathlib import Path

import pytest

_LIST = Path(__file__).with_name("allowed_skips.txt")
_ALLOWED = {line for line in _LIST.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}


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
