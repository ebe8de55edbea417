"""What the platform promises of the speed and the sharing of quota jobs."""

from __future__ import annotations

from access.catalogue import load_catalogue
from access.load import LEAST_SPEED, LEVELS, QueueReport, follow
from access.sharing import Turn, turn_of
from access.speed import ramp
from access.speed_holds import held_spans
from fairuse.bench.sharing import share
from tests.house import House
from tests.verdicts import DAY, HOUR, MONDAY, payload

LADDER = load_catalogue().plan("pro").ladder
BEGAN = MONDAY - 100 * DAY


def test_p15_credit_jobs_wait_no_longer_while_the_basic_queue_is_flooded_or_slowed():
    calm = share(0.7, turns=True, managed=False, hours=1, flood=1)
    for managed in (False, True):
        flooded = share(1.5, turns=True, managed=managed, hours=1)
        assert flooded.people_p99 > 60  # the basic queue is full
        assert flooded.credit_p99 < calm.credit_p99 + 3


def test_p17_speed_rises_step_by_step_while_the_subscription_stays():
    factors = [ramp(LADDER, BEGAN, [], BEGAN + days * DAY).factor for days in range(400)]
    assert factors == sorted(factors)
    assert set(factors) == {step.factor for step in LADDER}


def test_p17_a_pause_by_mistake_takes_nothing_of_the_speed_that_has_grown(database):
    house = House(database)
    case_id = house.take(payload(), MONDAY).case_id

    def speed(now):
        with database.readers.begin() as session:
            return ramp(LADDER, BEGAN, held_spans(session, ["acc_1"]).get("acc_1", []), now)

    paused = speed(MONDAY + DAY)
    assert paused.held
    assert paused.factor == ramp(LADDER, BEGAN, [], MONDAY).factor
    house.decide(case_id, now=MONDAY + DAY)
    assert speed(MONDAY + DAY) == ramp(LADDER, BEGAN, [], MONDAY + DAY)


def test_p18_under_peak_load_speed_and_concurrency_fall_for_a_time_and_come_back():
    peak, calm = QueueReport(400, 20, 20, 90.0), QueueReport(0, 12, 20, 0.0)
    standing = follow(None, peak, MONDAY)
    slowed = standing.load(MONDAY)
    assert LEAST_SPEED <= slowed.speed_of(1.0) < 1.0
    assert 1 <= slowed.jobs_of(8) < 8
    for minute in range(1, 31):
        standing = follow(standing, calm, MONDAY + minute * HOUR / 60)
    assert standing.load(MONDAY + HOUR / 2) == LEVELS[0]


def test_p19_whoever_floods_the_basic_queue_takes_little_from_the_others():
    shared = share(1.0, turns=True, managed=True, hours=1)
    alone = share(1.0, turns=False, managed=False, hours=1)
    assert shared.index > 0.9
    assert alone.index < 0.3
    assert shared.people_p50 < alone.people_p50 / 2
    assert shared.worst > 0.5


def test_p19_a_first_job_never_waits_for_the_later_jobs_of_somebody_else():
    flood: list[Turn] = []
    for _ in range(100):
        flood.append(Turn(turn_of(0.0, flood, 1.0), 1.0))
    first = turn_of(30.0, [], 1.0)
    assert sum(turn.at < first for turn in flood) == 2
