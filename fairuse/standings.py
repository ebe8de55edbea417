"""What `fairuse detectors` prints and writes down, straight in the database.

Whoever can open the database is taken for an admin; the audit log keeps the name they give.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from access.database import readers, writers
from fairuse.errors import WrongInputError
from fairuse.progress import give, give_facts
from fairuse.wiring import open_database, review_policy
from review_api.audit import write_audit
from review_api.detector_schemas import DetectorsOut, StandingOut
from review_api.errors import ReviewError
from review_api.roster import list_detectors, view_breaker
from review_api.standing import set_standing
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine

    from fairuse.settings import Settings
    from review_api.detector_schemas import DetectorOut
    from review_api.standing import Detector, Word

HEADS: Final = ("detector", "model", "standing", "pauses in 31 days", "mistakes", "since")


def show_detectors(settings: Settings, *, as_json: bool) -> None:
    """Print every detector, those that only watch first."""
    now = SystemClock().now()
    with _database(settings) as engine, readers(engine).begin() as session:
        views = list_detectors(session, now, review_policy(settings).breaker)
        found = DetectorsOut.of(views, view_breaker(session, now))
    if as_json:
        give_facts(found.model_dump(mode="json"), as_json=True)
        return
    rows = [HEADS, *(_row(each) for each in found.detectors)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        give(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def say_standing(settings: Settings, detector: Detector, word: Word, *, as_json: bool) -> None:
    """Write down a person's word on a detector, and print it."""
    now = SystemClock().now()
    caller = Caller(word.actor, Role.ADMIN)
    with _database(settings) as engine, writers(engine).begin() as session:
        try:
            said = StandingOut.of(set_standing(session, detector, word, now))
        except ReviewError as refusal:
            raise WrongInputError(str(refusal)) from refusal
        detail = f"{detector}: {word.standing}"
        write_audit(session, caller, AuditAction.DETECTOR_CHANGED, now, detail=detail)
    give_facts(said.model_dump(mode="json"), as_json=as_json)


def _row(each: DetectorOut) -> tuple[str, ...]:
    share, change = each.wrongful, each.change
    return (
        each.detector,
        each.model_version or "every",
        each.standing.value,
        str(each.pauses_in_31_days),
        f"{share.count} of {share.of} ({share.low:.0%} to {share.high:.0%})",
        f"{change.since:%Y-%m-%d %H:%M} {change.actor}: {change.why}" if change else "always",
    )


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings)
    try:
        yield engine
    finally:
        engine.dispose()
