"""Attributes that accounts share, and who has them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.String(64)
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shared_attributes",
        _column("id", ID, primary_key=True),
        _column("shared", sa.String(32)),
        _column("degree", sa.Integer()),
        _column("networks", sa.Integer()),
        _column("burst", sa.Integer()),
        _column("told_at", TIME, index=True),
    )
    op.create_table(
        "attribute_members",
        _column("attribute_id", ID, sa.ForeignKey("shared_attributes.id"), primary_key=True),
        _column("account_id", sa.String(128), primary_key=True, index=True),
        _column("fresh", sa.Boolean()),
        _column("seen_at", TIME),
        _column("log_partition", sa.Integer()),
        _column("log_offset", NUMBER),
    )


def downgrade() -> None:
    op.drop_table("attribute_members")
    op.drop_table("shared_attributes")


def _column(name: str, *rest: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, *rest, nullable=nullable, **more)
