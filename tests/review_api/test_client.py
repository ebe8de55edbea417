"""The typed client and the real server, over a real socket."""

from __future__ import annotations

from contextlib import closing

import httpcore2
import pytest

from access.calling import TimelyCaller
from review_api.app import create_app
from review_api.client import ReviewClient
from review_api.client_errors import CallRefusedError, ConflictError, ServerUnreachableError
from review_api.models import Decision
from review_api.tokens import issue_token
from review_api.vocabulary import ReasonCode, Role
from streams.clock import ManualClock
from tests.chromium import served
from tests.servers import closed_port
from tests.verdicts import MONDAY, payload


@pytest.fixture
def speak(database):
    """Give a client that speaks as a person; two shared cores answer late."""
    with served(create_app(database.engine, ManualClock(MONDAY))) as url:
        made = []

        def speak_as(name, role=Role.REVIEWER):
            with database.writers.begin() as session:
                token = issue_token(session, name, role, MONDAY)
            made.append(ReviewClient(url, token, seconds=20))
            return made[-1]

        yield speak_as
        for each in made:
            each.close()


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


def test_a_case_is_found_read_claimed_and_decided(speak, case_id, house):
    ana = speak("ana")
    (queued,) = ana.cases()
    case = ana.case(queued.case_id)
    assert (case.case_id, case.version, case.pause.in_force) == (case_id, 2, True)
    assert case.evidence[0].reasons[0].code == "fixed_interval"
    claim = ana.claim(case_id)
    assert (claim.holder, ana.heartbeat(claim).token) == ("ana", claim.token)
    assert ana.extend(claim).until > claim.until
    decision = ana.decide(case, ReasonCode.SHARED_NETWORK, "A family of four.")
    assert (decision.choice, decision.outcome, decision.reviewer) == (
        "restore",
        "false_positive",
        "ana",
    )
    assert not house.access().paused
    assert ana.case(case_id).decisions[-1].rationale == "A family of four."


def test_a_conflict_says_who_holds_the_case_or_what_was_missed(speak, case_id):
    ana, bo = speak("ana"), speak("bo")
    case, claim = ana.case(case_id), bo.claim(case_id)
    with pytest.raises(ConflictError) as caught:
        ana.decide(case, ReasonCode.SHARED_NETWORK, "A family of four.")
    assert (caught.value.problem.held_by, caught.value.problem.until) == ("bo", claim.until)
    bo.release(claim)
    assert bo.note(case, "They wrote to us.").kind == "noted"
    with pytest.raises(ConflictError) as caught:
        ana.escalate(case, "I cannot tell.")
    assert [(each.kind, each.actor) for each in caught.value.problem.missed] == [("noted", "bo")]


def test_a_case_goes_to_another_person_and_a_question_to_the_customer(speak, case_id):
    ana, bo = speak("ana"), speak("bo")
    assert ana.hand_over(ana.claim(case_id), "bo").holder == "bo"
    assert bo.ask_customer(bo.case(case_id), "Do you share it with your family?").kind == "asked"


def test_a_customer_contests_a_pause_through_the_platform(speak, case_id):
    appeal = speak("platform", Role.SERVICE).appeal("acc_1", case_id, "I did it all by hand.")
    assert (appeal.case_id, appeal.result) == (case_id, None)


def test_a_change_that_breaks_on_the_way_is_sent_again_and_done_once(
    speak, case_id, house, monkeypatch
):
    ana = speak("ana")
    case = ana.case(case_id)
    send, cut = TimelyCaller._send, []

    def cutting(self, *args):
        answer = send(self, *args)
        if not cut:
            cut.append(answer)
            raise _broken()
        return answer

    monkeypatch.setattr(TimelyCaller, "_send", cutting)
    decision = ana.decide(case, ReasonCode.SHARED_NETWORK, "A family of four.")
    assert (decision.reviewer, cut[0].status, house.count(Decision)) == ("ana", 201, 1)


def _broken():
    return httpcore2.ReadError("cut off")


def test_what_the_server_refuses_is_an_error_with_its_words(speak, case_id):
    with pytest.raises(CallRefusedError, match="403: the role viewer") as caught:
        speak("vera", Role.VIEWER).claim(case_id)
    assert caught.value.status == 403
    with pytest.raises(CallRefusedError, match="404: there is no case none"):
        speak("ana").case("none")


def test_a_server_that_is_away_is_an_error_of_its_own():
    client = ReviewClient(closed_port(), "t", seconds=2)
    with closing(client), pytest.raises(ServerUnreachableError):
        client.case("any")
