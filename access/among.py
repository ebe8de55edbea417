"""`column IN (many values)` in one statement text, however many values there are.

A list that is written out makes another text of every length, and no database keeps a plan for
all of them. Here the list is one parameter: an array on PostgreSQL, JSON on SQLite.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Dialect, TableValuedAlias
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine


class Words(TypeDecorator[Any]):
    """Many words as one value."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(String) if postgres else String())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        words = list(value or ())
        return words if dialect.name == "postgresql" else json.dumps(words)


class _Among(FunctionElement[bool]):
    """Whether the first clause is one of the words in the second."""

    type = Boolean()
    inherit_cache = True


def among(column: Any, parameter: str) -> ColumnElement[bool]:
    """Ask whether `column` is one of the words that `parameter` is given when it is executed.

    >>> str(among(column("id"), "ids"))
    'id IN (SELECT value FROM json_each(:ids))'
    """
    return _Among(column, bindparam(parameter, type_=Words()))


class _Each(FunctionElement[str]):
    """The words of a parameter as rows."""

    type = String()
    inherit_cache = True


def each_of(parameter: str) -> TableValuedAlias:
    """Give the words of `parameter` as a table to join; its column is `value`."""
    words = _Each(bindparam(parameter, type_=Words()))
    return words.table_valued("value", name=f"each_of_{parameter}")


@compiles(_Among)
def _for_sqlite(clause: _Among, compiler: SQLCompiler, **more: Any) -> str:
    return _compiled(clause, compiler, "SELECT value FROM json_each({})", **more)


@compiles(_Among, "postgresql")
def _for_postgres(clause: _Among, compiler: SQLCompiler, **more: Any) -> str:
    return _compiled(clause, compiler, "SELECT unnest({})", **more)


@compiles(_Each)
def _rows_for_sqlite(clause: _Each, compiler: SQLCompiler, **more: Any) -> str:
    return _rows(clause, compiler, "(SELECT value FROM json_each({}))", **more)


@compiles(_Each, "postgresql")
def _rows_for_postgres(clause: _Each, compiler: SQLCompiler, **more: Any) -> str:
    return _rows(clause, compiler, "(SELECT unnest({}) AS value)", **more)


def _rows(clause: _Each, compiler: SQLCompiler, rows: str, **more: Any) -> str:
    return rows.format(compiler.process(clause.clauses, **more))


def _compiled(clause: _Among, compiler: SQLCompiler, rows: str, **more: Any) -> str:
    column, words = (compiler.process(each, **more) for each in clause.clauses)
    return f"{column} IN ({rows.format(words)})"
