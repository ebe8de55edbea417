"""`fairuse reconcile`: compares a file of all paused accounts with the truth, and repairs.

A thousand accounts are one transaction. Whoever can open the database is taken for an admin; the
audit log names the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access.database import readers, writers
from access.reconciling import held_accounts, wrongly_first
from access.vocabulary import Mismatch
from fairuse.enforced import read_enforced
from fairuse.errors import ProgramError
from fairuse.progress import give, give_facts, meter
from fairuse.wiring import open_database
from review_api.enforcement import MOST, reconcile
from review_api.enforcement_schemas import EnforcementOut
from review_api.tokens import Caller
from review_api.vocabulary import Role
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.engine import Engine

    from fairuse.settings import Settings
    from review_api.enforcement import Repair
    from review_api.enforcement_schemas import DifferenceOut
    from streams.clock import Clock

CALLER: Final = Caller("fairuse reconcile", Role.ADMIN)


def reconcile_file(
    settings: Settings, path: Path, *, as_json: bool, clock: Clock | None = None
) -> None:
    """Print every difference; `ProgramError` if any pause was enforced that nobody holds."""
    paused = read_enforced(path)
    engine = open_database(settings)
    try:
        result = _compare_all(engine, paused, clock or SystemClock())
    finally:
        engine.dispose()
    if as_json:
        give_facts(result.model_dump(mode="json"), as_json=True)
    else:
        _print(result)
    if result.wrongly_enforced:
        raise ProgramError(
            f"{result.wrongly_enforced} accounts are paused that should not be;"
            " the truth was announced again"
        )


def _compare_all(engine: Engine, paused: set[str], clock: Clock) -> EnforcementOut:
    with readers(engine).begin() as session:
        held = set(held_accounts(session, clock.now()))
    said = {account_id: account_id in paused for account_id in sorted(paused | held)}
    names = list(said)
    repairs: list[Repair] = []
    with meter("reconciling", len(names)) as progress:
        for start in range(0, len(names), MOST):
            part = {name: said[name] for name in names[start : start + MOST]}
            repairs += _compare(engine, part, clock)
            progress.advance(len(part))
    repairs.sort(key=lambda repair: wrongly_first(repair.difference))
    return EnforcementOut.of(len(names), repairs)


def _compare(engine: Engine, said: Mapping[str, bool], clock: Clock) -> list[Repair]:
    with writers(engine).begin() as session:
        return reconcile(session, said, CALLER, clock.now())


def _print(result: EnforcementOut) -> None:
    for difference in result.differences:
        give(_line(difference))
    give(
        f"{result.compared:,} accounts compared: {result.wrongly_enforced} wrongly enforced,"
        f" {result.not_enforced} not enforced"
    )


def _line(difference: DifferenceOut) -> str:
    what = {
        Mismatch.WRONGLY_ENFORCED: "is paused and should not be",
        Mismatch.NOT_ENFORCED: "should be paused and is not",
    }[difference.mismatch]
    since = f" since {difference.since:%Y-%m-%d %H:%M} UTC" if difference.since else ""
    done = "announced again" if difference.announced else "its announcement waits for the relay"
    return f"{difference.account_id} {what}{since}; {done}"
