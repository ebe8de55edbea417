from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from access.accounts import lock_account
from access.books import Admission, CreditEntry
from access.desk import HELD_FOR
from access.ending import Ending
from access.errors import (
    AlreadyEndedError,
    OverReservedError,
    UnknownAdmissionError,
    UnknownModelError,
)
from access.ledger import Job
from access.vocabulary import AdmissionEndKind, DenialReason, JobMode, Queue, Wish
from tests.access.platform import Platform, ask
from tests.verdicts import DAY, MONDAY


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    return made


def count(database, table):
    with database.readers.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_subscriber_generates_on_the_quota_in_the_basic_queue(platform):
    job = platform.ask().outcome
    assert (job.mode, job.queue, job.units) == (JobMode.QUOTA, Queue.BASIC, Decimal(1))
    assert platform.used() == 1


def test_a_credit_job_takes_credits_and_goes_to_the_priority_queue(platform):
    before = platform.balance()
    job = platform.ask(wish=Wish.CREDITS).outcome
    assert (job.mode, job.queue) == (JobMode.CREDITS, Queue.PRIORITY)
    assert platform.balance() == before - 1
    assert platform.used() == 0


def test_a_job_asked_about_twice_is_reserved_once(platform):
    first, second = platform.ask(), platform.ask()
    assert second.repeated
    assert second.outcome == first.outcome
    assert platform.used() == 1


def test_a_job_asked_about_twice_in_one_batch_is_reserved_once(platform):
    first, second = platform.ask_all(ask(), ask())
    assert (first.repeated, second.repeated) == (False, True)
    assert platform.used() == 1


def test_jobs_of_one_batch_see_each_other(platform):
    most = platform.standing().subscription.plan.concurrency
    answers = platform.ask_all(*(ask(f"j{number}") for number in range(most + 2)))
    assert [isinstance(answer.outcome, Job) for answer in answers] == [True] * most + [False] * 2
    assert answers[-1].outcome.reason is DenialReason.TOO_MANY_JOBS


def test_credits_of_one_batch_are_not_spent_twice(platform):
    plenty = float(platform.balance())
    first, second = platform.ask_all(
        ask("a", wish=Wish.CREDITS, units=plenty), ask("b", wish=Wish.CREDITS, units=0.001)
    )
    assert isinstance(first.outcome, Job)
    assert second.outcome.reason is DenialReason.CREDITS_SHORT
    assert platform.balance() == 0


def test_a_wrong_ask_is_wrong_alone(platform):
    good, wrong = platform.ask_all(ask("a"), ask("b", model="none"))
    assert isinstance(good.outcome, Job)
    assert isinstance(wrong, UnknownModelError)


# SQLite has one writer: nobody there holds one account.
@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_account_somebody_else_holds_is_asked_again_and_holds_nobody_up(platform):
    platform.say("started", "pro", account="acc_2")
    with platform.database.writers.begin() as session:
        lock_account(session, "acc_1", MONDAY)
        held, free = platform.ask_all(ask(), ask(account="acc_2"))
    assert held is None
    assert isinstance(free.outcome, Job)


def test_settling_charges_what_was_used_and_returns_the_rest(platform):
    before = platform.balance()
    answer = platform.ask(wish=Wish.CREDITS, seconds=40)
    assert platform.settle(answer, 4).charged == 4
    assert platform.balance() == before - 4


def test_settling_twice_is_settling_once(platform):
    before = platform.balance()
    answer = platform.ask(wish=Wish.CREDITS)
    first, second = platform.settle(answer), platform.settle(answer)
    assert (first.repeated, second.repeated) == (False, True)
    assert platform.balance() == before - 1


def test_settling_twice_in_one_batch_is_settling_once(platform):
    answer = platform.ask()
    ending = Ending(answer.outcome.id, AdmissionEndKind.SETTLED, None, "platform")
    first, second = platform.end_all(ending, ending)
    assert (first.charged, second.charged) == (1, 1)
    assert second.repeated


def test_releasing_returns_everything(platform):
    before = platform.balance()
    platform.release(platform.ask("a", wish=Wish.CREDITS))
    platform.release(platform.ask("b"))
    assert platform.balance() == before
    assert platform.used() == 0


def test_an_end_that_contradicts_the_first_is_refused_and_changes_nothing(platform):
    answer = platform.ask(wish=Wish.CREDITS)
    platform.settle(answer)
    entries = count(platform.database, CreditEntry)
    assert isinstance(platform.release(answer), AlreadyEndedError)
    assert isinstance(platform.settle(answer, 0.5), AlreadyEndedError)
    assert count(platform.database, CreditEntry) == entries


def test_a_job_is_charged_at_most_what_was_reserved(platform):
    answer = platform.ask()
    assert isinstance(platform.settle(answer, 1.001), OverReservedError)
    assert platform.used() == 1
    assert platform.settle(answer).charged == 1


def test_an_unknown_admission_has_no_end(platform):
    ending = Ending("none", AdmissionEndKind.RELEASED, None, "platform")
    assert isinstance(platform.end_all(ending)[0], UnknownAdmissionError)


def test_a_job_nobody_ended_in_time_gives_everything_back(platform):
    before = platform.balance()
    answer = platform.ask(wish=Wish.CREDITS)
    later = MONDAY + HELD_FOR
    platform.ask("next", now=later)
    assert platform.balance(later) == before
    assert isinstance(platform.settle(answer, now=later), AlreadyEndedError)


def test_a_job_that_ended_is_not_admitted_again(platform):
    platform.release(platform.ask())
    (answer,) = platform.ask_all(ask())
    assert isinstance(answer, AlreadyEndedError)
    assert count(platform.database, Admission) == 1


def test_credits_that_come_back_after_their_grant_has_ended_last_a_day_more(platform):
    end = platform.standing().subscription.cycle.end
    just_before = end - timedelta(hours=1)
    answer = platform.ask(wish=Wish.CREDITS, seconds=40, now=just_before)
    fresh = platform.balance(end)
    platform.release(answer, now=end)
    assert platform.balance(end) == fresh + 10
    assert platform.balance(end + DAY) == fresh
