"""Whom the machine must leave alone: raw events of honest people through kernel and scorer."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.rules import RULES, hard_bits
from detectors.scorer import Scorer
from detectors.verdict import Action
from features.layout import WIDTH
from features.view import VIEW
from streams.agents import declares_program
from streams.vocabulary import EventType
from tests.detectors.people import machine, person, platform
from tests.features.stories import (
    CREDITS,
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    SECOND,
    VPN,
    events,
    learnt,
    log,
    seconds,
)  # fmt: skip

FAILED = EventType.GENERATION_FAILED
FR, DE, US = (256 * ord(word[0]) + ord(word[1]) for word in ("FR", "DE", "US"))
CHANCE = np.random.default_rng(12)


def held(*parts):
    """Codes of the rules that hold at any reading of the account, through the real kernel."""
    batch = log(*parts)
    state = learnt(log(events([MONDAY - DAY])), seen=1 << 17)
    readings = state.update(batch)
    vectors = np.concatenate([readings.vectors, state.vectors()])
    bits = np.bitwise_or.reduce(hard_bits(vectors))
    return {rule.code for place, rule in enumerate(RULES) if bits >> place & 1}


def waking(hours, *, days, every):
    """Times of requests every few minutes for the first `hours` of each day."""
    steps = np.arange(0, hours * HOUR, every)
    return np.concatenate([MONDAY + day * DAY + steps for day in range(days)])


def around(*countries, devices, days=30, network=1, **columns):
    """Each day a few requests within minutes, in turn on each device and from each country."""
    t = waking(1, days=days, every=3 * MINUTE) + CHANCE.integers(0, 60 * SECOND, 20 * days)
    turn = np.arange(len(t))
    where = np.array(countries)[turn % len(countries)]
    return events(t, device=turn % devices + 1, country=where, network=network, **columns)


def test_each_rule_holds_for_what_it_is_meant_for():
    """Without these, no silence below would mean anything."""
    assert held(machine(1, acts=400)) == {"metronome"}
    sleepless = MONDAY + np.cumsum(CHANCE.lognormal(3.5, 1, 4000) * MINUTE / 10).astype(np.int64)
    assert held(events(sleepless[sleepless < MONDAY + 90 * HOUR])) == {"no_rest"}
    assert held(around(FR, DE, US, devices=3)) == {"three_countries_at_once"}
    script = seconds(*CHANCE.lognormal(4, 1, 100))
    assert held(events(script, agent=3, declared=1)) == {"declared_automation"}


METRONOME_LIKE = {
    "27 equal pauses, as a patient person at a slow model": seconds(*[61.0] * 27, *[400, 9] * 150),
    "199 equal pauses": seconds(*[61.0] * 200, *[400, 9] * 150),
    "249 acts, all of them on the tick": seconds(*[60.0] * 248),
    "a storm of double clicks": seconds(*[0.3] * 2000),
    "two clicks a second for half an hour": seconds(*[0.5] * 3600),
    "a click each second": seconds(*[1.0] * 3000),
    "a favourite pause broken now and then": seconds(*([60.0] * 150 + [95.0]) * 8),
    "tea every hour, give or take five minutes": seconds(*3600 + CHANCE.normal(0, 300, 600)),
    "a quick steady hand": seconds(*CHANCE.normal(20, 2, 3000)),
    "every act at the same moment": seconds(*[0.0] * 500),
}


@pytest.mark.parametrize("t", METRONOME_LIKE.values(), ids=METRONOME_LIKE)
def test_steady_people_are_no_metronomes(t):
    assert "metronome" not in held(events(t))


def test_an_official_batch_every_half_minute_for_a_day_is_no_metronome():
    assert held(events(seconds(*[30.0] * 2880), official=1, device=1)) == set()


def test_an_official_schedule_of_a_month_is_neither_metronome_nor_restless():
    own = person(1, acts=300)
    assert held(own, events(MONDAY + np.arange(720) * HOUR, official=1, device=10)) == set()


@pytest.mark.parametrize("every", [2.0, 30.0, 300.0])
def test_a_tab_left_open_that_retries_a_failing_job_is_neither(every):
    asked = seconds(*[every] * int(80 * 3600 / every))
    assert held(events(asked), events(asked + SECOND, FAILED)) == set()


def test_paid_jobs_on_a_timer_are_neither():
    assert held(machine(1, acts=6000, mode=CREDITS), person(1, acts=300)) == set()


def test_duplicates_of_one_request_are_no_requests():
    rows = machine(1, acts=3000)
    rows["event"] = 77
    assert held(rows) == set()


def test_late_copies_of_a_steady_minute_are_no_metronome():
    own = events(seconds(*CHANCE.lognormal(5, 1, 3000)))
    late = events(MONDAY - DAY + np.arange(3000) * MINUTE)
    rows = np.empty(6001, dtype=own.dtype)
    rows[:3001] = own
    rows[3001:] = late
    order = np.argsort(np.concatenate([np.arange(3001), np.arange(3000) + 0.5]), kind="stable")
    batch = log(rows[order], by_time=False)
    assert hard_bits(learnt(batch).vectors())[0] & 1 == 0


RESTLESS = {
    "20 hours awake, each day for a month": waking(20.5, days=30, every=5 * MINUTE),
    "22 hours awake at the end of a week": np.concatenate(
        [waking(14, days=6, every=6 * MINUTE), MONDAY + 6 * DAY + np.arange(220) * 6 * MINUTE]
    ),
    "a contest: 60 hours with a nap of three": np.concatenate(
        [MONDAY + np.arange(360) * 5 * MINUTE, MONDAY + 33 * HOUR + np.arange(324) * 5 * MINUTE]
    ),
    "71 hours on end": MONDAY + np.arange(0, 71 * HOUR, 20 * MINUTE),
    "eighty hours with two jobs a night": np.concatenate(
        [MONDAY + day * DAY + np.array([*range(8, 22), 25.2, 28.4]) * HOUR for day in range(4)]
    ).astype(np.int64),
    "few acts spread over a year": MONDAY + np.arange(100) * 3 * DAY,
}


@pytest.mark.parametrize("t", RESTLESS.values(), ids=RESTLESS)
def test_people_who_hardly_sleep_are_left_alone(t):
    jitter = np.sort(t + np.random.default_rng(1).integers(0, 30 * SECOND, len(t)))
    assert held(events(jitter)) == set()


TRAVELLERS = {
    "two devices in two countries": around(FR, DE, devices=2),
    "four devices in two countries": around(FR, DE, devices=4),
    "one device through three countries": around(FR, DE, US, devices=1),
    "two devices through three countries": around(FR, DE, US, devices=2),
    "three devices at home": around(FR, devices=3),
    "three devices on three VPN exits": around(FR, DE, US, devices=3, network=VPN),
    "three devices nobody could place": around(0, devices=3),
    "three countries, but only on four days": around(FR, DE, US, devices=3, days=4),
    "no device known": around(FR, DE, US, devices=1, session=4)[["t"]],
}


@pytest.mark.parametrize("rows", list(TRAVELLERS.values())[:-1], ids=list(TRAVELLERS)[:-1])
def test_travellers_and_households_are_left_alone(rows):
    assert "three_countries_at_once" not in held(rows)


def test_a_trip_around_the_world_one_country_after_the_other_is_left_alone():
    legs = np.repeat([FR, DE, US], 200)
    t = MONDAY + np.arange(600) * 20 * MINUTE + CHANCE.integers(0, 600 * SECOND, 600)
    kept = (t % DAY) > 8 * HOUR
    rows = events(t, device=np.arange(600) % 3 + 1, country=legs)[kept]
    assert held(rows) == set()


DECLARED = {
    "49 requests": {"count": 49, "share": 1.0},
    "half by a program, half by hand": {"count": 400, "share": 0.5},
    "89 in a hundred": {"count": 400, "share": 0.88},
    "nobody said what it was": {"count": 400, "share": 1.0, "agent": 0},
}


@pytest.mark.parametrize("story", DECLARED.values(), ids=DECLARED)
def test_a_program_that_says_so_now_and_then_is_left_alone(story):
    t = seconds(*CHANCE.lognormal(4, 1, story["count"] - 1))
    said = np.arange(len(t)) * 37 % 100 < 100 * story["share"]
    assert held(events(t, agent=story.get("agent", 3), declared=said)) == set()


def test_the_library_of_an_official_app_declares_no_program():
    assert not declares_program("okhttp/4.12.0")
    assert not declares_program("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101")


def test_the_unknown_is_never_hard_evidence():
    vectors = np.full((1, WIDTH), np.nan)
    vectors[0, 0] = 1e6
    assert not hard_bits(vectors).any()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_needs_both_its_figure_and_its_acts(rule):
    vector = np.full((3, WIDTH), np.nan)
    vector[:, 0] = [rule.acts - 1, rule.acts, rule.acts]
    vector[:, VIEW.position(rule.feature)] = [rule.least, rule.least, rule.least - 1e-6]
    assert rule.holds(vector).tolist() == [False, True, False]


def judged(model, *parts):
    batch = log(*parts)
    state = learnt(log(events([MONDAY - DAY], account=999)), seen=1 << 17)
    return Scorer(model).judge(batch, state.update(batch), state, "usage-events")


def test_unseen_honest_people_are_never_paused(model, certified):
    people = platform(40, first=500)
    for fit in (model, certified):
        state = learnt(log(events([MONDAY - DAY], account=999)), seen=1 << 17)
        verdicts = Scorer(fit).judge(people, state.update(people), state)
        assert all(verdict.action is not Action.PAUSE for verdict in verdicts)


def test_the_same_script_pauses_on_scores_only_where_enough_people_are_known(model, certified):
    t = np.cumsum(np.random.default_rng(3).uniform(58, 62, 600) * SECOND).astype(np.int64)
    script = events(MONDAY + t, account=7, device=7, block=7)
    results = events(MONDAY + t + 40 * SECOND, EventType.GENERATION_COMPLETED, account=7)
    assert {v.action for v in judged(model, script, results)} == {Action.REVIEW}
    assert Action.PAUSE in {v.action for v in judged(certified, script, results)}


@pytest.mark.parametrize("account", [801, 802, 803, 804])
def test_working_nights_changes_no_verdict(certified, account):
    by_day, by_night = person(account), person(account)
    by_night["t"] += 12 * HOUR
    said = [(v.kind, v.action) for v in judged(certified, by_day)]
    assert [(v.kind, v.action) for v in judged(certified, by_night)] == said
    assert Action.PAUSE not in {action for _, action in said}
