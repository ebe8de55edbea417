"""What holds of every decision, whatever is paused, held, used up or crowded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from access.admission import Admitted, Ask, Denied, House, decide
from access.catalogue import load_catalogue
from access.costs import Job as Work
from access.credits import Grant, Purse
from access.ledger import Job
from access.load import FULL, LEVELS
from access.quota import Usage, Used
from access.reading import Pause
from access.speed import Ramp
from access.standings import Standing
from access.subscriptions import subscription_at
from access.vocabulary import (
    AdmissionOrigin,
    DenialReason,
    Entitlement,
    GrantKind,
    JobMode,
    Queue,
    Wish,
)
from tests.subscribers import said
from tests.verdicts import DAY, MONDAY

CATALOGUE = load_catalogue()
VIDEO = Work("reel-3", seconds=Decimal(4))

amounts = st.decimals(min_value=0, max_value=2000, places=3)


SUBSCRIPTIONS = {
    name: subscription_at("acc_1", [said("started", MONDAY - 3 * DAY, name)], CATALOGUE, MONDAY)
    for name in CATALOGUE.plans
}

pauses = st.none() | st.builds(
    lambda days: Pause(
        Entitlement.MONTHLY_QUOTA, MONDAY - DAY, MONDAY + days * DAY, "case", "A review."
    ),
    st.integers(-1, 30),
)
ramps = st.builds(
    Ramp,
    st.floats(1, 3),
    st.just(timedelta(0)),
    st.none(),
    held=st.booleans(),
)
usages = st.builds(
    lambda used: Usage("2026-11", {"reel-3": Used(1, used)}), st.decimals(0, 2000, places=3)
)


@st.composite
def open_jobs(draw, mode):
    number = draw(st.integers(0, 6))
    return tuple(
        Job(
            id=f"{mode} {each}",
            account_id="acc_1",
            job_id=f"{mode} {each}",
            origin=AdmissionOrigin.ASKED,
            mode=mode,
            queue=Queue.BASIC if mode is JobMode.QUOTA else Queue.PRIORITY,
            model="reel-3",
            media=None,
            feature=None,
            units=Decimal(1),
            month="2026-11",
            speed=1.0,
            concurrency=4,
            turn=MONDAY.timestamp() if mode is JobMode.QUOTA else None,
            catalogue=1,
            at=MONDAY,
            until=MONDAY + DAY,
        )
        for each in range(number)
    )


@st.composite
def purses(draw):
    lefts = draw(st.lists(amounts, max_size=4))
    ends = [None if draw(st.booleans()) else MONDAY + (each + 1) * DAY for each in range(4)]
    return Purse(
        tuple(
            Grant(f"g{number}", GrantKind.PACK, MONDAY - DAY, ends[number], left, 1)
            for number, left in enumerate(lefts)
        )
    )


@st.composite
def standings(draw):
    return Standing(
        account_id="acc_1",
        subscription=SUBSCRIPTIONS[draw(st.sampled_from(sorted(SUBSCRIPTIONS)))],
        purse=draw(purses()),
        usage=draw(usages),
        make_good=draw(st.floats(0, 1)),
        pause=draw(pauses),
        ramp=draw(ramps),
        quota_on=draw(st.booleans()),
        open_jobs=draw(open_jobs(JobMode.QUOTA)) + draw(open_jobs(JobMode.CREDITS)),
    )


def asked(wish, units=None):
    return Ask("acc_1", "j1", VIDEO, wish, units)


def house(load=FULL):
    return House(CATALOGUE, load, MONDAY)


def untouched(standing):
    """Give the same account with nothing paused, held, used, switched or running on its quota."""
    return replace(
        standing,
        pause=None,
        ramp=Ramp(1.0, timedelta(0), None, held=False),
        usage=Usage("2026-11"),
        make_good=0.0,
        quota_on=True,
        open_jobs=tuple(job for job in standing.open_jobs if job.mode is JobMode.CREDITS),
    )


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_nothing_that_happens_to_the_quota_changes_one_bit_of_what_credits_are_told(
    standing, load, units
):
    told = decide(asked(Wish.CREDITS, units), standing, house(load))
    calm = decide(asked(Wish.CREDITS, units), untouched(standing), house())
    if isinstance(told, Denied):
        # What else works is the one thing in it that speaks of the quota.
        told, calm = (replace(each, still_works=()) for each in (told, calm))
    assert told == calm


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_a_credit_job_that_runs_has_the_priority_queue_and_full_speed_and_no_turn(
    standing, load, units
):
    told = decide(asked(Wish.CREDITS, units), standing, house(load))
    if isinstance(told, Admitted):
        assert (told.mode, told.queue) == (JobMode.CREDITS, Queue.PRIORITY)
        assert told.speed == CATALOGUE.full_speed
        assert told.turn is None
        assert sum(draw.units for draw in told.draws) == units
    else:
        assert told.reason in {DenialReason.CREDITS_SHORT, DenialReason.TOO_MANY_JOBS}


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_a_quota_job_that_is_denied_is_told_what_still_works(standing, load, units):
    told = decide(asked(Wish.QUOTA, units), standing, house(load))
    if isinstance(told, Denied):
        assert Entitlement.CREDITS in told.still_works
        assert told.sentence.endswith(".")
        assert told.retry_at is None or told.retry_at > MONDAY


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_a_quota_job_never_runs_in_a_pause_and_never_costs_credits(standing, load, units):
    told = decide(asked(Wish.QUOTA, units), standing, house(load))
    if isinstance(told, Admitted):
        assert standing.pause is None or standing.pause.until <= MONDAY
        assert (told.mode, told.queue, told.draws) == (JobMode.QUOTA, Queue.BASIC, ())
        assert 0 < told.speed <= CATALOGUE.full_speed * standing.ramp.factor
        assert told.concurrency >= 1


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_either_is_denied_only_if_both_would_be(standing, load, units):
    told = {wish: decide(asked(wish, units), standing, house(load)) for wish in Wish}
    either, on_quota, on_credits = told[Wish.EITHER], told[Wish.QUOTA], told[Wish.CREDITS]
    if isinstance(on_quota, Admitted):
        assert either == on_quota
    elif isinstance(on_credits, Admitted):
        assert either == on_credits
    else:
        assert (either.reason, either.sentence) == (on_credits.reason, on_credits.sentence)
        assert either.retry_at == on_quota.retry_at
        works = set(on_quota.still_works) & set(on_credits.still_works)
        assert set(either.still_works) == works


@given(standings(), st.sampled_from(LEVELS), amounts)
def test_no_wish_is_what_the_customer_has_switched(standing, load, units):
    wish = Wish.QUOTA if standing.quota_on else Wish.CREDITS
    assert decide(asked(None, units), standing, house(load)) == decide(
        asked(wish, units), standing, house(load)
    )
