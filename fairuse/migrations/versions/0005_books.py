"""Subscriptions, credits, quota, admitted jobs and the load of queues."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = (
    "subscription_facts",
    "quota_switches",
    "credit_grants",
    "credit_entries",
    "admissions",
    "admission_ends",
    "quota_entries",
    "make_goods",
    "queue_loads",
)

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
MONTH = sa.String(7)
UNITS = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _create_subscriptions()
    _create_credits()
    _create_admissions()
    _create_quota()
    op.create_table(
        "queue_loads",
        _column("queue", WORD, primary_key=True),
        _column("waiting", sa.Integer()),
        _column("running", sa.Integer()),
        _column("workers", sa.Integer()),
        _column("longest_wait_seconds", sa.Double()),
        _column("level", sa.Integer()),
        _column("level_since", TIME),
        _column("reported_at", TIME),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_subscriptions() -> None:
    op.create_table(
        "subscription_facts",
        _column("event_id", ID, primary_key=True),
        _account(index=True),
        _column("kind", WORD),
        _column("plan", ID, nullable=True),
        _column("at", TIME),
        _column("period_end", TIME, nullable=True),
        _column("recorded_at", TIME),
    )
    op.create_table(
        "quota_switches",
        _column("id", NUMBER, primary_key=True),
        _account(),
        _column("on", sa.Boolean()),
        _column("at", TIME),
        _column("actor", NAME),
        sa.Index("ix_quota_switches_account", "account_id", "id"),
    )


def _create_credits() -> None:
    op.create_table(
        "credit_grants",
        _column("id", ID, primary_key=True),
        _account(index=True),
        _column("kind", WORD),
        _column("units", UNITS),
        _column("since", TIME),
        _column("until", TIME, nullable=True),
        _column("catalogue", sa.Integer()),
        _column("recorded_at", TIME),
    )
    op.create_table(
        "credit_entries",
        _column("grant_id", ID, sa.ForeignKey("credit_grants.id"), primary_key=True),
        _column("number", sa.Integer(), primary_key=True, autoincrement=False),
        _column("kind", WORD),
        _column("admission_id", ID, nullable=True),
        _column("units", UNITS),
        _column("after", UNITS),
        _column("at", TIME),
        sa.CheckConstraint("after >= 0", name="never_negative"),
        sa.UniqueConstraint("grant_id", "admission_id", "kind"),
        sa.Index("ix_credit_entries_admission", "admission_id"),
    )


def _create_admissions() -> None:
    op.create_table(
        "admissions",
        _column("id", ID, primary_key=True),
        _account(),
        _column("job_id", NAME),
        _column("origin", WORD),
        _column("mode", WORD),
        _column("queue", WORD),
        _column("model", ID),
        _column("media", WORD, nullable=True),
        _column("feature", ID, nullable=True),
        _column("units", UNITS),
        _column("month", MONTH),
        _column("speed", sa.Double()),
        _column("concurrency", sa.Integer()),
        _column("turn", sa.Double(), nullable=True),
        _column("catalogue", sa.Integer()),
        _column("at", TIME),
        _column("until", TIME),
        _column("ended_at", TIME, nullable=True),
        sa.UniqueConstraint("account_id", "job_id"),
        sa.Index("ix_admissions_open", "account_id", postgresql_where=OPEN, sqlite_where=OPEN),
    )
    op.create_table(
        "admission_ends",
        _column("admission_id", ID, sa.ForeignKey("admissions.id"), primary_key=True),
        _column("kind", WORD),
        _column("units", UNITS),
        _column("at", TIME),
        _column("actor", NAME),
    )


def _create_quota() -> None:
    op.create_table(
        "quota_entries",
        _account(primary_key=True),
        _column("month", MONTH, primary_key=True),
        _column("model", ID, primary_key=True),
        _column("number", sa.Integer(), primary_key=True, autoincrement=False),
        _column("kind", WORD),
        _column("admission_id", ID),
        _column("units", UNITS),
        _column("after", UNITS),
        _column("at", TIME),
        sa.CheckConstraint("after >= 0", name="never_negative"),
        sa.UniqueConstraint("admission_id", "kind"),
    )
    op.create_table(
        "make_goods",
        _column("lease_id", ID, sa.ForeignKey("pause_leases.id"), primary_key=True),
        _account(),
        _column("month", MONTH),
        _column("share", sa.Double()),
        _column("seconds", sa.Double()),
        _column("at", TIME),
        sa.Index("ix_make_goods_account_month", "account_id", "month"),
    )


def _account(**more: Any) -> sa.Column[Any]:
    return _column("account_id", NAME, sa.ForeignKey("accounts.id"), **more)


def _column(name: str, *rest: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, *rest, nullable=nullable, **more)
