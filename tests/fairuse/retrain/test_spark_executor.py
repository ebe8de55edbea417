"""What an executor does, without Spark: the same batches go in that Spark would hand over."""

from __future__ import annotations

import pickle
import shutil

import pyarrow as pa
import pytest

from detectors.census import CensusTask
from fairuse.archiving.base import BASE, fold
from fairuse.errors import WrongInputError
from fairuse.retrain import spark_executor
from fairuse.retrain.logs import ArchiveLog, positions_of
from fairuse.retrain.spark_executor import OtherCode, Passing, answers, own_code
from streams.archive import archive_files
from streams.errors import InputError
from streams.hashing import DEFAULT_KEY
from tests.fairuse.retrain.archives import PARTITIONS, write_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    write_archive(folder, accounts=16)
    return folder


@pytest.fixture
def cut(archive, tmp_path):
    """The same, one partition's first half folded into its base."""
    folder = shutil.copytree(archive, tmp_path / "archive")
    first = archive_files(folder)[0]
    fold(folder, first.partition, first.last // 2, DEFAULT_KEY)
    return folder, first.last // 2


def batches(paths):
    for path in paths:
        row = [pa.array([str(path)]), pa.array([path.read_bytes()], pa.binary())]
        yield pa.RecordBatch.from_arrays(row, names=["path", "content"])


def places(_partition, events):
    return [(row["offset"].item(), row["index"].item()) for e in events for row in e.events]


def count(_partition, events):
    return sum(map(len, events))


def passed(archive, task, *, upto=None, code=None, again=()):
    passing = Passing(task, DEFAULT_KEY, upto or positions_of(archive), code or own_code())
    given = [*(archive / BASE).glob("*")]
    given += [file.path for file in sorted([*archive_files(archive), *again])]
    return answers(pa.Table.from_batches(list(passing.run(batches(given)))))


def test_partitions_that_share_an_executor_are_kept_apart(archive):
    found = passed(archive, places)
    log = ArchiveLog(archive, processes=1)
    assert [found[one].result for one in PARTITIONS] == log.each(places)
    assert all(found[one].result for one in PARTITIONS)


def test_a_partition_without_its_beginning_goes_on_from_its_base(cut):
    found = passed(cut[0], CensusTask())
    said = ArchiveLog(cut[0], processes=1).each(CensusTask())
    for one, other in zip((found[name].result for name in PARTITIONS), said, strict=True):
        assert (one.names, one.events) == (other.names, other.events)
        pairs = zip(one.vectors, other.vectors, strict=True)
        assert all(a.tobytes() == b.tobytes() for a, b in pairs)


def test_what_is_before_the_base_is_gone_on_an_executor_too(cut):
    upto = dict.fromkeys(PARTITIONS, cut[1] - 1)
    error = passed(cut[0], count, upto=upto)[PARTITIONS[0]].error
    assert isinstance(error, WrongInputError)
    assert "those days are gone" in str(error)


def test_a_file_that_comes_twice_counts_once(archive):
    twice = archive_files(archive)[1]
    assert passed(archive, places) == passed(archive, places, again=[twice])


def test_a_pass_ends_where_it_was_told_to_within_a_file(archive):
    upto = {one: end - 7 for one, end in positions_of(archive).items()}
    found = passed(archive, places, upto=upto)
    assert [found[one].result for one in PARTITIONS] == ArchiveLog(
        archive, upto=upto, processes=1
    ).each(places)
    assert found[PARTITIONS[0]].result[-1] == (upto[PARTITIONS[0]] - 1, 0)


def test_what_a_task_leaves_unread_is_not_taken_for_the_next_partition(archive):
    found = passed(archive, lambda _partition, events: len(next(iter(events))))
    assert sorted(found) == list(PARTITIONS)


def test_a_result_larger_than_a_message_comes_in_pieces(archive, monkeypatch):
    whole = passed(archive, CensusTask())[PARTITIONS[1]].result
    monkeypatch.setattr(spark_executor, "PIECE", 1000)
    cut = passed(archive, CensusTask())[PARTITIONS[1]].result
    assert cut.names == whole.names
    assert all(a.tobytes() == b.tobytes() for a, b in zip(cut.vectors, whole.vectors, strict=True))


def test_an_executor_with_other_code_does_nothing(archive):
    error = passed(archive, count, code="of another release")[PARTITIONS[0]].error
    assert isinstance(error, OtherCode)
    assert "of another release" in str(error)


def test_a_damaged_file_is_named(tmp_path):
    write_archive(tmp_path, accounts=8, days=1)
    broken = archive_files(tmp_path)[0].path
    broken.write_bytes(broken.read_bytes()[:-9])
    found = passed(tmp_path, count)
    assert isinstance(found[PARTITIONS[0]].error, InputError)
    assert str(broken) in str(found[PARTITIONS[0]].error)
    assert found[PARTITIONS[1]].result > 0


def test_an_error_about_a_file_crosses_processes_whole():
    odd = InputError("it is odd", file="a.csv", line=3, field="seed")
    error = pickle.loads(pickle.dumps(odd))  # noqa: S301 - our own
    assert (str(error), error.line) == ("a.csv, line 3, field seed: it is odd", 3)
