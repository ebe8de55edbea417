"""What both databases can do and say differently: the seconds between times, and the month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Float, cast, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from access.columns import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute
    from sqlalchemy.sql.compiler import SQLCompiler

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
MONTH: Final = timedelta(days=30)
"""An account-month as the calibration counts them from `BEGINNING` on (`detectors.memory`)."""


class seconds_between(FunctionElement[float]):  # noqa: N801 - used as a function of SQL
    """Seconds from the first time to the second."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))::double precision"


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


def month_of(at: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    """Give the number of the account-month in which a time lies."""
    seconds = seconds_between(literal(BEGINNING, UtcDateTime()), at)
    return cast(seconds, BigInteger) // int(MONTH.total_seconds())
