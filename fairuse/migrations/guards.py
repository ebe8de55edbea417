"""Makes the database itself refuse to change or delete rows of a table, by triggers.

The program refuses already (`access.columns.Fact`); this is for statements that come past it. On
SQLite a table that a later migration copies loses its triggers: guard it again there.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

_REFUSAL = "%s records what happened and cannot be changed"
_ERASING = (
    "SELECT 1 FROM erasures JOIN cases ON cases.account_id = erasures.account_id "
    "WHERE cases.id = {} AND erasures.finished_at IS NULL"
)


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


def guard_but(table: str, words: tuple[str, ...]) -> None:
    """Refuse the same, but let these columns change while the row's account is being erased.

    The table has a column `case_id`. Nobody outside the erasing transaction ever sees it open
    (`review_api.erasure`).
    """
    guard(table)
    if op.get_bind().dialect.name == "postgresql":
        named = ", ".join(f"'{each}'" for each in words)
        op.execute(f"DROP TRIGGER {table}_refuse_update ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change_but({named})"
        )
        return
    columns = [each["name"] for each in inspect(op.get_bind()).get_columns(table)]
    others = ", ".join(f'"{each}"' for each in columns if each not in words)
    op.execute(f"DROP TRIGGER {table}_refuse_update")
    op.execute(
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE OF {others} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL % table}'); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_words BEFORE UPDATE OF {', '.join(words)} ON {table} "
        f"WHEN NOT EXISTS ({_ERASING.format('OLD.case_id')}) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL % table}'); END"
    )


def unguard_but(table: str) -> None:
    """Take the triggers away again."""
    unguard(table)
    if op.get_bind().dialect.name != "postgresql":
        op.execute(f"DROP TRIGGER {table}_refuse_words")


def make_exception() -> None:
    """Make the function that PostgreSQL's triggers call where an erasure may change words."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change_but() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV "
            f"AND EXISTS ({_ERASING.format('OLD.case_id')}) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION '% records what happened and cannot be changed', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )


def drop_exception() -> None:
    """Drop it, once no trigger calls it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_but()")


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
