"""Who holds which case."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "claims",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), index=True),
        _column("token", ID, unique=True),
        _column("holder", NAME),
        _column("since", TIME, index=True),
        _column("until", TIME),
        _column("ended_at", TIME, nullable=True),
        _column("ended_by", NAME, nullable=True),
        _column("ending", WORD, nullable=True),
        sa.Index("ix_claims_ended_at", "ended_at"),
        sa.Index(
            "uq_claims_one_standing",
            "case_id",
            unique=True,
            postgresql_where=STANDING,
            sqlite_where=STANDING,
        ),
    )


def downgrade() -> None:
    op.drop_table("claims")


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
