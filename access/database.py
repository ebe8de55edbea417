"""Opens the database: SQLite in WAL mode on one machine, PostgreSQL through psycopg in production.

Every writing transaction on SQLite begins IMMEDIATE, so that two of them queue instead of
deadlocking when both upgrade a read lock. Every wait for either database is bounded. What a
driver raises when nobody answers becomes `DatabaseUnreachableError`, which never shows a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from access.columns import Base, Fact, UtcDateTime, words
from access.errors import BadDatabaseUrlError, DatabaseUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import CursorResult, Executable
    from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext

__all__ = [
    "BadDatabaseUrlError",
    "Base",
    "DatabaseUnreachableError",
    "Fact",
    "UtcDateTime",
    "open_engine",
    "place_of",
    "readers",
    "rows_of",
    "words",
    "writers",
]

CONNECT_SECONDS: Final = 5
LOCK_SECONDS: Final = 5
STATEMENT_SECONDS: Final = 30
POOL_SECONDS: Final = 10

_POSTGRES_OPTIONS: Final = (
    f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={2 * STATEMENT_SECONDS}s"
)


def open_engine(url: str, *, connections: int = 5) -> Engine:
    """Prepare the database at `url`; nothing is contacted until the first statement.

    `connections` stay open at most; half as many again may be opened in a rush.
    """
    address = _parse(url)
    sqlite = address.get_backend_name() == "sqlite"
    engine = create_engine(
        address,
        connect_args=_sqlite_arguments() if sqlite else _postgres_arguments(address),
        pool_size=connections,
        max_overflow=connections // 2,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=not sqlite,
    )
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _name_the_unreachable)
    return engine


def writers(engine: Engine) -> sessionmaker[Session]:
    """Sessions for transactions that may write."""
    return sessionmaker(engine, expire_on_commit=False)


def readers(engine: Engine) -> sessionmaker[Session]:
    """Sessions for transactions that only read: they wait for no writer."""
    return sessionmaker(engine.execution_options(postgresql_readonly=True), expire_on_commit=False)


def rows_of(
    session: Session, statement: Executable, parameters: Mapping[str, Any]
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement of plain columns past the ORM, which would cost half as much again.

    What the session holds unwritten is written first, as if the ORM had run it.
    """
    session.flush()
    return session.connection().execute(statement, parameters)


def place_of(url: URL) -> str:
    """Say where a database is in words that hold no secret."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return f"{url.host or 'the local socket'}:{url.port or 5432}"


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        # The text is not repeated: it may hold a password.
        raise BadDatabaseUrlError("the database address cannot be read as a URL") from None
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"postgresql+psycopg", "sqlite", "sqlite+pysqlite"}:
        raise BadDatabaseUrlError(
            f"a database address starts with sqlite: or postgresql:, not {address.drivername}:"
        )
    if address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}:
        raise BadDatabaseUrlError("a SQLite address names a file, such as sqlite:///var/fairuse.db")
    return address


def _sqlite_arguments() -> dict[str, Any]:
    # The driver's own transactions are switched off: `_begin_sqlite` opens them.
    return {"timeout": LOCK_SECONDS, "isolation_level": None}


def _postgres_arguments(url: URL) -> dict[str, Any]:
    own = url.query.get("options", "")
    asked = own if isinstance(own, str) else " ".join(own)
    # The operator's own options come last and win.
    options = f"{_POSTGRES_OPTIONS} {asked}".strip()
    return {"connect_timeout": CONNECT_SECONDS, "options": options}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("postgresql_readonly", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _name_the_unreachable(context: ExceptionContext) -> Exception | None:
    # The pool's own ping names no engine: when it fails, the pool opens another connection.
    if context.engine is None:
        return None
    # Without a connection it was the opening of one that failed.
    opening = context.connection is None and isinstance(context.sqlalchemy_exception, DBAPIError)
    if not (opening or context.is_disconnect):
        return None
    return DatabaseUnreachableError(f"no database answers at {place_of(context.engine.url)}")
