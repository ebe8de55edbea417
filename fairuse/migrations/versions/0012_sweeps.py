"""Sweeps that restore many for one root cause, and exemptions that expire."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ID = sa.String(64)
NAME = sa.String(128)
WORD = sa.String(32)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "sweeps",
    "sweep_members",
    "sweep_steps",
    "sweep_outcomes",
    "exemptions",
    "exemption_ends",
)


def upgrade() -> None:
    op.create_table(
        "sweeps",
        _column("id", ID, primary_key=True),
        _column("signature", sa.String(500)),
        _column("from_case_id", ID, sa.ForeignKey("cases.id"), nullable=True),
        _column("reason_code", WORD),
        _column("rationale", sa.Text()),
        _column("actor", NAME),
        _column("at", TIME),
    )
    op.create_table(
        "sweep_members",
        _column("sweep_id", ID, sa.ForeignKey("sweeps.id"), primary_key=True),
        _column("case_id", ID, sa.ForeignKey("cases.id"), primary_key=True),
        _column("place", sa.Integer()),
        _column("version", sa.Integer()),
        _column("sample", sa.Boolean()),
        sa.UniqueConstraint("sweep_id", "place"),
    )
    op.create_table(
        "sweep_steps",
        _column("id", NUMBER, primary_key=True),
        _column("sweep_id", ID, sa.ForeignKey("sweeps.id")),
        _column("stage", WORD),
        _column("actor", NAME),
        _column("at", TIME),
        sa.UniqueConstraint("sweep_id", "stage"),
    )
    op.create_table(
        "sweep_outcomes",
        _column("id", NUMBER, primary_key=True),
        _column("sweep_id", ID, sa.ForeignKey("sweeps.id")),
        _column("case_id", ID, sa.ForeignKey("cases.id")),
        _column("back", sa.Boolean()),
        _column("result", WORD),
        _column("detail", sa.Text()),
        _column("at", TIME),
        sa.UniqueConstraint("sweep_id", "case_id", "back"),
    )
    _create_exemptions()


def _create_exemptions() -> None:
    op.create_table(
        "exemptions",
        _column("id", ID, primary_key=True),
        _column("signature", sa.String(500)),
        _column("sweep_id", ID, sa.ForeignKey("sweeps.id"), nullable=True),
        _column("reason", sa.Text()),
        _column("since", TIME),
        _column("until", TIME),
        _column("actor", NAME),
    )
    op.create_index("ix_exemptions_signature_until", "exemptions", ["signature", "until"])
    op.create_table(
        "exemption_ends",
        _column("exemption_id", ID, sa.ForeignKey("exemptions.id"), primary_key=True),
        _column("at", TIME),
        _column("actor", NAME),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _column(name: str, of: Any, *parts: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, of, *parts, nullable=nullable, **more)
