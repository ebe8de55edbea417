"""Notices to customers: their letters, deliveries and attempts, and where they are sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.String(64)
ACCOUNT = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "notices",
        _column("number", NUMBER, primary_key=True),
        _column("id", ID, unique=True),
        _column("account_id", ACCOUNT, sa.ForeignKey("accounts.id"), index=True),
        _column("case_id", ID, sa.ForeignKey("cases.id")),
        _column("occasion", WORD),
        _column("event", sa.Integer()),
        _column("statement", sa.JSON(), nullable=True),
        _column("facts", sa.JSON()),
        _column("words", sa.Text()),
        _column("created_at", TIME),
        _column("not_before", TIME, index=True),
        sa.UniqueConstraint("case_id", "occasion", "event"),
    )
    op.create_table(
        "notice_letters",
        _column("notice_number", NUMBER, sa.ForeignKey("notices.number"), primary_key=True),
        _column("subject", sa.Text()),
        _column("body", sa.Text()),
        _column("at", TIME),
    )
    op.create_table(
        "deliveries",
        _column("id", NUMBER, primary_key=True),
        _column("notice_number", NUMBER, sa.ForeignKey("notices.number")),
        _column("account_id", ACCOUNT),
        _column("channel", WORD),
        _column("created_at", TIME),
        _column("due_at", TIME),
        _column("ended_at", TIME, nullable=True),
        sa.UniqueConstraint("notice_number", "channel"),
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["account_id", "channel", "notice_number"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_table(
        "delivery_attempts",
        _column("id", NUMBER, primary_key=True),
        _column("delivery_id", NUMBER, sa.ForeignKey("deliveries.id"), index=True),
        _column("at", TIME),
        _column("result", WORD),
        _column("status", sa.Integer(), nullable=True),
        _column("answer", sa.String(200)),
        _column("seconds", sa.Double()),
    )
    op.create_table(
        "contacts",
        _column("account_id", ACCOUNT, primary_key=True),
        _column("sealed", sa.LargeBinary()),
        _column("told_at", TIME),
    )


def downgrade() -> None:
    for table in ("contacts", "delivery_attempts", "deliveries", "notice_letters", "notices"):
        op.drop_table(table)


def _column(name: str, *rest: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, *rest, nullable=nullable, **more)
