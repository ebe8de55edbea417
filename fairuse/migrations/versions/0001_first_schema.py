"""First schema: accounts, pauses, cases, outbox, tokens, audit log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "accounts",
    "pause_leases",
    "lease_events",
    "clearances",
    "cases",
    "case_events",
    "evidence",
    "decisions",
    "outbox_messages",
    "api_tokens",
    "audit_entries",
)

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_access()
    _create_cases()
    _create_evidence()
    _create_records()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_access() -> None:
    op.create_table(
        "accounts",
        _column("id", NAME, primary_key=True),
        _column("plan", sa.String(64), nullable=True),
        _column("first_seen", TIME),
    )
    op.create_table(
        "pause_leases",
        _column("id", ID, primary_key=True),
        _column("account_id", NAME, sa.ForeignKey("accounts.id"), index=True),
        _column("entitlement", WORD),
        _column("case_id", ID, unique=True),
        _column("reason", sa.String(500)),
        _column("taken_at", TIME),
        _column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("entitlement = 'monthly_quota'", name="quota_only"),
    )
    _one_open("uq_pause_leases_one_open", "pause_leases", ["account_id", "entitlement"], "ended_at")
    op.create_table(
        "lease_events",
        _column("id", NUMBER, primary_key=True),
        _column("lease_id", ID, sa.ForeignKey("pause_leases.id")),
        _column("sequence", sa.Integer()),
        _column("kind", WORD),
        _column("at", TIME),
        _column("until", TIME, nullable=True),
        _column("actor", NAME),
        sa.UniqueConstraint("lease_id", "sequence"),
    )
    op.create_table(
        "clearances",
        _column("id", NUMBER, primary_key=True),
        _column("account_id", NAME, sa.ForeignKey("accounts.id")),
        _column("entitlement", WORD),
        _column("case_id", ID),
        _column("since", TIME),
        _column("until", TIME),
        _column("actor", NAME),
    )
    op.create_index(
        "ix_clearances_account_until", "clearances", ["account_id", "entitlement", "until"]
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        _column("id", ID, primary_key=True),
        _column("account_id", NAME, sa.ForeignKey("accounts.id"), index=True),
        _column("kind", WORD),
        _column("opened_at", TIME),
        _column("closed_at", TIME, nullable=True),
    )
    _one_open("uq_cases_one_open", "cases", ["account_id", "kind"], "closed_at")
    op.create_table(
        "case_events",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id")),
        _column("sequence", sa.Integer()),
        _column("kind", WORD),
        _column("at", TIME),
        _column("actor", NAME),
        _column("detail", sa.JSON()),
        sa.UniqueConstraint("case_id", "sequence"),
    )
    op.create_table(
        "decisions",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), index=True),
        _column("choice", WORD),
        _column("outcome", WORD),
        _column("reason_code", WORD),
        _column("rationale", sa.Text()),
        _column("reviewer", NAME),
        _column("at", TIME),
    )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        _column("id", NUMBER, primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), index=True),
        _column("verdict_id", ID, unique=True),
        _column("action", WORD),
        _column("abuse", sa.Double()),
        _column("occurred_at", TIME),
        _column("received_at", TIME),
        _column("model_version", NAME),
        _column("view_fingerprint", NAME),
        _column("log_topic", sa.String(255)),
        _column("log_partition", sa.Integer()),
        _column("log_offset", NUMBER),
        _column("schema", sa.Integer()),
        _column("payload", sa.Text()),
    )


def _create_records() -> None:
    op.create_table(
        "outbox_messages",
        _column("id", NUMBER, primary_key=True),
        _column("message_id", ID, unique=True),
        _column("topic", sa.String(255)),
        _column("key", NAME),
        _column("payload", sa.LargeBinary()),
        _column("created_at", TIME),
        _column("sent_at", TIME, nullable=True),
    )
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "ix_outbox_messages_unsent",
        "outbox_messages",
        ["key", "id"],
        postgresql_where=unsent,
        sqlite_where=unsent,
    )
    op.create_table(
        "api_tokens",
        _column("id", NUMBER, primary_key=True),
        _column("sha256", ID, unique=True),
        _column("name", NAME),
        _column("role", WORD),
        _column("created_at", TIME),
        _column("revoked_at", TIME, nullable=True),
    )
    op.create_table(
        "audit_entries",
        _column("id", NUMBER, primary_key=True),
        _column("at", TIME),
        _column("actor", NAME),
        _column("role", WORD),
        _column("action", WORD),
        _column("case_id", ID, nullable=True, index=True),
        _column("detail", sa.String(255)),
    )


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)


def _one_open(name: str, table: str, columns: list[str], until: str) -> None:
    where = sa.text(f"{until} IS NULL")
    op.create_index(name, table, columns, unique=True, postgresql_where=where, sqlite_where=where)
