"""How fast jobs are admitted: the decision alone, the desk with its database, and over HTTP.

The database holds many accounts with a subscription each, and every ask is for another of them at
random. Over HTTP the server is a program of its own, and its callers share the machine with it.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import insert, text

from access.admission import Admitted, Ask, House, decide
from access.books import SubscriptionFact
from access.catalogue import load_catalogue
from access.costs import Job
from access.database import open_engine, readers, writers
from access.desk import Terms, answer_asks
from access.load import FULL
from access.models import Account
from access.standings import read_standings
from access.vocabulary import SubscriptionChange
from fairuse import database
from fairuse.bench.callers import Request, call
from fairuse.bench.figures import Figure
from fairuse.errors import ProgramError
from fairuse.progress import say
from review_api.tokens import issue_token
from review_api.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.engine import Engine

    from streams.clock import Clock

CALLERS: Final = 128
BATCH: Final = 48
# What is to be reached, in asks a second; waits are measured at half of it.
AIM: Final = 2_000
DECISIONS: Final = 100_000
HISTORY: Final = 5_000
START_SECONDS: Final = 60
# One caller stands for all: what bounds one is not what is measured.
UNBOUNDED: Final = {"FAIRUSE_CALLS_PER_MINUTE": "0"}
PLAN: Final = "creator"
MODEL: Final = "reel-3"
_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    accounts: int
    seconds: float


def bench_admissions(clock: Clock, url: str | None, size: Size) -> list[Figure]:
    """Measure on the empty database at `url`, or on SQLite in a folder of its own.

    What is measured stays in the database that was named.
    """
    with tempfile.TemporaryDirectory() as folder:
        address = url or f"sqlite:///{folder}/bench.db"
        engine = open_engine(address)
        try:
            token = _fill(engine, address, clock, size.accounts)
            figures = _inside(engine, clock, size)
            return figures + _over_http(address, token, clock, size)
        finally:
            engine.dispose()


def _fill(engine: Engine, url: str, clock: Clock, accounts: int) -> str:
    say(f"filling the database with {accounts:,} accounts ...")
    database.migrate(url)
    now = clock.now()
    with writers(engine).begin() as session:
        for start in range(0, accounts, _ROWS):
            names = [f"acc_{number}" for number in range(start, min(start + _ROWS, accounts))]
            session.execute(insert(Account), [{"id": name, "first_seen": now} for name in names])
            session.execute(insert(SubscriptionFact), [_started(name, now) for name in names])
        return issue_token(session, "bench", Role.SERVICE, now)


def _started(account_id: str, now: object) -> dict[str, object]:
    return {
        "event_id": f"started {account_id}",
        "account_id": account_id,
        "kind": SubscriptionChange.STARTED,
        "plan": PLAN,
        "at": now,
        "recorded_at": now,
    }


def _inside(engine: Engine, clock: Clock, size: Size) -> list[Figure]:
    chance = random.Random(7)  # noqa: S311 - which account is asked about is no secret
    terms = Terms(load_catalogue())
    numbers = iter(range(10**9))

    def ask() -> Ask:
        account = f"acc_{chance.randrange(size.accounts)}"
        return Ask(account, f"inside {next(numbers)}", Job(MODEL, seconds=Decimal(4)))

    def batch_of(count: int) -> Callable[[], int]:
        def one_batch() -> int:
            with writers(engine).begin() as session:
                answers = answer_asks(session, [ask() for _ in range(count)], terms, clock.now())
            return len(answers)

        return one_batch

    # A database plans by what it last saw of its tables, and no platform's are empty.
    for _ in range(HISTORY // BATCH):
        batch_of(BATCH)()
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    alone = _rate(batch_of(1), clock, size.seconds / 2)
    together = _rate(batch_of(BATCH), clock, size.seconds / 2)
    what = engine.dialect.name
    return [
        _decisions(engine, clock, terms),
        Figure("asks one by one", alone, "1/s", f"one transaction each, {what}"),
        Figure("asks in batches", together, "1/s", f"{BATCH} to a transaction, {what}"),
    ]


def _decisions(engine: Engine, clock: Clock, terms: Terms) -> Figure:
    names = [f"acc_{number}" for number in range(100)]
    now = clock.now()
    with readers(engine).begin() as session:
        standings = list(read_standings(session, names, terms.catalogue, now).values())
    house = House(terms.catalogue, FULL, now)
    asks = [Ask(name, "decision", Job(MODEL, seconds=Decimal(4))) for name in names]
    pairs = list(zip(asks, standings, strict=True)) * (DECISIONS // len(names))
    began = clock.monotonic()
    admitted = sum(isinstance(decide(each, standing, house), Admitted) for each, standing in pairs)
    rate = len(pairs) / (clock.monotonic() - began)
    note = f"in process, {admitted / len(pairs):.0%} admitted"
    return Figure("admission decisions", rate, "1/s", note)


def _rate(step: Callable[[], int], clock: Clock, seconds: float) -> float:
    step()
    began, done = clock.monotonic(), 0
    while (past := clock.monotonic() - began) < seconds:
        done += step()
    return done / past


def _over_http(url: str, token: str, clock: Clock, size: Size) -> list[Figure]:
    chance = random.Random(11)  # noqa: S311 - as above

    def body(run: str) -> Callable[[int], bytes]:
        def of(number: int) -> bytes:
            account = f"acc_{chance.randrange(size.accounts)}"
            ask = {"account_id": account, "job_id": f"{run} {number}", "model": MODEL, "seconds": 4}
            return json.dumps(ask).encode()

        return of

    with serving(url, clock) as address:
        place = f"{address}/v1/admissions"
        call(Request(place, token, body("warm")), clock, callers=CALLERS, seconds=2)
        ask = partial(call, clock=clock, callers=CALLERS, seconds=size.seconds)
        full = ask(Request(place, token, body("full")))
        half = ask(Request(place, token, body("half")), rate=min(AIM, full.rate) / 2)
    refused = full.refused + half.refused
    note = f"{CALLERS} callers, {refused} answers other than 200"
    return [
        Figure("admissions over HTTP", full.rate, "1/s", note),
        Figure("wait at half the aim, median", half.wait(50), "ms", "from when it was due"),
        Figure("wait at half the aim, p99", half.wait(99), "ms", f"{half.rate:,.0f} a second"),
    ]


@contextmanager
def serving(url: str, clock: Clock) -> Iterator[str]:
    """Run `fairuse serve` as a program of its own; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = {"FAIRUSE_DATABASE_URL": url, "FAIRUSE_HTTP_PORT": str(port), **UNBOUNDED}
    command: Sequence[str] = (sys.executable, "-m", "fairuse", "serve")
    server = subprocess.Popen(  # noqa: S603 - this very program
        command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/healthz", server, clock)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def _wait_for(url: str, server: subprocess.Popen[bytes], clock: Clock) -> None:
    deadline = clock.monotonic() + START_SECONDS
    while clock.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - an address of our own
                return
        except (URLError, OSError):
            Event().wait(0.1)
    raise ProgramError("the server to be measured did not start")
