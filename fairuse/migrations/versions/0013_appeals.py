"""Appeals: a customer contests a pause, and another person answers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from fairuse.migrations.guards import guard, unguard

revision = "0013"
down_revision = "0012"

ID = sa.String(64)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "appeals",
        _column("id", ID, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id")),
        _column("number", sa.Integer()),
        _column("words", sa.Text()),
        _column("filed_at", TIME),
        _column("filed_by", sa.String(128)),
        sa.UniqueConstraint("case_id", "number"),
    )
    op.create_index("ix_appeals_filed_at_id", "appeals", ["filed_at", "id"])
    op.create_table(
        "appeal_ends",
        _column("appeal_id", ID, sa.ForeignKey("appeals.id"), primary_key=True),
        _column("decision_id", NUMBER, sa.ForeignKey("decisions.id")),
        _column("result", sa.String(32)),
        _column("at", TIME),
    )
    guard("appeals")
    guard("appeal_ends")


def downgrade() -> None:
    unguard("appeal_ends")
    unguard("appeals")
    op.drop_table("appeal_ends")
    op.drop_table("appeals")


def _column(name: str, of: Any, *parts: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=False, **more)
