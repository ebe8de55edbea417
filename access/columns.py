"""Column types and the declarative base that every stored table shares.

Times go in and come out aware and in UTC on both databases; words of a closed vocabulary are
stored as plain strings, so that a new word needs no migration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, DateTime, Enum, Integer, MetaData, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from access.errors import FactChangedError
from access.units import PLACES

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.orm import Mapper

# SQLite numbers rows by itself only in a column declared exactly INTEGER.
RowNumber: Final = BigInteger().with_variant(Integer(), "sqlite")

WORD_LENGTH: Final = 32


class Base(DeclarativeBase):
    """The one metadata; constraint names are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive times on the way in; gives UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class StoredUnits(TypeDecorator[Decimal]):
    """An exact amount with three places, kept as whole thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else int(value / PLACES)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value).scaleb(-3)


def words(vocabulary: type[StrEnum]) -> Enum:
    """Store a member of `vocabulary` as its word."""
    return Enum(
        vocabulary,
        native_enum=False,
        length=WORD_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )


class Fact:
    """A row that says what happened: written once, never changed, never deleted."""


@event.listens_for(Fact, "before_update", propagate=True)
@event.listens_for(Fact, "before_delete", propagate=True)
def _refuse_change(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    raise FactChangedError(f"{type(row).__name__} records what happened and cannot be changed")
