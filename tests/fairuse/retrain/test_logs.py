"""The archive as a log: the same bits in one process and in two, even without its beginning."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from detectors.census import CensusTask, census, together
from fairuse.archiving.base import fold
from fairuse.cli.outcome import exit_status
from fairuse.errors import ProgramError, WrongInputError
from fairuse.retrain.logs import ArchiveLog, beheaded, lost, positions_of
from streams.archive import archive_files, file_name
from streams.archive_write import write_file
from streams.hashing import DEFAULT_KEY
from streams.place import Place
from tests.fairuse.retrain.archives import PARTITIONS, ended, write_archive

ROOT = Path(__file__).parents[3]
PLACES = [Place(one.topic, one.number, offset) for one in PARTITIONS for offset in range(0, 900, 7)]


@pytest.fixture(scope="module")
def archived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archived")
    write_archive(folder, accounts=30, days=2)
    return folder


@pytest.fixture(scope="module")
def counted(archived):
    return census(ArchiveLog(archived, processes=1), PLACES)


def same(one, other):
    assert one.names == other.names
    assert one.arrays().keys() == other.arrays().keys()
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name)


def test_two_processes_count_what_one_does_to_the_last_bit(archived, counted):
    heard = []
    assert len(counted.judged.key)
    with ArchiveLog(archived, processes=2, told=heard.append) as log:
        same(census(log, PLACES), counted)
        assert heard == list(PARTITIONS)
        same(census(log, PLACES), counted)


def test_the_processes_of_a_night_that_was_killed_end_with_it(archived):
    script = Path(__file__).with_name("orphans.py")
    night = subprocess.run(
        [sys.executable, script, archived], env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert night.returncode == -signal.SIGKILL, night.stderr
    processes = [Path("/proc") / number for number in night.stdout.split()]
    assert len(processes) == 2
    for _ in range(100):
        if not any(map(is_at_work, processes)):
            return
        time.sleep(0.1)
    pytest.fail("they are there still")


def is_at_work(process):
    """Tell whether a process is there and no mere entry of one that ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] not in "XZ"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_process_that_ends_by_itself_is_one_line(archived):
    with (
        pytest.raises(ProgramError, match="a process that read the archive was ended") as caught,
        ArchiveLog(archived, processes=2) as log,
    ):
        log.each(ended)
    assert exit_status(caught.value) == 1


def test_a_partition_by_itself_gives_what_it_gives_among_others(archived, counted):
    task = CensusTask(PLACES)
    alone = [
        ArchiveLog(archived, upto={one: 1 << 40}, processes=1).each(task)[0] for one in PARTITIONS
    ]
    same(together(alone), counted)


def test_a_day_before_anything_was_archived_is_named(archived):
    with pytest.raises(WrongInputError, match="nothing had been archived by the end of 1999-12-31"):
        positions_of(archived, date(1999, 12, 31))


def test_a_log_ends_at_the_offsets_that_it_was_opened_up_to(archived):
    cut = census(ArchiveLog(archived, upto={PARTITIONS[0]: 500, PARTITIONS[1]: 0}, processes=1))
    assert cut.events == 500


def test_a_file_that_went_from_the_middle_is_said(tmp_path):
    for first, last in ((0, 9), (10, 19), (20, 29)):
        write_file(file_name(tmp_path, date(2026, 1, 1), PARTITIONS[1], first, last), [])
    assert lost(tmp_path) == []
    archive_files(tmp_path)[1].path.unlink()
    (line,) = lost(tmp_path)
    assert "usage-events/1: 10 offsets" in line
    assert "first 10 to 19" in line


def test_a_partition_has_lost_its_beginning_unless_the_base_holds_it(tmp_path):
    write_archive(tmp_path, accounts=12, days=2)
    assert beheaded(tmp_path) == set()
    later = next(file for file in archive_files(tmp_path) if file.number == 1)
    fold(tmp_path, PARTITIONS[1], later.first + 5, DEFAULT_KEY)
    begin = f"{later.first + 5:020d}"
    later.path.rename(later.path.with_name(later.path.name.replace(f"{later.first:020d}", begin)))
    assert beheaded(tmp_path) == set()
    shutil.rmtree(tmp_path / "base")
    assert beheaded(tmp_path) == {PARTITIONS[1]}
