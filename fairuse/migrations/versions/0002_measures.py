"""Measures short of a pause, and suppressions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("measures", "measure_ends", "suppressions", "suppression_ends")

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "measures",
        _column("id", ID, primary_key=True),
        _column("account_id", NAME, sa.ForeignKey("accounts.id"), index=True),
        _column("kind", WORD),
        _column("case_id", ID),
        _column("reason", sa.String(500)),
        _column("since", TIME),
        _column("until", TIME),
        _column("actor", NAME),
        sa.UniqueConstraint("case_id", "kind"),
    )
    op.create_table(
        "measure_ends",
        _column("measure_id", ID, sa.ForeignKey("measures.id"), primary_key=True),
        _column("kind", WORD),
        _column("at", TIME),
        _column("actor", NAME),
    )
    op.create_table(
        "suppressions",
        _column("id", ID, primary_key=True),
        _column("account_id", NAME, sa.ForeignKey("accounts.id"), index=True),
        _column("kind", WORD, nullable=True),
        _column("reason", sa.String(500)),
        _column("since", TIME),
        _column("until", TIME),
        _column("actor", NAME),
    )
    op.create_table(
        "suppression_ends",
        _column("suppression_id", ID, sa.ForeignKey("suppressions.id"), primary_key=True),
        _column("at", TIME),
        _column("actor", NAME),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
