"""Opens Spark, quietly and for as long as it is needed, and says its errors in a line of ours."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fairuse
from fairuse.errors import ProgramError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

NO_SPARK: Final = "the engine spark needs PySpark: pip install 'fairuse[spark]'"
ALWAYS: Final = {
    "spark.log.level": "FATAL",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "0",  # what is collected is what one machine would hold as well
}
LOOPBACK: Final = "127.0.0.1"
LOCAL: Final = {
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    "spark.executorEnv.PYTHONPATH": str(Path(fairuse.__path__[0]).parent),
}


@contextmanager
def spoken(place: object) -> Iterator[None]:
    """Say what Spark says, in a line of ours."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        with warnings.catch_warnings():
            # It distrusts our pandas, of which it gets to see nothing: all that passes is Arrow.
            warnings.simplefilter("ignore", FutureWarning)
            yield
    except PySparkException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise WrongInputError(f"{place}: there is no such folder") from error
        raise ProgramError(f"Spark: {_line(error)}") from error
    except Py4JError as error:
        raise ProgramError(f"Spark: {_line(error)}") from error


@contextmanager
def open_spark(master: str | None = None) -> Iterator[SparkSession]:
    """Start Spark, or join that of `spark-submit`, and stop it in any case; it tells errors only.

    Without `master`, and not under `spark-submit`, all cores of this machine. Raises
    `WrongInputError` without PySpark and `ProgramError` if no Java starts.
    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise WrongInputError(NO_SPARK) from error
    if master is None and "PYSPARK_GATEWAY_PORT" not in os.environ:
        master = "local[*]"
    building = SparkSession.builder.appName("fairuse retrain").config(map=ALWAYS)
    if master and master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
        building = building.config(map=LOCAL)
    try:
        spark = (building.master(master) if master else building).getOrCreate()
    except PySparkException as error:
        raise ProgramError(f"Spark does not start: {error}") from error
    try:
        yield spark
    finally:
        spark.stop()


def _line(error: Exception) -> str:
    """Give the one line of many that says what happened: of a Python traceback the last."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("at ", "File ", "..."))]
    ends = [n for n, line in enumerate(told) if "Error: " in line]
    return told[ends[-1] if ends else 0] if told else type(error).__name__
