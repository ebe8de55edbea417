"""The stored ledger against its rules in plain Python, and against many who write at once."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from access.admission import Denied
from access.auditing import audit_books
from access.booking import Booked, book_all
from access.books import Admission, AdmissionEnd, CreditEntry, CreditGrant
from access.desk import HELD_FOR, Answer
from access.ending import Ended, Ending
from access.errors import AlreadyEndedError, OverReservedError
from access.ledger import Job
from access.platform_events import read_event
from access.vocabulary import AdmissionEndKind, GrantKind, JobMode, Wish
from tests.access.model_books import ModelBooks, Work
from tests.access.platform import CATALOGUE, Platform, ask
from tests.verdicts import DAY, HOUR, MONDAY

JOBS = st.sampled_from([f"j{number}" for number in range(8)])
UNITS = st.sampled_from([Decimal(each) for each in ("0.001", "1", "7.5", "60", "250")])
MODES = st.sampled_from(JobMode)
MODELS = st.sampled_from(["reel-3", "reel-4", "still-2"])
WAITS = st.sampled_from([HOUR, 12 * HOUR, HELD_FOR, 6 * DAY, 20 * DAY])
PLANS = st.sampled_from(["basic", "pro", "ultimate"])
SHARES = st.sampled_from([Decimal(each) for each in ("0", "0.001", "1", "60", "250", "251")])
_accounts = itertools.count()


def told(kind, account, now, **fields):
    named = {"event_id": f"{kind} {account} {now} {fields}", "type": kind, "occurred_at": now}
    return read_event({**named, "account_id": account, **fields})


class Ledger(RuleBasedStateMachine):
    """One account of a real database, and the same account in plain Python."""

    def __init__(self, database):
        super().__init__()
        self.platform = Platform(database)
        self.account = f"acc_{next(_accounts)}"
        self.now = MONDAY
        self.model = ModelBooks()

    @initialize(plan=PLANS)
    def subscribe(self, plan):
        self.say("started", plan)

    def say(self, kind, plan=None):
        self.platform.say(kind, plan, at=self.now, account=self.account)
        self.subscription = self.platform.standing(self.now, self.account).subscription

    @rule(lasts=WAITS)
    def wait(self, lasts):
        self.now += lasts
        self.subscription = self.platform.standing(self.now, self.account).subscription

    @rule(kind=st.sampled_from(["changed", "cancelled", "renewed"]), plan=PLANS)
    def change(self, kind, plan):
        self.now += timedelta(seconds=1)
        self.say(kind, plan if kind == "changed" else None)

    def book(self, event):
        with self.platform.database.writers.begin() as session:
            (booked,) = book_all(session, [event], CATALOGUE, self.now)
        return booked

    @rule(event=st.sampled_from(["e1", "e2", "e3"]), units=UNITS)
    def buy(self, event, units):
        name = f"{self.account} {event}"
        bought = told("credits.purchased", self.account, self.now, units=float(units))
        booked = self.book(replace(bought, event_id=name))
        new = self.model.buy(name, units, self.now)
        assert booked is (Booked.GRANTED if new else Booked.KNOWN)

    @rule(name=JOBS, mode=MODES, model=MODELS, units=UNITS, twice=st.booleans())
    def ask(self, name, mode, model, units, twice):
        wanted = ask(name, self.account, Wish(mode), model=model, units=units)
        first, *more = self.platform.ask_all(*[wanted] * (1 + twice), now=self.now)
        self.model.expire(self.now)
        known = self.model.jobs.get(name)
        if known is not None:
            assert isinstance(first, AlreadyEndedError) == (known.end is not None)
            assert known.end is not None or first.repeated
            return
        work = Work(mode, model, units, self.now, self.now + HELD_FOR)
        reason = self.model.why_not(self.subscription.plan, self.subscription.due, work)
        assert (first.outcome.reason if isinstance(first.outcome, Denied) else None) is reason
        if reason is None:
            self.model.admit(name, work, self.subscription.due)
            assert all(each.repeated and each.outcome == first.outcome for each in more)

    @rule(name=JOBS, share=SHARES, twice=st.booleans())
    def settle(self, name, share, twice):
        self.end(name, AdmissionEndKind.SETTLED, share, twice)

    @rule(name=JOBS, twice=st.booleans())
    def release(self, name, twice):
        self.end(name, AdmissionEndKind.RELEASED, Decimal(0), twice)

    def end(self, name, kind, charged, twice):
        work = self.model.jobs.get(name)
        if work is None:
            return
        ending = Ending(self.admission(name), kind, charged, "platform")
        first, *more = self.platform.end_all(*[ending] * (1 + twice), now=self.now)
        self.model.expire(self.now, [name])
        if work.end is not None:
            same = work.end == (kind, charged)
            assert isinstance(first, Ended if same else AlreadyEndedError)
            assert not same or first.repeated
        elif charged > work.units:
            assert isinstance(first, OverReservedError)
        else:
            assert first.charged == charged
            assert not first.repeated
            assert all(each.repeated for each in more)
            self.model.end(name, kind, charged, self.now)

    def admission(self, name):
        return ask(name, self.account).admission_id

    @rule(name=JOBS, mode=MODES, model=MODELS, units=UNITS)
    def tell_a_request(self, name, mode, model, units):
        fields = {"job_id": name, "mode": mode, "model": model, "units": float(units)}
        booked = self.book(told("generation.requested", self.account, self.now, **fields))
        if name in self.model.jobs:
            assert booked is Booked.KNOWN
            return
        plan, due = self.subscription.plan, self.subscription.due
        if mode is JobMode.QUOTA:
            there = self.model.quota_left(plan, model, self.now)
        else:
            there = self.model.balance(due, self.now)
        charged = min(units, there)
        assert booked is (Booked.CHARGED if charged == units else Booked.SHORT)
        work = Work(mode, model, charged, self.now, self.now)
        self.model.admit(name, work, due)
        work.end = ("settled", charged)

    @rule(name=JOBS, kind=st.sampled_from(["completed", "failed"]))
    def tell_an_end(self, name, kind):
        booked = self.book(told(f"generation.{kind}", self.account, self.now, job_id=name))
        work = self.model.jobs.get(name)
        if work is None:
            if kind == "failed":
                nothing = Work(JobMode.QUOTA, "", Decimal(0), self.now, self.now)
                nothing.end, nothing.refunded = ("released", Decimal(0)), True
                self.model.jobs[name] = nothing
            assert booked is (Booked.RELEASED if kind == "failed" else Booked.NOTHING)
            return
        self.model.expire(self.now, [name])
        if work.end is None:
            charged = work.units if kind == "completed" else Decimal(0)
            ended = "settled" if kind == "completed" else "released"
            self.model.end(name, ended, charged, self.now)
            assert booked is (Booked.SETTLED if kind == "completed" else Booked.RELEASED)
        elif kind == "failed" and not work.refunded and work.end[1]:
            assert booked is Booked.REFUNDED
            self.model.give_back(name, work.end[1], self.now)
            work.refunded = True
        else:
            assert booked is Booked.KNOWN

    @invariant()
    def books_agree(self):
        standing = self.platform.standing(self.now, self.account)
        due = standing.subscription.due
        assert standing.purse.balance(self.now) == self.model.balance(due, self.now)
        assert all(grant.left >= 0 for grant in standing.purse.grants)
        used = {model: used.units for model, used in standing.usage.by_model.items()}
        held = {
            model: units
            for (month, model), units in self.model.used.items()
            if month == standing.usage.month
        }
        assert {k: v for k, v in used.items() if v} == {k: v for k, v in held.items() if v}

    def teardown(self):
        with self.platform.database.readers.begin() as session:
            assert list(audit_books(session)) == []


def check(database, examples):
    run_state_machine_as_test(
        lambda: Ledger(database),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_ledger_keeps_the_rules_whatever_comes_in_whatever_order(database):
    check(database, 40)


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_the_ledger_keeps_the_rules_on_postgresql_too(database):
    check(database, 8)


WRITERS = 32
EACH = 3
UNEVEN = ("0.5", "1", "3")


def test_thirty_two_who_write_at_once_lose_and_double_nothing(database):
    platform = Platform(database)
    platform.say("started", "creator", at=MONDAY - 3 * DAY)
    before = platform.balance()
    gate = threading.Barrier(WRITERS)

    def work(writer):
        gate.wait(60)
        charged = Decimal(0)
        for number in range(EACH):
            # Two writers share each name, as a caller and its own retry do.
            charged += one_job(platform, f"j{writer // 2}-{number}", UNEVEN[writer % 3])
        return charged

    with ThreadPoolExecutor(WRITERS) as pool:
        charges = list(pool.map(work, range(WRITERS), timeout=300))
    assert before - platform.balance() == sum(charges)
    assert count(database, Admission) == count(database, AdmissionEnd) == WRITERS // 2 * EACH
    with database.readers.begin() as session:
        assert list(audit_books(session)) == []


def one_job(platform, name, units):
    """Ask, settle with 0.25 and give what this writer was first to charge."""
    answer = until_answered(lambda: platform.ask(name, wish=Wish.CREDITS, units=units))
    if isinstance(answer, AlreadyEndedError):
        return Decimal(0)
    ended = until_answered(lambda: platform.settle(answer, "0.25"))
    return Decimal(0) if ended.repeated else ended.charged


def until_answered(call):
    for _ in range(2000):
        answer = call()
        if answer is not None and not (
            isinstance(answer, Answer) and isinstance(answer.outcome, Denied)
        ):
            return answer
        threading.Event().wait(0.005)
    raise AssertionError("no answer in two thousand tries")


def test_thirty_two_who_want_the_last_credits_share_what_is_there(database):
    platform = Platform(database)
    platform.say("started", "creator", at=MONDAY - 3 * DAY)
    there = platform.balance()
    gate = threading.Barrier(WRITERS)

    def work(writer):
        gate.wait(60)
        wanted = there / 10
        for _ in range(2000):
            answer = platform.ask(f"j{writer}", wish=Wish.CREDITS, units=wanted)
            if answer is not None:
                break
            threading.Event().wait(0.005)
        return answer

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(work, range(WRITERS), timeout=300))
    assert sum(isinstance(answer.outcome, Job) for answer in answers) == 10
    assert platform.balance() == 0
    assert count(database, CreditGrant) == 1
    with database.readers.begin() as session:
        assert session.scalar(select(func.min(CreditEntry.after))) == 0


def test_credits_that_come_back_late_last_a_day_of_their_own(database):
    platform = Platform(database)
    platform.say("started", "pro", at=MONDAY - 3 * DAY)
    platform.ask("j1", wish=Wish.CREDITS, units=20, now=MONDAY + 26 * DAY + 12 * HOUR)
    late = MONDAY + 28 * DAY
    fresh = platform.balance(late)
    platform.ask("j2", wish=Wish.CREDITS, units=1, now=late)
    purse = platform.standing(late).purse
    (returned,) = [grant for grant in purse.grants if grant.kind is GrantKind.RETURNED]
    assert (returned.left, returned.until) == (19, late + DAY)
    assert purse.balance(late) == fresh + 19
    assert platform.balance(late + DAY) == fresh


def count(database, table):
    with database.readers.begin() as session:
        return session.scalar(select(func.count()).select_from(table))
