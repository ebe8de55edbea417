"""Makes the database itself refuse to change or delete rows of a table, by triggers.

The program refuses already (`access.columns.Fact`); this is for statements that come past it. On
SQLite a table that a later migration copies loses its triggers: guard it again there.
"""

from __future__ import annotations

from alembic import op

_REFUSAL = "%s records what happened and cannot be changed"


def guard(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE of the table."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres(table)
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL % table}'); END"
            )


def unguard(table: str) -> None:
    """Take the triggers away again."""
    of_table = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
    for verb in ("update", "delete", *(["truncate"] if of_table else [])):
        op.execute(f"DROP TRIGGER {table}_refuse_{verb}{of_table}")


def make_refusal() -> None:
    """Make the function that PostgreSQL's triggers call."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% records what happened and cannot be changed', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )


def drop_refusal() -> None:
    """Drop it, once no trigger calls it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _guard_postgres(table: str) -> None:
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
