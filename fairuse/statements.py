"""Writes an account's statement: a line of text a month, or the whole of it as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from access.database import readers
from access.statement import statement
from access.statement_rows import read_books
from fairuse.errors import WrongInputError
from fairuse.progress import give
from fairuse.wiring import open_database, read_offers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from access.statement import MonthLine
    from access.subscriptions import SubscriptionRecord
    from fairuse.settings import Settings


def read_statement(settings: Settings, account_id: str, now: datetime) -> list[MonthLine]:
    """Read an account's statement; `WrongInputError` if nothing is kept of it."""
    catalogue = read_offers(settings)
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            lines = statement(read_books(session, account_id), catalogue, now)
    finally:
        engine.dispose()
    if not lines:
        raise WrongInputError(f"nothing is kept of an account {account_id}")
    return lines


def give_statement(
    account_id: str,
    lines: Sequence[MonthLine],
    *,
    as_json: bool = False,
    write: Callable[[str], None] = give,
) -> None:
    """Write the statement, on standard output unless told otherwise."""
    if as_json:
        write(json.dumps({"account_id": account_id, "months": [as_facts(line) for line in lines]}))
        return
    write(
        f"{'month':<8}{'plan':<10}{'granted':>8}{'spent':>8}{'expired':>8}{'left':>8}  "
        f"{'speed':>5}  quota used of the month, and what was said"
    )
    for line in lines:
        credit = line.credits
        amounts = (credit.granted, credit.spent, credit.expired, credit.left)
        numbers = "".join(f"{float(amount):>8g}" for amount in amounts)
        write(
            f"{line.month:<8}{line.plan:<10}{numbers}  {line.speed:>5g}  {'; '.join(_notes(line))}"
        )


def as_facts(line: MonthLine) -> dict[str, Any]:
    """Give a month as JSON shows it: amounts as numbers, times in RFC 3339."""
    credit = line.credits
    return {
        "month": line.month,
        "plan": line.plan,
        "credits": {
            "granted": float(credit.granted),
            "spent": float(credit.spent),
            "expired": float(credit.expired),
            "left": float(credit.left),
        },
        "quota": [
            {"pool": pool.name, "used": float(pool.used), "left": float(pool.left)}
            for pool in line.quota
        ],
        "changes": [
            {"at": record.at.isoformat(), "kind": record.kind.value, "plan": record.plan}
            for record in line.changes
        ],
        "speed": line.speed,
        "pauses": [
            {"since": pause.since.isoformat(), "until": pause.until.isoformat()}
            for pause in line.pauses
        ],
        "make_good": line.make_good,
    }


def _notes(line: MonthLine) -> list[str]:
    quota = [
        f"{pool.name} {_plain(pool.used)} of {_plain(pool.used + pool.left)}" for pool in line.quota
    ]
    notes = [", ".join(quota)] if quota else ["no quota"]
    notes += [_change(record) for record in line.changes]
    notes += [f"quota paused {pause.since:%d %b} to {pause.until:%d %b}" for pause in line.pauses]
    if line.make_good:
        notes.append(f"{line.make_good:.1%} of the quota given to make good")
    return notes


def _change(record: SubscriptionRecord) -> str:
    plan = f" {record.plan}" if record.plan else ""
    return f"{record.at:%d %b} {record.kind}{plan}"


def _plain(amount: Decimal) -> str:
    return f"{float(amount):g}"
