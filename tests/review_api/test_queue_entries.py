from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from access.accounts import lock_account
from access.catalogue import load_catalogue
from access.subscribing import note_subscription
from access.subscriptions import SubscriptionRecord
from access.vocabulary import SubscriptionChange
from detectors.verdict import Action
from review_api.claims import claim
from review_api.decisions import undo
from review_api.intake import intake
from review_api.metrics import read_metrics
from review_api.overdue import count_overdue
from review_api.queue import QueueQuery, list_queue
from review_api.queue_filters import Holder, QueueFilters
from review_api.queue_rebuild import is_missing, rebuild
from review_api.queue_records import DetectorShare, QueueEntry, QueueText
from review_api.steps import Step, ask_customer, escalate, reopen
from review_api.vocabulary import Choice, ReasonCode
from streams.clock import ManualClock
from tests.queueing import kept
from tests.verdicts import DAY, HOUR, MONDAY, payload

CATALOGUE = load_catalogue()
PRICED = sorted(CATALOGUE.plans.values(), key=lambda plan: plan.price)


@pytest.fixture
def priced(house):
    house.policy = replace(house.policy, catalogue=CATALOGUE)
    return house


def subscribe(house, account, plan):
    record = SubscriptionRecord(
        f"e {account}", SubscriptionChange.STARTED, plan.name, MONDAY - DAY, None
    )
    house.take(payload(account, action=Action.ALLOW))
    with house.database.writers.begin() as session:
        lock_account(session, account, MONDAY)
        note_subscription(session, account, record, MONDAY)


def listed(house, now=MONDAY + HOUR, reviewer="ana", **filters):
    query = QueueQuery(QueueFilters(**filters), reviewer=reviewer)
    with house.database.readers.begin() as session:
        page = list_queue(session, query, now, house.policy)
    return [item.account_id for item in page.items]


def step(house, take, case_id, words="Look at the weekend."):
    version = house.view(case_id).version
    with house.database.writers.begin() as session:
        take(session, Step(case_id, version, words, "ana"), MONDAY)


def test_of_two_paused_alike_who_pays_more_comes_first(priced):
    for account, plan in (("a_little", PRICED[1]), ("b_much", PRICED[-1])):
        subscribe(priced, account, plan)
        priced.take(payload(account))
    assert listed(priced) == ["b_much", "a_little"]
    entries = {each["account_id"]: each for each in kept(priced.database).values()}
    assert entries["b_much"]["price"] == float(PRICED[-1].price)
    assert entries["a_little"]["plan"] == PRICED[1].name


def test_of_two_paused_alike_the_less_certain_comes_first(house):
    house.take(payload("a_sure", probability=0.99))
    house.take(payload("b_doubtful", probability=0.6))
    assert listed(house) == ["b_doubtful", "a_sure"]


def test_a_decision_carried_out_moves_every_case_of_its_detector(house):
    house.take(payload("a_even", probability=0.4))
    house.take(payload("b_same", detector="fixed_interval"))
    judged = house.take(payload("c_judged", detector="fixed_interval")).case_id
    assert listed(house)[0] == "a_even"
    house.decide(judged)
    assert listed(house) == ["b_same", "a_even"]


def test_a_decision_taken_back_later_counts_no_longer(house):
    judged = house.take(payload("judged")).case_id
    house.decide(judged)
    step(house, reopen, judged)
    with house.database.readers.begin() as session:
        newest = session.scalars(select(DetectorShare).order_by(DetectorShare.id.desc())).first()
    assert (newest.wrong, newest.judged) == (0, 0)
    assert listed(house) == ["judged"]


def test_a_decided_case_leaves_the_queue_and_an_undone_one_comes_back(house):
    house.policy = replace(house.policy, grace=HOUR)
    case_id = house.take(payload()).case_id
    house.decide(case_id)
    assert listed(house) == []
    with house.database.writers.begin() as session:
        undo(session, case_id, reviewer="ana", now=MONDAY)
    assert listed(house) == ["acc_1"]


def test_a_decision_that_waits_for_a_second_person_is_found_where_it_is_asked_for(house):
    house.policy = replace(house.policy, second_share=1.0)
    house.decide(house.take(payload()).case_id, Choice.UPHOLD)
    assert listed(house) == []
    assert listed(house, second=True) == ["acc_1"]


def test_cases_are_narrowed_by_who_holds_them(house):
    case_id = house.take(payload("held")).case_id
    house.take(payload("free"))
    with house.database.writers.begin() as session:
        claim(session, case_id, "ana", MONDAY, house.policy)
    soon = MONDAY + HOUR / 12
    assert listed(house, soon, claim=Holder.ME) == ["held"]
    assert listed(house, soon, "bo", claim=Holder.ME) == []
    assert listed(house, soon, "bo", claim=Holder.ANYBODY) == ["held"]
    assert listed(house, soon, claim=Holder.NOBODY) == ["free"]
    assert set(listed(house, MONDAY + HOUR, claim=Holder.NOBODY)) == {"held", "free"}


def test_cases_are_narrowed_by_what_they_wait_for(house):
    asked = house.take(payload("asked", country="DE")).case_id
    house.take(payload("watched", action=Action.REVIEW, country="FR"))
    step(house, ask_customer, asked)
    assert listed(house, waits_for_customer=True) == ["asked"]
    assert listed(house, waits_for_customer=False) == ["watched"]
    assert listed(house, paused=True) == ["asked"]
    assert listed(house, paused=False) == ["watched"]
    assert listed(house, country="FR") == ["watched"]
    assert listed(house, detector="automation") == ["asked", "watched"]
    assert listed(house, appealed=True) == []
    late = MONDAY + house.policy.review_within
    assert listed(house, late, overdue=True) == ["asked"]
    assert listed(house, late, overdue=False) == ["watched"]


def test_late_and_open_cases_are_counted_from_the_queue(house):
    house.take(payload("late"))
    house.take(payload("watched", action=Action.REVIEW))
    with house.database.readers.begin() as session:
        assert count_overdue(session, MONDAY, house.policy) == 0
        assert count_overdue(session, MONDAY + house.policy.review_within, house.policy) == 1
        figures = read_metrics(session, MONDAY + HOUR)
    assert figures["fairuse_open_cases"] == 2
    assert figures["fairuse_longest_open_seconds"] == 3600


def test_a_lost_queue_is_made_again_as_it_was(priced):
    priced.take(payload("a"))
    escalated = priced.take(payload("b")).case_id
    step(priced, escalate, escalated)
    priced.decide(priced.take(payload("c")).case_id, code=ReasonCode.GOODWILL)
    before = kept(priced.database)
    assert len(before) == 2
    with priced.database.writers.begin() as session:
        session.execute(delete(QueueText))
        session.execute(delete(QueueEntry))
        assert is_missing(session)
    done = rebuild(priced.database.writers, ManualClock(MONDAY), CATALOGUE, batch=1)
    assert list(done) == [1, 2]
    assert kept(priced.database) == before
    assert list(rebuild(priced.database.writers, ManualClock(MONDAY), CATALOGUE)) == [2]
    assert kept(priced.database) == before


def test_what_is_rolled_back_leaves_no_trace_in_the_queue(house):
    house.take(payload())
    before = kept(house.database)
    with house.database.writers() as session:
        intake(session, payload("other"), MONDAY, house.policy)
        session.rollback()
        session.commit()
    assert kept(house.database) == before
