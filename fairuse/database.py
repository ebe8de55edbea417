"""Brings a database to a version of the schema, and says which version it is at.

The migrations live in `fairuse/migrations`; they run in one transaction, and on PostgreSQL two
programs that migrate at once wait for each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import access.books
import access.models
import review_api.activity_records
import review_api.appeal_records
import review_api.claim_records
import review_api.detector_records
import review_api.erasure_records
import review_api.kept_answers
import review_api.link_models
import review_api.models
import review_api.monitors.records
import review_api.notices.records
import review_api.person_records
import review_api.quality.records
import review_api.queue_records
import review_api.records
import review_api.sweeps.records
from access.columns import Base
from access.database import open_engine
from access.locks import AdvisoryLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection

# A table is known once the module that declares it is imported.
TABLES: Final = (
    access.books,
    access.models,
    review_api.activity_records,
    review_api.claim_records,
    review_api.appeal_records,
    review_api.detector_records,
    review_api.kept_answers,
    review_api.erasure_records,
    review_api.link_models,
    review_api.models,
    review_api.monitors.records,
    review_api.person_records,
    review_api.quality.records,
    review_api.queue_records,
    review_api.records,
    review_api.sweeps.records,
)
METADATA: Final = Base.metadata


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`, the newest by default."""
    _with_connection(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; ``base`` empties it."""
    _with_connection(url, lambda config: command.downgrade(config, revision))


def revision_of(url: str) -> str | None:
    """Give the database's present revision, None if it was never migrated."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _with_connection(url: str, run: Callable[[Config], None]) -> None:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            _wait_for_turn(connection)
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            run(config)
    finally:
        engine.dispose()


def _wait_for_turn(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return  # beginning the transaction was waiting for one's turn
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.MIGRATING.value}
    )
