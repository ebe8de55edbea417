"""How cases came to be, second looks, golden cases, and the work that reviewers were given."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_inclusions",
        _column("case_id", ID, sa.ForeignKey("cases.id"), primary_key=True),
        _column("purpose", WORD, primary_key=True),
        _column("probability", sa.Double()),
        _column("at", TIME),
    )
    _create_looks()
    op.create_table(
        "golden_marks",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), index=True),
        _column("outcome", WORD, nullable=True),
        _column("why", sa.Text()),
        _column("actor", NAME),
        _column("at", TIME),
    )
    op.create_table(
        "given_work",
        _column("id", NUMBER, primary_key=True),
        _column("reviewer", NAME),
        _column("day", sa.String(10)),
        _column("turn", sa.Integer()),
        _column("case_id", ID, sa.ForeignKey("cases.id"), index=True),
        _column("share", WORD),
        _column("why", sa.String(256)),
        _column("at", TIME),
        sa.Index("ix_given_work_reviewer_day", "reviewer", "day"),
    )


def downgrade() -> None:
    for table in ("given_work", "golden_marks", "quality_looks", "case_inclusions"):
        op.drop_table(table)


def _create_looks() -> None:
    op.create_table(
        "quality_looks",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id")),
        _column("purpose", WORD),
        _column("reviewer", NAME),
        _column("outcome", WORD),
        _column("reason_code", WORD),
        _column("rationale", sa.Text()),
        _column("at", TIME),
        sa.UniqueConstraint("case_id", "reviewer"),
        sa.Index("ix_quality_looks_at", "at"),
        sa.Index("ix_quality_looks_reviewer_at", "reviewer", "at"),
    )


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
