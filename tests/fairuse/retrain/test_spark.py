"""Spark on two cores of this machine gives the bits that one process gives."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from functools import partial
from importlib.util import find_spec

import pytest

from detectors import forest, training
from detectors.gate.weighing import weigh
from detectors.policy import Policy
from detectors.registry import Registry
from fairuse.archiving.base import fold
from fairuse.errors import ProgramError, WrongInputError
from fairuse.retrain.logs import ArchiveLog
from fairuse.retrain.spark import SparkLog
from fairuse.retrain.spark_session import open_spark
from streams.archive import archive_files
from streams.hashing import DEFAULT_KEY
from streams.raw import Partition
from tests.fairuse.retrain.archives import PARTITIONS, counted, write_archive, wrong


@pytest.fixture(scope="module")
def spark():
    if find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed (make .venv/.spark)")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed (apt-get install openjdk-17-jre-headless)")
    with pytest.MonkeyPatch.context() as patch:
        # A Java machine that lives for seconds is not worth compiling well for.
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with open_spark("local[2]") as session:
            yield session


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("an archive")
    write_archive(folder)
    return folder


@pytest.fixture(scope="module")
def cut(archive, tmp_path_factory):
    """The same, one partition's first half folded into its base."""
    folder = shutil.copytree(archive, tmp_path_factory.mktemp("cut") / "archive")
    first = archive_files(folder)[0]
    fold(folder, first.partition, first.last // 2, DEFAULT_KEY)
    return folder


@pytest.mark.spark
def test_a_model_made_and_weighed_on_spark_is_the_same_to_the_last_bit(
    cut, spark, tmp_path, monkeypatch
):
    monkeypatch.setattr(forest, "fit", partial(forest.fit, trees=10))
    heard, registry = [], Registry(tmp_path)

    def made(log):
        fitted = training.fit(log, seed=3)
        model = registry.register(fitted.bank, fitted.calibration, fitted.manifest)
        last = datetime.fromisoformat(fitted.manifest.last_event)
        return model, weigh(log, model, model, Policy(), upto=int(last.timestamp() * 10**6))

    one, weighed = made(ArchiveLog(cut, processes=1))
    other, weighed_too = made(SparkLog(cut, spark=spark, told=heard.append))
    assert other.manifest.version == one.manifest.version
    assert len(weighed.months)
    for column in weighed.months.dtype.names:
        assert weighed_too.months[column].tobytes() == weighed.months[column].tobytes()
    assert heard == 3 * list(PARTITIONS)


@pytest.mark.spark
def test_a_partition_of_which_nothing_is_kept_is_passed_all_the_same(archive, spark):
    upto = {PARTITIONS[0]: 0, PARTITIONS[1]: 30, Partition("usage-events", 7): 5}
    log, one = (
        SparkLog(archive, upto=upto, spark=spark),
        ArchiveLog(archive, upto=upto, processes=1),
    )
    assert log.each(counted) == one.each(counted) == [0, 30, 0]


@pytest.mark.spark
def test_a_fault_of_a_task_is_one_line(archive, spark):
    with pytest.raises(ProgramError, match=r"^Spark: .*ZeroDivisionError: .*$"):
        SparkLog(archive, spark=spark).each(wrong)


@pytest.mark.spark
@pytest.mark.parametrize("where", ["empty", "nowhere"])
def test_no_archive_is_bad_input(where, tmp_path, spark):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongInputError, match=where):
        SparkLog(tmp_path / where, spark=spark)


def test_without_pyspark_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(WrongInputError, match=r"fairuse\[spark\]"), open_spark():
        pass
