"""How fast cases are read over the API: one server, many callers, each read in the audit log."""

from __future__ import annotations

import random
import tempfile
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from access.database import open_engine, readers, writers
from fairuse import database
from fairuse.bench.admissions import serving
from fairuse.bench.callers import Request, call
from fairuse.bench.figures import Figure
from fairuse.bench.made_cases import make_cases
from fairuse.progress import say
from review_api.policy import ReviewPolicy
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from fairuse.bench.admissions import Size
    from streams.clock import Clock

CALLERS: Final = 48
# What is to be reached, in reads a second on two cores; waits are measured at half of it.
AIM: Final = 500


def bench_case_reads(clock: Clock, url: str | None, size: Size) -> list[Figure]:
    """Measure on the empty database at `url`, or on SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        address = url or f"sqlite:///{folder}/bench.db"
        say(f"filling the database with {size.accounts:,} cases ...")
        database.migrate(address)
        engine = open_engine(address)
        try:
            make_cases(engine, size.accounts, clock.now(), ReviewPolicy())
            with writers(engine).begin() as session:
                token = issue_token(session, "bench", Role.VIEWER, clock.now())
            return _over_http(engine, address, token, clock, size)
        finally:
            engine.dispose()


def _over_http(engine: Engine, url: str, token: str, clock: Clock, size: Size) -> list[Figure]:
    chance = random.Random(7)  # noqa: S311 - which case is read is no secret
    with serving(url, clock) as address:

        def path(_number: int) -> str:
            return f"/v1/cases/case_{chance.randrange(size.accounts)}"

        reading = Request(address, token, path=path)
        call(reading, clock, callers=CALLERS, seconds=2)
        full = call(reading, clock, callers=CALLERS, seconds=size.seconds)
        rate = min(AIM, full.rate) / 2
        half = call(reading, clock, callers=CALLERS, seconds=size.seconds, rate=rate)
    what = f"{CALLERS} callers, {engine.dialect.name}, {full.refused + half.refused} refused"
    return [
        Figure("case reads over HTTP", full.rate, "1/s", what),
        Figure("wait at half the aim, median", half.wait(50), "ms", "from when it was due"),
        Figure("wait at half the aim, p99", half.wait(99), "ms", f"{half.rate:,.0f} a second"),
        Figure("reads in the audit log", _noted(engine), "lines", "one for each read"),
    ]


def _noted(engine: Engine) -> int:
    reads = select(func.count(AuditEntry.id)).where(AuditEntry.action == AuditAction.CASE_READ)
    with readers(engine).begin() as session:
        return session.scalar(reads) or 0
