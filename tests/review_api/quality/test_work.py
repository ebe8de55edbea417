"""The next case: the paused first, the same when asked again, nobody else's, looks between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.verdict import Action
from review_api.claims import claim
from review_api.flips import Sampled, send_flips
from review_api.quality import pool
from review_api.quality.looks import Said, take_look
from review_api.quality.records import GivenWork
from review_api.quality.vocabulary import Slice
from review_api.quality.work import Asking, next_work
from review_api.tokens import issue_token
from review_api.vocabulary import Choice, ReasonCode, Role
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict


def ask(house, reviewer="ana", *, skip=(), now=MONDAY + HOUR, policy=POLICY):
    with house.database.writers.begin() as session:
        given = next_work(session, Asking(reviewer, now, policy, skip))
        return (given.case_id, given.share) if given else None


def review(house, account, **more):
    offset = int(account[4:])
    return house.take(payload(account, action=Action.REVIEW, offset=offset, **more)).case_id


def test_when_nothing_waits_there_is_nothing(house):
    assert ask(house) is None


def test_whoever_is_paused_comes_first_outside_the_mix(house):
    review(house, "acc_2")
    assert ask(house)[1] is not Slice.PAUSED
    paused = house.take(payload()).case_id
    assert ask(house) == (paused, Slice.PAUSED)
    assert ask(house, skip={paused})[1] is not Slice.PAUSED


def test_asking_again_gives_the_same_until_it_is_decided_or_passed_over(house):
    for number in range(2, 8):
        review(house, f"acc_{number}")
    first = ask(house)
    assert ask(house, now=MONDAY + 2 * HOUR) == first
    assert house.count(GivenWork) == 1
    second = ask(house, skip={first[0]})
    assert second[0] != first[0]
    house.decide(first[0], Choice.RESTORE, MONDAY + HOUR)
    assert ask(house)[0] != first[0]


def test_two_reviewers_are_not_given_the_same_case(house):
    cases = {review(house, "acc_2"), review(house, "acc_3")}
    assert {ask(house, "ana")[0], ask(house, "ben")[0]} == cases
    assert ask(house, "cem") is None
    assert ask(house, "cem", now=MONDAY + 2 * HOUR) is not None


def test_what_somebody_holds_is_given_to_nobody_else(house):
    held = review(house, "acc_2")
    with house.database.writers.begin() as session:
        issue_token(session, "ben", Role.REVIEWER, MONDAY)
        claim(session, held, "ben", MONDAY + HOUR, POLICY)
    assert ask(house, "ana") is None
    assert ask(house, "ben")[0] == held


def test_when_the_queue_is_empty_the_looks_are_left(house):
    every = replace(POLICY, double_share=1.0)
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.RESTORE)
    assert ask(house, "ana", policy=every) is None
    assert ask(house, "ben", policy=every) == (case_id, Slice.LOOK)
    with house.database.writers.begin() as session:
        given = next_work(session, Asking("ben", MONDAY + HOUR, every))
        said = Said(ReasonCode.SIGNALS_MISREAD, "A person.")
        take_look(session, given.id, said, reviewer="ben", now=MONDAY + HOUR)
    assert ask(house, "ben", policy=every) is None


@pytest.mark.parametrize("likely", [0.02, 0.9])
def test_an_audit_is_given_though_its_score_puts_it_last(house, likely):
    drawn = review(house, "acc_2", audit=likely, abuse=0.5)
    assert ask(house) == (drawn, Slice.AUDIT)


def test_what_the_night_asks_about_is_given_in_its_turn_and_holds_up_nobody_paused(house):
    asked = house.take(payload("acc_2", action=Action.REVIEW, calibrating=True, abuse=0.5)).case_id
    assert ask(house) == (asked, Slice.NIGHT)
    paused = house.take(payload()).case_id
    assert ask(house) == (paused, Slice.PAUSED)


def test_of_ten_turns_two_are_the_nights_while_others_wait(house):
    for number in range(2, 15):
        review(house, f"acc_{number}")
    for number in range(20, 23):
        house.take(payload(f"acc_{number}", action=Action.REVIEW, offset=number, calibrating=True))
    shares = []
    for _ in range(10):
        case_id, share = ask(house)
        shares.append(share)
        house.decide(case_id, Choice.RESTORE, MONDAY + HOUR, reviewer="ana")
    assert shares.count(Slice.NIGHT) == 2


def test_an_audit_that_the_night_asks_about_too_stays_an_audit(house):
    drawn = review(house, "acc_2", audit=0.02)
    house.take(payload("acc_2", action=Action.REVIEW, offset=9, calibrating=True))
    assert ask(house) == (drawn, Slice.AUDIT)


def flips(house, version, *accounts, now=MONDAY):
    drawn = [Sampled(verdict(name, abuse=0.5, model_version=version), 0.5) for name in accounts]
    with house.database.writers.begin() as session:
        send_flips(session, version, drawn, now, house.policy)


def test_what_a_waiting_model_asks_is_decided_behind_a_full_queue_and_earlier_questions(
    house, monkeypatch
):
    monkeypatch.setattr(pool, "AT_MOST", 5)
    flips(house, "m1", *(f"acc_{number}" for number in range(30, 33)), now=MONDAY - DAY)
    for number in range(10, 22):
        review(house, f"acc_{number}", abuse=0.99)
    waiting = review(house, "acc_2", abuse=0.5)  # the machine at work called for it, far below
    flips(house, "m2", "acc_1", "acc_2")
    given = {}
    for _ in range(10):
        case_id, share = ask(house)
        given[case_id] = share
        house.decide(case_id, Choice.RESTORE, MONDAY + HOUR)
    night = [case_id for case_id, share in given.items() if share is Slice.NIGHT]
    assert waiting in night
    assert {house.view(case_id).case.account_id for case_id in night} == {"acc_1", "acc_2"}
