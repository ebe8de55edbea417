"""Makes the reviewers' queue anew, when it is asked for and after an upgrade from before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access.database import readers, writers
from fairuse.progress import give_facts, say
from fairuse.wiring import open_database, read_offers
from review_api.queue_rebuild import is_missing, rebuild
from streams.clock import SystemClock

if TYPE_CHECKING:
    from fairuse.settings import Settings


def rebuild_queue(settings: Settings, *, as_json: bool) -> None:
    """Make the whole queue anew; says how many cases were read."""
    give_facts({"cases": _rebuild(settings)}, as_json=as_json)


def rebuild_if_missing(settings: Settings) -> None:
    """Make the queue of a database that has cases from before there was one."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            missing = is_missing(session)
    finally:
        engine.dispose()
    if missing:
        say("making the queue from the cases ...")
        _rebuild(settings)


def _rebuild(settings: Settings) -> int:
    engine = open_database(settings)
    read = 0
    try:
        for read in rebuild(writers(engine), SystemClock(), read_offers(settings)):
            say(f"{read:,} cases read")
    finally:
        engine.dispose()
    return read
