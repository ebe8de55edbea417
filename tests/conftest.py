"""What every test shares: on CI a test that could not reach its real part has failed."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["tests.broker", "tests.chromium", "tests.postgres"]

REAL_PARTS = ("kafka", "postgres", "browser", "spark")
PAGES = ("tests/console/", "tests/customer/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test of a page one of the two databases: every page still meets both.

    What pages read is tested on both in `tests/review_api`; without PostgreSQL all are on SQLite.
    """
    spare = [item for item in items if _is_spare(item)]
    if spare:
        config.hook.pytest_deselected(items=spare)
        items[:] = [item for item in items if item not in set(spare)]


def _is_spare(item: pytest.Item) -> bool:
    from tests.postgres import is_installed  # noqa: PLC0415 - a plugin: loaded by then

    named = getattr(item, "callspec", None)
    both = [mark for mark in item.iter_markers("parametrize") if "database" in mark.args[0]]
    if not item.nodeid.startswith(PAGES) or named is None or both:
        return False
    name = zlib.crc32(f"{item.path.name}{item.originalname}".encode())  # type: ignore[attr-defined]
    wanted = "postgres" if name % 2 and is_installed() else "sqlite"
    return named.params.get("database", wanted) != wanted


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
