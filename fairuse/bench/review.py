"""How long a page takes at the server while very many cases wait: the queue's pages, one after one.

The waits are what one caller sees who asks again as soon as an answer is there, so they are the
server's own time and the way over the loopback. A third of the cases is paused, the rest is not.
"""

from __future__ import annotations

import re
import tempfile
from datetime import timedelta
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import numpy as np
from sqlalchemy import insert, text

from access.database import open_engine, writers
from fairuse import database
from fairuse.bench.admissions import serving
from fairuse.bench.figures import Figure
from fairuse.bench.made_cases import make_cases
from fairuse.errors import ProgramError
from fairuse.progress import say
from review_api.policy import ReviewPolicy
from review_api.queue_records import QueueEntry, QueueText
from review_api.tokens import issue_token
from review_api.vocabulary import CaseStatus, Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from urllib.request import OpenerDirector

    from sqlalchemy.engine import Engine

    from fairuse.bench.admissions import Size
    from streams.clock import Clock

PAUSED: Final = 3  # one case in so many
PRICES: Final[Mapping[str, float]] = {"free": 0.0, "starter": 12.0, "creator": 35.0}
COUNTRIES: Final = ("DE", "FR", "NL", "US", "BR")
WARM_UP: Final = 5
LONGEST: Final = 30
_ROWS: Final = 5_000

# What is asked for, and the longest that most of the waits may be, in milliseconds.
PAGES: Final[Mapping[str, str]] = {
    "queue page": "/console/",
    "queue page, unpaused cases": "/console/?paused=false",
    "queue page, one named queue and kind": "/console/?queue=general&kind=automation",
    "queue page, past due": "/console/?overdue=true",
    "search by words": "/console/search?name=as+in+one+account",
    "queue over the API, 50 cases": "/v1/cases",
}


def bench_review(clock: Clock, url: str | None, size: Size) -> list[Figure]:
    """Measure on the empty database at `url`, or on SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        address = url or f"sqlite:///{folder}/bench.db"
        database.migrate(address)
        engine = open_engine(address)
        try:
            token = fill(engine, clock.now(), size.accounts)
            with serving(address, clock) as place:
                return _waits(place, token, engine, clock, size)
        finally:
            engine.dispose()


def fill(engine: Engine, now: datetime, cases: int) -> str:
    """Write the cases and their places in the queue; give a reviewer's token."""
    say(f"filling the database with {cases:,} cases ...")
    make_cases(engine, cases, now, ReviewPolicy())
    chance = np.random.default_rng(11)
    with writers(engine).begin() as session:
        for start in range(0, cases, _ROWS):
            numbers = range(start, min(start + _ROWS, cases))
            session.execute(insert(QueueEntry), [_entry(each, chance, now) for each in numbers])
            session.execute(insert(QueueText), [_text(each) for each in numbers])
        token = issue_token(session, "bench", Role.REVIEWER, now)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return token


def _entry(number: int, chance: np.random.Generator, now: datetime) -> dict[str, Any]:
    paused = number % PAUSED == 0
    opened = now - timedelta(hours=float(chance.random()) * 70)
    plan = list(PRICES)[int(chance.integers(len(PRICES)))]
    return {
        "case_id": f"case_{number}",
        "account_id": f"acc_{number}",
        "kind": "automation",
        "status": CaseStatus.OPEN,
        "version": 2,
        "opened_at": opened,
        "abuse": float(chance.random()),
        "probability": float(chance.random()) if number % 2 else None,
        "detector": "automation",
        "detector_version": "bench",
        "model_version": "bench",
        "country": COUNTRIES[int(chance.integers(len(COUNTRIES)))],
        "plan": plan,
        "price": PRICES[plan],
        "paused_since": opened if paused else None,
        "paused_until": opened + timedelta(hours=72) if paused else None,
        "escalated": number % 50 == 0,
        "waits_for_customer": False,
        "waits_for_second": False,
    }


def _text(number: int) -> dict[str, str]:
    said = f"gap_entropy was 0.{number:06}, as in one account of 2,000"
    return {"case_id": f"case_{number}", "headline": said, "searched": f"{said}\n" * 5}


def _waits(place: str, token: str, engine: Engine, clock: Clock, size: Size) -> list[Figure]:
    figures = []
    browser = signed_in(place, token)
    for name, path in PAGES.items():
        request = Request(place + path, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - an address of our own
        waits, length = timed(browser, request, clock, size.seconds)
        note = f"{size.accounts:,} cases, {engine.dialect.name}, {length / 1000:.0f} KB"
        figures += [
            Figure(f"{name}, median", float(np.percentile(waits, 50)), "ms", note),
            Figure(f"{name}, p95", float(np.percentile(waits, 95)), "ms", f"of {len(waits)}"),
        ]
    return figures


def signed_in(place: str, token: str) -> OpenerDirector:
    """Sign in to the console; give a browser of sorts that keeps its cookies."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    door = f"{place}/console/sign-in"
    with browser.open(door, timeout=LONGEST) as answer:
        found = re.search(rb'name="form_word" value="([0-9a-f]+)"', answer.read())
    if found is None:
        raise ProgramError("the server to be measured shows no form to sign in with")
    form = urlencode({"token": token, "form_word": found[1].decode()}).encode()
    with browser.open(Request(door, form), timeout=LONGEST) as answer:  # noqa: S310 - our own
        answer.read()
    return browser


def timed(
    browser: OpenerDirector, request: Request, clock: Clock, seconds: float
) -> tuple[list[float], int]:
    """Ask again and again for so many seconds; give the waits in milliseconds, and the bytes."""
    waits: list[float] = []
    length = 0
    end = clock.monotonic() + seconds
    while len(waits) < WARM_UP * 2 or clock.monotonic() < end:
        asked = clock.monotonic()
        with browser.open(request, timeout=LONGEST) as answer:
            length = len(answer.read())
        waits.append((clock.monotonic() - asked) * 1000)
    return waits[WARM_UP:], length
