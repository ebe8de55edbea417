from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from review_api import claims
from review_api.claim_records import Claim
from review_api.claims import Hold
from review_api.decisions import Ruling, decide
from review_api.errors import (
    BadRequestError,
    CaseChangedError,
    CaseNotFoundError,
    ClaimEndedError,
    ClaimHeldError,
    ClaimNotFoundError,
    ReviewError,
)
from review_api.models import Decision
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import CaseEventKind, Choice, ClaimEnding, Outcome, ReasonCode, Role
from tests.house import POLICY
from tests.locks import at_once
from tests.verdicts import HOUR, MONDAY, payload

MINUTE = timedelta(minutes=1)
LEASE = POLICY.claim_for


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


class Desk:
    """Claims on one case, one transaction a call; each gives a copy of the claim."""

    def __init__(self, house, case_id):
        self.house, self.case_id = house, case_id

    def claim(self, who="ana", now=MONDAY):
        return self._do(claims.claim, self.case_id, who, now, POLICY)

    def heartbeat(self, hold, now):
        return self._do(claims.heartbeat, hold, now, POLICY)

    def extend(self, hold, now=MONDAY):
        return self._do(claims.extend, hold, now, POLICY)

    def hand_over(self, hold, to, now=MONDAY):
        return self._do(claims.hand_over, hold, to, now, POLICY)

    def release(self, hold, now=MONDAY):
        return self._do(claims.release, hold, now)

    def force(self, lead="eve", now=MONDAY):
        with self.house.database.writers.begin() as session:
            return claims.force_release(session, self.case_id, lead=lead, now=now)

    def holder(self, now=MONDAY):
        with self.house.database.readers.begin() as session:
            held = claims.standing_claim(session, self.case_id, now)
            return held.holder if held else None

    def decide(self, who, now=MONDAY, version=2):
        code, outcome = ReasonCode.SIGNALS_MISREAD, Outcome.FALSE_POSITIVE
        ruling = Ruling(Choice.RESTORE, outcome, code, "Looked at every job.", version)
        with self.house.database.writers.begin() as session:
            return decide(session, self.case_id, ruling, reviewer=who, now=now, policy=POLICY)

    def hold(self, who="ana", now=MONDAY):
        return Hold(self.case_id, who, self.claim(who, now).token)

    def endings(self):
        with self.house.database.readers.begin() as session:
            rows = session.scalars(select(Claim).order_by(Claim.id)).all()
            return [(row.holder, row.ending, row.ended_by, row.ended_at) for row in rows]

    def _do(self, verb, *args):
        with self.house.database.writers.begin() as session:
            return verb(session, *args)


@pytest.fixture
def desk(house, case_id):
    return Desk(house, case_id)


def test_a_claim_lasts_ten_minutes_and_then_the_case_is_free(desk):
    taken = desk.claim()
    assert (taken.holder, taken.since, taken.until) == ("ana", MONDAY, MONDAY + 10 * MINUTE)
    assert desk.holder(MONDAY + LEASE - MINUTE) == "ana"
    assert desk.holder(MONDAY + LEASE) is None


def test_who_claims_again_keeps_the_same_claim_for_longer(desk):
    first = desk.claim()
    again = desk.claim(now=MONDAY + 5 * MINUTE)
    assert (again.id, again.token, again.since) == (first.id, first.token, MONDAY)
    assert again.until == MONDAY + 15 * MINUTE


def test_a_second_reviewer_is_told_who_holds_the_case_and_until_when(desk):
    desk.claim()
    with pytest.raises(ClaimHeldError) as caught:
        desk.claim("bo", MONDAY + MINUTE)
    assert (caught.value.held_by, caught.value.until) == ("ana", MONDAY + LEASE)


def test_claiming_changes_nothing_about_the_case(desk, house):
    before = house.thread(desk.case_id)
    desk.claim()
    assert house.thread(desk.case_id) == before


def test_a_case_that_is_not_there_cannot_be_claimed(house):
    with pytest.raises(CaseNotFoundError):
        Desk(house, "none").claim()


def test_each_heartbeat_keeps_the_claim_for_another_ten_minutes(desk):
    hold = desk.hold()
    for minute in range(5, 60, 5):
        desk.heartbeat(hold, MONDAY + minute * MINUTE)
    assert desk.holder(MONDAY + 64 * MINUTE) == "ana"
    assert desk.holder(MONDAY + 65 * MINUTE) is None


def test_a_heartbeat_never_shortens_what_was_extended(desk):
    hold = desk.hold()
    assert desk.extend(hold).until == MONDAY + 30 * MINUTE
    assert desk.heartbeat(hold, MONDAY + MINUTE).until == MONDAY + 30 * MINUTE


def test_a_heartbeat_that_comes_too_late_is_told_that_the_claim_is_over(desk):
    hold = desk.hold()
    with pytest.raises(ClaimEndedError) as caught:
        desk.heartbeat(hold, MONDAY + LEASE)
    assert caught.value.held_by is None
    desk.claim("bo", MONDAY + LEASE)
    with pytest.raises(ClaimEndedError) as caught:
        desk.heartbeat(hold, MONDAY + LEASE + MINUTE)
    assert (caught.value.held_by, caught.value.until) == ("bo", MONDAY + 2 * LEASE)


def test_a_lapsed_claim_is_written_down_as_over_at_its_own_end(desk):
    desk.claim()
    desk.claim("bo", MONDAY + HOUR)
    first, second = desk.endings()
    assert first == ("ana", ClaimEnding.LAPSED, "time", MONDAY + LEASE)
    assert second == ("bo", None, None, None)


def test_a_released_case_is_free_at_once(desk):
    hold = desk.hold()
    desk.release(hold, MONDAY + MINUTE)
    assert desk.holder(MONDAY + MINUTE) is None
    assert desk.claim("bo", MONDAY + MINUTE).holder == "bo"
    with pytest.raises(ClaimEndedError, match="bo holds the case now"):
        desk.release(hold, MONDAY + 2 * MINUTE)


@pytest.mark.parametrize("verb", ["heartbeat", "extend", "release"])
def test_a_token_is_of_no_use_to_anybody_else(desk, verb):
    token = desk.claim().token
    for hold in (Hold(desk.case_id, "bo", token), Hold(desk.case_id, "ana", "made-up")):
        with pytest.raises(ClaimNotFoundError):
            getattr(desk, verb)(hold, MONDAY)
    assert desk.holder() == "ana"


@pytest.fixture
def person(database):
    def make(name, role=Role.REVIEWER):
        with database.writers.begin() as session:
            issue_token(session, name, role, MONDAY)

    return make


def test_a_case_is_handed_over_to_a_person_who_may_decide(desk, person):
    person("bo")
    theirs = desk.hand_over(desk.hold(), "bo")
    assert (theirs.holder, theirs.until) == ("bo", MONDAY + POLICY.claim_extended_for)
    assert desk.endings()[0][1:3] == (ClaimEnding.HANDED_OVER, "ana")
    with pytest.raises(ClaimHeldError):
        desk.decide("ana")
    assert desk.claim("bo", MONDAY + MINUTE).token == theirs.token
    assert desk.decide("bo", MONDAY + MINUTE).reviewer == "bo"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SERVICE, None])
def test_a_case_is_not_handed_to_whoever_may_not_decide(desk, person, role):
    if role is not None:
        person("bo", role)
    with pytest.raises(BadRequestError, match="may decide"):
        desk.hand_over(desk.hold(), "bo")
    assert desk.holder() == "ana"


def test_a_case_is_not_handed_to_whose_token_was_revoked_nor_to_oneself(desk, person, database):
    for name in ("ana", "bo"):
        person(name)
    with database.writers.begin() as session:
        revoke_tokens(session, "bo", MONDAY)
    for name in ("bo", "ana"):
        with pytest.raises(BadRequestError):
            desk.hand_over(desk.hold(), name)


def test_a_lead_takes_a_case_from_whoever_holds_it(desk):
    hold = desk.hold()
    desk.force(now=MONDAY + MINUTE)
    assert desk.endings() == [("ana", ClaimEnding.FORCED, "eve", MONDAY + MINUTE)]
    with pytest.raises(ClaimEndedError):
        desk.heartbeat(hold, MONDAY + MINUTE)
    with pytest.raises(ClaimNotFoundError):
        desk.force(now=MONDAY + MINUTE)


def test_who_decides_while_somebody_else_holds_the_case_is_refused(desk, house):
    desk.claim()
    with pytest.raises(ClaimHeldError):
        desk.decide("bo")
    assert house.count(Decision) == 0
    assert desk.decide("ana").reviewer == "ana"


def test_nobody_needs_a_claim_to_decide_a_free_case(desk):
    assert desk.decide("bo").reviewer == "bo"


def test_a_decision_after_an_expired_lease_is_not_lost(desk):
    desk.claim()
    assert desk.decide("ana", MONDAY + HOUR).reviewer == "ana"
    assert desk.endings()[0][1] is ClaimEnding.LAPSED


def test_an_expired_lease_that_somebody_else_took_over_is_refused(desk):
    desk.claim()
    desk.claim("bo", MONDAY + LEASE)
    with pytest.raises(ClaimHeldError):
        desk.decide("ana", MONDAY + LEASE + MINUTE)


def test_deciding_ends_the_claim(desk):
    desk.claim()
    desk.decide("ana", MONDAY + MINUTE)
    assert desk.endings() == [("ana", ClaimEnding.DECIDED, "ana", MONDAY + MINUTE)]


def test_a_stale_version_is_told_what_happened_meanwhile(desk, house):
    desk.claim()
    house.take(payload(offset=8), MONDAY + MINUTE)
    with pytest.raises(CaseChangedError) as caught:
        desk.decide("ana", MONDAY + 2 * MINUTE)
    first = caught.value.missed[0]
    assert (first.kind, first.actor) == (CaseEventKind.VERDICT_ADDED, "intake")
    assert len(caught.value.missed) == caught.value.current_version - 2


def test_of_many_who_claim_at_once_one_holds_the_case(desk):
    reviewers = [f"r{number}" for number in range(8)]
    results = at_once(*[lambda who=who: desk.claim(who) for who in reviewers], caught=ReviewError)
    (held,) = [result for result in results if isinstance(result, Claim)]
    refused = [result for result in results if isinstance(result, ClaimHeldError)]
    assert len(refused) == 7
    assert {refusal.held_by for refusal in refused} == {held.holder} == {desk.holder()}


def test_of_many_who_claim_and_decide_at_once_exactly_one_decides(desk, house):
    def work(who):
        desk.claim(who)
        return desk.decide(who)

    jobs = [lambda who=f"r{number}": work(who) for number in range(6)]
    jobs += [lambda who=f"s{number}": desk.decide(who) for number in range(4)]
    results = at_once(*jobs, caught=ReviewError)
    decided = [result for result in results if isinstance(result, Decision)]
    assert len(decided) == house.count(Decision) == 1
    refusals = [result for result in results if isinstance(result, ReviewError)]
    assert len(refusals) == 9
    assert {type(refusal) for refusal in refusals} <= {ClaimHeldError, CaseChangedError}


def test_of_the_same_decision_sent_twice_at_once_one_counts(desk, house):
    desk.claim()
    results = at_once(*[lambda: desk.decide("ana")] * 4, caught=ReviewError)
    assert sum(isinstance(result, Decision) for result in results) == house.count(Decision) == 1
    missed = [result.missed for result in results if isinstance(result, CaseChangedError)]
    assert len(missed) == 3
    assert all(each[0].kind is CaseEventKind.DECIDED for each in missed)
