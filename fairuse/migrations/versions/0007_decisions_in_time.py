"""Decisions that take effect after a grace, may be taken back before, and may need two persons."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NAME = sa.String(128)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What was decided before there was a grace took effect at once.
_AT_ONCE = "UPDATE decisions SET effective_from = at"
_TOOK_EFFECT = (
    "INSERT INTO decision_ends (decision_id, fate, at, actor) "
    "SELECT id, 'took_effect', at, reviewer FROM decisions"
)


def upgrade() -> None:
    with op.batch_alter_table("decisions") as decisions:
        decisions.add_column(sa.Column("kind", sa.String(32), nullable=True))
        decisions.add_column(sa.Column("checklist", sa.JSON(), nullable=True))
        decisions.add_column(sa.Column("answer", sa.Text(), nullable=True))
        decisions.add_column(sa.Column("effective_from", TIME, nullable=True))
        decisions.add_column(sa.Column("needs_second", sa.Boolean(), nullable=True))
    op.execute("UPDATE decisions SET checklist = '{}', answer = '', needs_second = false")
    op.execute(_AT_ONCE)
    with op.batch_alter_table("decisions") as decisions:
        decisions.alter_column("checklist", existing_type=sa.JSON(), nullable=False)
        decisions.alter_column("answer", existing_type=sa.Text(), nullable=False)
        decisions.alter_column("effective_from", existing_type=TIME, nullable=False)
        decisions.alter_column("needs_second", existing_type=sa.Boolean(), nullable=False)
        decisions.create_index("ix_decisions_effective_from", ["effective_from"])
    op.create_table(
        "second_opinions",
        _column("decision_id", NUMBER, sa.ForeignKey("decisions.id"), primary_key=True),
        _column("agrees", sa.Boolean()),
        _column("rationale", sa.Text()),
        _column("reviewer", NAME),
        _column("at", TIME),
    )
    op.create_table(
        "decision_ends",
        _column("decision_id", NUMBER, sa.ForeignKey("decisions.id"), primary_key=True),
        _column("fate", sa.String(32)),
        _column("at", TIME),
        _column("actor", NAME),
    )
    op.execute(_TOOK_EFFECT)


def downgrade() -> None:
    op.drop_table("decision_ends")
    op.drop_table("second_opinions")
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_index("ix_decisions_effective_from")
        for name in ("needs_second", "effective_from", "answer", "checklist", "kind"):
            decisions.drop_column(name)


def _column(name: str, of: Any, *parts: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=False, **more)
