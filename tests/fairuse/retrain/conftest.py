"""A tiny archive and a registry whose champion was fitted to it, made once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors import forest
from detectors.gate.suite import Size
from fairuse.bench.learning.world import by_day
from fairuse.database import migrate
from fairuse.retrain.running import TONIGHT, Ways, run_night
from fairuse.settings import Settings
from streams.archive import ArchiveWriter
from streams.clock import ManualClock
from streams.encode import encode_table
from streams.partitions import partition_for
from streams.raw import Encoding, Partition, RawBatch
from streams.simulator import Mix, simulate

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 3, 9, 3, tzinfo=UTC)
SMALL = Size(40, 1.0)
"""A suite of the gate that takes no time; its families say little."""
PEOPLE = Mix({"casual": 0.5, "office_worker": 0.3, "fixed_interval_bot": 0.2})


@dataclass(frozen=True)
class Platform:
    """One platform's places, and nights in it."""

    settings: Settings

    def night(self, at=NIGHT, wanted=TONIGHT, told=None, **changes):
        settings = self.settings.model_copy(update=changes)
        ways = Ways(size=SMALL, processes=1, **({"told": told} if told else {}))
        return run_night(settings, ManualClock(at), wanted, ways)

    @property
    def registry(self):
        return self.settings.registry_dir


def archive(folder, tables, *, partitions=2, day=date(2026, 3, 8), starts=(0, 0)):
    """Write tables to an archive as `fairuse archive` does."""
    writer, done = ArchiveWriter(folder), list(starts)
    for table in tables:
        values = encode_table(table)
        keys = [key.encode() for key in table.column("account_id").to_pylist()]
        for number in range(partitions):
            mine = [
                n for n, key in enumerate(keys)
                if partition_for(key, values[n], partitions) == number
            ]  # fmt: skip
            if not mine:
                continue
            writer.add(
                RawBatch(
                    Partition("usage-events", number), done[number] + np.arange(len(mine)),
                    [values[n] for n in mine], np.full(len(mine), Encoding.JSON, np.uint8),
                    done[number] + len(mine), [keys[n] for n in mine],
                )
            )  # fmt: skip
            done[number] += len(mine)
    writer.flush(day)
    return done


def settings_in(folder, **changes):
    given = {
        "database_url": f"sqlite:///{folder}/fairuse.db", "archive_dir": folder / "archive",
        "registry_dir": folder / "registry", "retrain_dir": folder / "nights", "shadow_days": 2.0,
        "audit_share": 0.0, "grace_seconds": 0.0,
    }  # fmt: skip
    return Settings(**(given | changes))


@pytest.fixture(scope="package", autouse=True)
def few_trees():
    """Grow ten trees instead of a hundred: they are most of what a small night costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(forest.fit.__kwdefaults__, "trees", 10)
        yield


@pytest.fixture(scope="package")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform of forty accounts that has had its first night."""
    folder = tmp_path_factory.mktemp("platform")
    *days, last = by_day([simulate(40, 7, 4, mix=PEOPLE)], 7)
    done = archive(folder / "archive", days)
    platform = Platform(settings_in(folder))
    migrate(platform.settings.database_url)
    assert platform.night().outcome == "promoted"
    archive(folder / "archive", [last], day=date(2026, 3, 9), starts=done)
    return folder


@pytest.fixture
def platform(first_night, tmp_path) -> Platform:
    """A copy of it, to be maltreated; a day has passed and more has happened."""
    shutil.copytree(first_night, tmp_path, dirs_exist_ok=True)
    return Platform(settings_in(tmp_path))


LATER = NIGHT + timedelta(days=1)
