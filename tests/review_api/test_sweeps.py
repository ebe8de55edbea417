"""Restoring many for one root cause, and exempting a known mistake."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access.vocabulary import Refusal
from detectors.verdict import Kind, decode
from review_api.errors import BadRequestError, CaseNotFoundError, MoveRefusedError
from review_api.intake import Intake
from review_api.models import Decision
from review_api.policy import BreakerPolicy
from review_api.steps import Step, reopen
from review_api.sweeps.carrying_out import sweep_some
from review_api.sweeps.exemptions import end_exemption, exemptions
from review_api.sweeps.overview import progress_of, read_sweep
from review_api.sweeps.signature import signature_of
from review_api.sweeps.sweeping import SAMPLE, Proposal, let_go, propose, reach
from review_api.sweeps.vocabulary import Stage, SweepResult
from review_api.vocabulary import CaseStatus, ReasonCode
from streams.clock import ManualClock
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload

MANY = 12
WIDE = BreakerPolicy(100, 100, 100)


@pytest.fixture
def paused(house):
    """Pause twelve accounts for one thing, and one for another; gives the twelve cases."""
    house.policy = replace(POLICY, breaker=WIDE)
    house.take(payload("other", kind=Kind.RESELLING))
    return [house.take(payload(f"acc_{n}")).case_id for n in range(MANY)]


@pytest.fixture
def ask(house):
    """Propose a sweep of everybody paused like a case."""

    def propose_it(case_id, **more):
        more = {"reason_code": ReasonCode.SHARED_NETWORK} | more
        words = "One carrier moved its gateway."
        proposal = Proposal(rationale=words, actor="lea", from_case_id=case_id, **more)
        with house.database.writers.begin() as session:
            return propose(session, proposal, MONDAY + HOUR).id

    return propose_it


def go(house, sweep_id, stage, now=MONDAY + HOUR):
    with house.database.writers.begin() as session:
        let_go(session, sweep_id, stage, actor="lea", now=now)
    while sweep_some(house.database.writers, ManualClock(now), house.policy, limit=5):
        pass


def progress(house, sweep_id):
    with house.database.readers.begin() as session:
        return progress_of(session, read_sweep(session, sweep_id))


def standing(house, now=MONDAY + HOUR):
    return sum(house.access(now, f"acc_{n}").paused for n in range(MANY))


def test_a_proposal_finds_everybody_paused_alike_and_restores_nobody(house, paused, ask):
    sweep_id = ask(paused[0])
    with house.database.readers.begin() as session:
        sweep = read_sweep(session, sweep_id)
        assert {member.case_id for member in sweep.members} == set(paused)
        assert sum(member.sample for member in sweep.members) == SAMPLE
    assert sweep_some(house.database.writers, ManualClock(MONDAY + DAY), house.policy) == 0
    assert standing(house) == MANY


def test_a_sweep_goes_on_a_stage_at_a_time(house, paused, ask):
    sweep_id = ask(paused[0])
    with pytest.raises(MoveRefusedError, match="half before"):
        go(house, sweep_id, Stage.ALL)
    for stage, left in ((Stage.TENTH, 10), (Stage.HALF, 6), (Stage.ALL, 0)):
        go(house, sweep_id, stage)
        assert standing(house) == left
    assert progress(house, sweep_id).going == {SweepResult.RESTORED: MANY}
    assert house.access(MONDAY + HOUR, "other").paused


def test_every_case_of_a_sweep_is_decided_like_any_other(house, paused, ask):
    go(house, ask(paused[0]), Stage.TENTH)
    with house.database.readers.begin() as session:
        decision = session.query(Decision).first()
    assert (decision.reviewer, decision.reason_code) == ("lea", ReasonCode.SHARED_NETWORK)
    assert "One carrier moved its gateway. (sweep " in decision.rationale


def test_a_stage_waits_for_the_one_before(house, paused, ask):
    sweep_id = ask(paused[0])
    with house.database.writers.begin() as session:
        let_go(session, sweep_id, Stage.TENTH, actor="lea", now=MONDAY + HOUR)
    with pytest.raises(MoveRefusedError, match="still at work"):
        go(house, sweep_id, Stage.HALF)


def test_a_case_that_changed_since_the_preview_is_skipped(house, paused, ask):
    sweep_id = ask(paused[0])
    house.take(payload("acc_3", offset=99), MONDAY + HOUR)
    for stage in (Stage.TENTH, Stage.HALF, Stage.ALL):
        go(house, sweep_id, stage)
    assert progress(house, sweep_id).going == {
        SweepResult.RESTORED: MANY - 1,
        SweepResult.SKIPPED: 1,
    }
    assert house.access(MONDAY + HOUR, "acc_3").paused


def test_taken_back_within_the_grace_a_sweep_leaves_no_trace_in_access(house, paused, ask):
    house.policy = replace(house.policy, grace=timedelta(seconds=20))
    sweep_id = ask(paused[0], exempt_days=3)
    for stage in (Stage.TENTH, Stage.HALF, Stage.ALL, Stage.BACK):
        go(house, sweep_id, stage)
    house.settle(MONDAY + 2 * HOUR)
    assert standing(house) == MANY
    assert progress(house, sweep_id).back == {SweepResult.UNDONE: MANY}
    with house.database.readers.begin() as session:
        assert all(each.end is not None for each in exemptions(session))


def test_taken_back_later_a_sweep_opens_the_cases_and_takes_no_access_away(house, paused, ask):
    sweep_id = ask(paused[0])
    go(house, sweep_id, Stage.TENTH)
    restored = MANY - standing(house)
    go(house, sweep_id, Stage.BACK, MONDAY + 2 * HOUR)
    assert progress(house, sweep_id).back == {SweepResult.REOPENED: restored}
    assert standing(house) == MANY - restored
    assert all(house.view(case_id).status is CaseStatus.OPEN for case_id in paused)


def test_taking_back_leaves_what_another_person_decided_since(house, paused, ask):
    sweep_id = ask(paused[0])
    go(house, sweep_id, Stage.TENTH)
    with house.database.readers.begin() as session:
        first = session.query(Decision).first().case_id
    with house.database.writers.begin() as session:
        version = house.view(first).version
        reopen(session, Step(first, version, "Not so fast.", "ben"), MONDAY + HOUR)
    house.decide(first, now=MONDAY + HOUR, reviewer="ben")
    go(house, sweep_id, Stage.BACK, MONDAY + 2 * HOUR)
    assert house.view(first).status is CaseStatus.RESTORED


def test_a_stage_is_let_go_once_and_never_after_it_was_taken_back(house, paused, ask):
    sweep_id = ask(paused[0])
    go(house, sweep_id, Stage.TENTH)
    with pytest.raises(MoveRefusedError, match="already"):
        go(house, sweep_id, Stage.TENTH)
    go(house, sweep_id, Stage.BACK)
    with pytest.raises(MoveRefusedError, match="taken back"):
        go(house, sweep_id, Stage.HALF)


WRONG = [
    ({"reason_code": ReasonCode.AUTOMATION_CONFIRMED}, "only restores"),
    ({"reason_code": ReasonCode.OFFER_SEATS}, "only restores"),
    ({"exempt_days": 31}, "from 1 to 30 days"),
    ({"case_ids": ("x",)}, "name one case"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_proposal_that_contradicts_itself_is_refused(paused, ask, change, said):
    with pytest.raises(BadRequestError, match=said):
        ask(paused[0], **change)


def test_a_case_that_paused_nobody_has_no_like(house, ask):
    reviewed = house.take(payload("quiet", action="review")).case_id
    with pytest.raises(MoveRefusedError, match="paused nobody"):
        ask(reviewed)
    with pytest.raises(CaseNotFoundError):
        ask("none")


def test_an_exemption_withholds_what_looks_like_the_mistake_and_nothing_else(house, paused, ask):
    ask(paused[0], exempt_days=2)
    alike = house.take(payload("next"), MONDAY + DAY)
    assert (alike.intake, alike.refusal) == (Intake.REVIEW, Refusal.EXEMPTED)
    assert alike.case_id is not None
    unlike = house.take(payload("another", kind=Kind.RESELLING), MONDAY + DAY)
    assert unlike.intake is Intake.PAUSED
    after = house.take(payload("later"), MONDAY + 3 * DAY)
    assert after.intake is Intake.PAUSED


def test_an_exemption_that_was_ended_withholds_nothing(house, paused, ask):
    ask(paused[0], exempt_days=2)
    with house.database.writers.begin() as session:
        (exemption,) = exemptions(session)
        end_exemption(session, exemption.id, actor="lea", now=MONDAY + 2 * HOUR)
    assert house.take(payload("next"), MONDAY + DAY).intake is Intake.PAUSED


def test_a_signature_names_nobody():
    word = signature_of(decode(payload("acc_secret"))).word
    assert word == "automation/fixed_interval/fixed_interval" or "acc_secret" not in word


def test_stages_never_shrink_and_end_with_everybody():
    for members in (0, 1, 2, 9, 10, 11, 1000):
        reached = [reach(members, stage) for stage in (Stage.TENTH, Stage.HALF, Stage.ALL)]
        assert reached == sorted(reached)
        assert reached[-1] == members
