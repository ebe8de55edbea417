"""What took each pause, and whether each detector may take any."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.String(64)
NAME = sa.String(128)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pause_causes",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), unique=True),
        _column("verdict_id", ID),
        _column("detector", NAME, index=True),
        _column("model_version", NAME),
        _column("stratum", NAME),
        _column("country", NAME),
        _column("taken_at", TIME, index=True),
    )
    op.create_table(
        "standing_changes",
        _column("id", NUMBER, primary_key=True),
        _column("detector", NAME, index=True),
        _column("model_version", NAME),
        _column("standing", sa.String(32)),
        _column("since", TIME),
        _column("actor", NAME),
        _column("why", sa.Text()),
    )
    op.create_index("ix_case_events_kind_at", "case_events", ["kind", "at"])


def downgrade() -> None:
    op.drop_index("ix_case_events_kind_at", "case_events")
    op.drop_table("standing_changes")
    op.drop_table("pause_causes")


def _column(name: str, of: Any, *parts: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=False, **more)
