"""What every test shares: on CI a test that could not reach its real part has failed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["tests.broker", "tests.chromium", "tests.postgres"]

REAL_PARTS = ("kafka", "postgres", "browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    needs_part = any(item.get_closest_marker(part) for part in REAL_PARTS)
    if report.skipped and needs_part and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, though CI=true: {reason}"
    return report
