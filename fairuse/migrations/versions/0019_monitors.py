"""What each night found of the models, and whether the promise to honest customers is in doubt."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from fairuse.migrations.guards import guard, unguard

revision = "0019"
down_revision = "0018"

NAME = sa.String(128)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("night_reports", "promise_changes")


def upgrade() -> None:
    op.create_table(
        "night_reports",
        _column("night", NAME, primary_key=True),
        _column("model_version", NAME, primary_key=True),
        _column("at", TIME, index=True),
        _column("found", sa.JSON()),
    )
    op.create_table(
        "promise_changes",
        _column("id", NUMBER, primary_key=True),
        _column("standing", sa.String(32)),
        _column("since", TIME),
        _column("actor", NAME),
        _column("why", sa.Text()),
        _column("e_value", sa.Double()),
        _column("judged", sa.Integer()),
        _column("wrongful", sa.Integer()),
    )
    for table in TABLES:
        guard(table)


def downgrade() -> None:
    for table in TABLES:
        unguard(table)
        op.drop_table(table)


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
