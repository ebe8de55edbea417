"""What `fairuse archive compact`, `keep` and `erase` do, once and to the end."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from access.database import readers
from fairuse.archiving.erasing import erase_archived
from fairuse.archiving.status import no_archive
from fairuse.archiving.tidying import Tidied, dropping, first_day, merging
from fairuse.progress import give_facts, meter
from fairuse.wiring import open_database
from streams.archive_locks import tidying
from streams.archive_write import sweep
from streams.clock import SystemClock

if TYPE_CHECKING:
    from fairuse.settings import Settings


def compact_now(settings: Settings, *, as_json: bool) -> None:
    """Merge what may be merged, and say how many files became how many."""
    if not settings.archive_dir.is_dir():
        raise no_archive(settings.archive_dir)
    now, done = SystemClock().now(), Tidied()
    with tidying(settings.archive_dir), meter("files merged") as shown:
        done.swept = sweep(settings.archive_dir, now)
        for _ in merging(settings.archive_dir, now.date(), done):
            shown.advance()
    facts = asdict(done)
    del facts["dropped"]
    give_facts(facts, as_json=as_json)


def keep_now(settings: Settings, *, as_json: bool) -> None:
    """Let go of the days that are too old, and say how many files went."""
    if not settings.archive_dir.is_dir():
        raise no_archive(settings.archive_dir)
    first, done = first_day(settings, SystemClock().now()), Tidied()
    with tidying(settings.archive_dir), meter("days folded") as shown:
        for _ in dropping(settings.archive_dir, first, settings.hash_key, done):
            shown.advance()
    give_facts({"first_day": first.isoformat(), "dropped": done.dropped}, as_json=as_json)


def erase_now(settings: Settings, *, as_json: bool) -> None:
    """Carry out in the archive every erasure that the database knows."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            erased = erase_archived(settings, session)
    finally:
        engine.dispose()
    give_facts(asdict(erased), as_json=as_json)
