"""Which cases answer for what a candidate would treat otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fairuse.migrations.guards import guard, unguard

revision = "0020"
down_revision = "0019"

TABLE = "flip_samples"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("version", sa.String(128), primary_key=True, nullable=False),
        sa.Column(
            "case_id", sa.String(64), sa.ForeignKey("cases.id"), primary_key=True, nullable=False
        ),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    guard(TABLE)


def downgrade() -> None:
    unguard(TABLE)
    op.drop_table(TABLE)
