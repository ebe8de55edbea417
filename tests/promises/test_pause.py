"""What the platform promises of a pause: the quota, for a time, given back, and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from access.admission import Denied
from access.books import CreditEntry, CreditGrant
from access.database import open_engine
from access.quota import left
from access.vocabulary import DenialReason, Entitlement, JobMode, Queue, Wish
from detectors.verdict import Kind
from review_api.errors import MoveRefusedError
from review_api.monitors.records import PromiseChange
from review_api.monitors.vocabulary import PromiseStanding
from review_api.vocabulary import Choice
from tests.access.platform import Platform
from tests.house import House
from tests.postgres import Database
from tests.verdicts import DAY, HOUR, MONDAY, payload

KINDS = tuple(Kind)


def pro(database):
    platform = Platform(database)
    platform.say("started", "pro", at=MONDAY - 3 * DAY)
    return platform


def pool_left(platform, now):
    standing = platform.standing(now)
    return left(standing.subscription.plan.pool_of("reel-3"), standing.usage, standing.make_good)


def test_p21_quota_is_paused_for_a_time_and_restored_once_usage_is_confirmed(database):
    platform, house = pro(database), House(database)
    case_id = house.take(payload()).case_id
    denied = platform.ask("j1", now=MONDAY + HOUR).outcome
    assert denied.reason is DenialReason.QUOTA_PAUSED
    house.decide(case_id, now=MONDAY + DAY)
    assert platform.ask("j1", now=MONDAY + DAY).outcome.mode is JobMode.QUOTA


def test_p21_a_pause_that_nobody_reviews_ends_by_itself(database):
    platform, house = pro(database), House(database)
    house.take(payload())
    until = house.access().pause.until
    last = platform.ask("j1", now=until - timedelta(seconds=1)).outcome
    assert last.reason is DenialReason.QUOTA_PAUSED
    assert platform.ask("j1", now=until).outcome.mode is JobMode.QUOTA


def test_p21_while_audits_put_the_promise_in_doubt_no_quota_is_paused(database):
    platform, house = pro(database), House(database)
    with database.writers.begin() as session:
        session.add(
            PromiseChange(standing=PromiseStanding.IN_DOUBT, since=MONDAY, actor="monitor",
                          why="2 of 40", e_value=31.0, judged=40, wrongful=2)
        )  # fmt: skip
    house.take(payload())
    assert not house.access().paused
    assert platform.ask("j1", now=MONDAY + HOUR).outcome.mode is JobMode.QUOTA


def test_p21_the_quota_time_that_a_mistaken_pause_took_is_given_back(database):
    platform, house = pro(database), House(database)
    before = pool_left(platform, MONDAY)
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + 36 * HOUR)
    assert pool_left(platform, MONDAY + 36 * HOUR) == pytest.approx(before * Decimal("31.5") / 30)


def test_p21_credits_work_in_the_priority_queue_all_through_a_pause(database):
    platform, house = pro(database), House(database)
    before = platform.balance()
    house.take(payload())
    assert Entitlement.CREDITS in house.access().still_works
    answer = platform.ask("j1", wish=Wish.EITHER, now=MONDAY + HOUR)
    assert (answer.outcome.mode, answer.outcome.queue) == (JobMode.CREDITS, Queue.PRIORITY)
    assert platform.balance(MONDAY + HOUR) == before - answer.outcome.units


@dataclass
class Twins:
    """The same customer twice: one is paused and restored, the other never."""

    database: Database

    def credits(self, account):
        """Give all that happened; jobs of one moment that expire together do so in any order."""
        with self.database.readers.begin() as session:
            found = (
                select(CreditGrant.units, CreditEntry.kind, CreditEntry.units)
                .join(CreditEntry, CreditEntry.grant_id == CreditGrant.id)
                .where(CreditGrant.account_id == account)
            )
            return sorted(map(tuple, session.execute(found)))


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("verdict"), st.sampled_from(KINDS)),
        st.tuples(st.sampled_from(Choice), st.sampled_from(KINDS)),
        st.tuples(st.just("job"), st.sampled_from(["0.5", "7", "40"])),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 80, 200])),
    ),
    max_size=14,
)


def play(platform, house, moves):
    """Play the moves; the reviewed account gets all of them, its twin only jobs and time."""
    now, open_cases, answers = MONDAY, {}, []
    for number, (move, what) in enumerate(moves):
        if move == "wait":
            now += what * HOUR
        elif move == "verdict":
            taken = house.take(payload("paused", kind=what, offset=number + 1), now)
            open_cases[what] = taken.case_id
        elif move == "job":
            for account in ("paused", "twin"):
                answer = platform.ask(f"j{number}", account, Wish.CREDITS, units=what, now=now)
                answers.append((account, answer))
        elif what in open_cases:
            try:
                house.decide(open_cases[what], move, now)
            except MoveRefusedError:
                continue
    return now, answers


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_p21_no_pause_extension_lapse_or_restore_ever_touches_credits_or_the_priority_queue(
    sqlite_template, tmp_path_factory, moves
):
    path = tmp_path_factory.mktemp("twins") / "fairuse.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}", open_engine(f"sqlite:///{path}"))
    try:
        platform = Platform(database)
        for account in ("paused", "twin"):
            platform.say("started", "pro", at=MONDAY - 3 * DAY, account=account)
        now, answers = play(platform, House(database), moves)
        twins = Twins(database)
        assert platform.balance(now, "paused") == platform.balance(now, "twin")
        assert twins.credits("paused") == twins.credits("twin")
        for (_, mine), (_, other) in zip(answers[::2], answers[1::2], strict=True):
            assert isinstance(mine.outcome, Denied) == isinstance(other.outcome, Denied)
            if not isinstance(mine.outcome, Denied):
                assert mine.outcome.queue is Queue.PRIORITY
                assert mine.outcome.speed == other.outcome.speed
    finally:
        database.engine.dispose()
