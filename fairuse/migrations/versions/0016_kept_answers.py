"""Answers kept for who may send the same request again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("caller", sa.String(128), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("caller", "key", name="uq_kept_answers_caller_key"),
        sa.Index("ix_kept_answers_at", "at"),
    )


def downgrade() -> None:
    op.drop_table("kept_answers")
