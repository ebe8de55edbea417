"""The audit log as a chain, and triggers that keep facts as they were written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access.columns import RowNumber
from fairuse.migrations.guards import drop_refusal, guard, make_refusal, unguard

revision = "0008"
down_revision = "0007"

GUARDED = (
    "audit_entries",
    "audit_links",
    "case_events",
    "decision_ends",
    "decisions",
    "evidence",
    "second_opinions",
)


def upgrade() -> None:
    op.create_table(
        "audit_links",
        sa.Column("n", RowNumber, autoincrement=False, nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_links")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_links_entry_id_audit_entries")
        ),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_links_entry_id")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_links_hash")),
    )
    make_refusal()
    for table in GUARDED:
        guard(table)


def downgrade() -> None:
    for table in GUARDED:
        unguard(table)
    drop_refusal()
    op.drop_table("audit_links")
