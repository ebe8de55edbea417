"""Erasures, and the words in facts that only an erasure may replace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access.columns import RowNumber
from fairuse.migrations.guards import (
    drop_exception,
    guard,
    guard_but,
    make_exception,
    unguard,
    unguard_but,
)

revision = "0017"
down_revision = "0016"

TIME = sa.DateTime(timezone=True)
WORDS = {
    "case_events": ("detail",),
    "evidence": ("payload",),
    "decisions": ("rationale", "answer"),
    "appeals": ("words",),
}


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("account_id", sa.String(128), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("erased", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_erasures_account_id_accounts")
        ),
    )
    op.create_index(op.f("ix_erasures_account_id"), "erasures", ["account_id"])
    make_exception()
    for table, words in WORDS.items():
        unguard(table)
        guard_but(table, words)


def downgrade() -> None:
    for table in WORDS:
        unguard_but(table)
        guard(table)
    drop_exception()
    op.drop_index(op.f("ix_erasures_account_id"), "erasures")
    op.drop_table("erasures")
