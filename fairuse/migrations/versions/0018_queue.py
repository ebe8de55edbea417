"""The queue: its entries, its routing, and the views people save."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from fairuse.migrations.guards import guard

revision = "0018"
down_revision = "0017"

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("saved_views", "routing_changes", "detector_shares", "queue_texts", "queue_entries")


def upgrade() -> None:
    op.create_table(
        "queue_entries",
        _column("case_id", ID, sa.ForeignKey("cases.id"), primary_key=True),
        _column("account_id", NAME, index=True),
        _column("kind", WORD),
        _column("status", WORD),
        _column("version", sa.Integer()),
        _column("opened_at", TIME),
        _column("abuse", sa.Double()),
        _column("probability", sa.Double(), nullable=True),
        _column("detector", NAME),
        _column("detector_version", NAME),
        _column("model_version", NAME),
        _column("country", NAME),
        _column("plan", NAME),
        _column("price", sa.Double()),
        _column("paused_since", TIME, nullable=True),
        _column("paused_until", TIME, nullable=True),
        _column("appealed_at", TIME, nullable=True),
        _column("escalated", sa.Boolean()),
        _column("waits_for_customer", sa.Boolean()),
        _column("waits_for_second", sa.Boolean()),
        _column("claimed_by", NAME, nullable=True),
        _column("claimed_until", TIME, nullable=True),
        sa.Index("ix_queue_entries_paused", "paused_until"),
        sa.Index("ix_queue_entries_opened", "opened_at"),
    )
    entry = sa.ForeignKey("queue_entries.case_id", ondelete="CASCADE")
    op.create_table(
        "queue_texts",
        _column("case_id", ID, entry, primary_key=True),
        _column("headline", sa.Text()),
        _column("searched", sa.Text()),
    )
    op.create_table(
        "detector_shares",
        _column("id", NUMBER, primary_key=True),
        _column("at", TIME),
        _column("detector", NAME, index=True),
        _column("model_version", NAME),
        _column("wrong", sa.Integer()),
        _column("judged", sa.Integer()),
    )
    _create_what_people_say()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_what_people_say() -> None:
    op.create_table(
        "routing_changes",
        _column("id", NUMBER, primary_key=True),
        _column("rules", sa.JSON()),
        _column("at", TIME),
        _column("actor", NAME),
    )
    guard("routing_changes")
    op.create_table(
        "saved_views",
        _column("id", ID, primary_key=True),
        _column("owner", NAME),
        _column("name", sa.String(60)),
        _column("filters", sa.JSON()),
        _column("shared", sa.Boolean()),
        _column("created_at", TIME),
        sa.UniqueConstraint("owner", "name"),
    )


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
