"""Where everything has to be there, nothing may be skipped."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

REQUIRE_ALL = os.environ.get("WHETSTONE_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips when WHETSTONE_REQUIRE_ALL=1: what it needs was promised to be there."""
    report = yield
    return _required(report, item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that skips as a whole in the same way."""
    report = yield
    return _required(report, collector.nodeid)


def _required(report: _Report, name: str) -> _Report:
    if REQUIRE_ALL and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{name} was not run, and WHETSTONE_REQUIRE_ALL=1 wants every test run: {reason}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Generator[None, None, None]:
    """Keep what tests make Whetstone remember out of the home of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(tmp_path_factory.mktemp("remembered")))
        yield
