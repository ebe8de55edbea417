"""What accounts did lately, and the networks they came by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ACCOUNT = sa.String(128)
WORD = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "account_activity",
        _column("account_id", ACCOUNT, primary_key=True),
        _number("t", primary_key=True, autoincrement=False),
        _number("event", primary_key=True, autoincrement=False),
        *(_number(name) for name in ("session", "device", "network")),
        *(_code(name) for name in ("type", "client", "media", "mode")),
        _column("units", sa.Double()),
        _column("model", WORD, nullable=True),
        _column("feature", WORD, nullable=True),
        # One tree on SQLite, and not a table beside an index of half its size.
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account_networks",
        _column("account_id", ACCOUNT, primary_key=True),
        _number("network", primary_key=True, autoincrement=False),
        _code("kind"),
        _code("country"),
        _number("asn"),
        _code("zone", nullable=True),
        _number("block"),
        _column("masked", sa.String(32)),
        _column("sealed", sa.String(255)),
        _number("first_t"),
        _number("last_t"),
    )


def downgrade() -> None:
    op.drop_table("account_networks")
    op.drop_table("account_activity")


def _number(name: str, **more: Any) -> sa.Column[Any]:
    return _column(name, sa.BigInteger(), **more)


def _code(name: str, **more: Any) -> sa.Column[Any]:
    return _column(name, sa.SmallInteger(), **more)


def _column(name: str, *rest: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, *rest, nullable=nullable, **more)
