from __future__ import annotations

import logging
import re

import pytest
from sqlalchemy import event, select

from detectors.verdict import Kind
from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction, Choice, Outcome, ReasonCode, Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.house import ruled_out
from tests.verdicts import MONDAY, payload

RESTORE = {
    "choice": "restore",
    "reason_code": "shared_network",
    "rationale": "A family of four\r\nbehind one address.",
    "version": 2,
}
UPHOLD = RESTORE | {
    "choice": "uphold",
    "reason_code": "automation_confirmed",
    **{f"check-{code}": answer for code, answer in ruled_out(Kind.AUTOMATION).items()},
}


def send(client, case_id, form):
    word = form_word(client.get(f"/console/cases/{case_id}"))
    return client.post(f"/console/cases/{case_id}", data=form | {"form_word": word})


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD, Role.ADMIN])
def test_a_restore_gives_access_back_and_says_what_happened(visit, case_id, house, role):
    client = visit(role, "ana")
    answer = send(client, case_id, RESTORE)
    assert answer.status_code == 303
    assert not house.access().paused
    text = shown(client.get(answer.headers["location"]))
    assert "Restored. acc_1 may use its monthly quota and its credits now" in text
    assert "until 24 Dec 2026, 09:00 UTC no machine may pause it again" in text
    assert "The queue is empty." in text
    (decision,) = house.view(case_id).decisions
    assert (decision.outcome, decision.reason_code, decision.reviewer, decision.rationale) == (
        Outcome.FALSE_POSITIVE,
        ReasonCode.SHARED_NETWORK,
        "ana",
        "A family of four\nbehind one address.",
    )
    assert "Decided: restore, false positive." in text
    assert "Decided after less than a minute" in text
    assert "Rule out before upholding" not in text


def test_an_uphold_keeps_the_pause_and_says_until_when(reviewer, case_id, house):
    answer = send(reviewer, case_id, UPHOLD)
    text = shown(reviewer.get(answer.headers["location"]))
    assert "Upheld. The monthly quota of acc_1 stays paused until 23 Dec 2026, 09:00 UTC" in text
    assert "Credits keep working." in text
    assert house.access().paused


def test_after_deciding_the_next_case_is_one_key_away(reviewer, case_id, house):
    following = house.take(payload("acc_2")).case_id
    answer = send(reviewer, case_id, RESTORE)
    page = reviewer.get(answer.headers["location"])
    assert f'href="/console/cases/{following}" aria-keyshortcuts="n"' in page.text


def test_restoring_one_case_does_not_claim_to_lift_another_cases_pause(reviewer, case_id, house):
    other = house.take(payload(kind="reselling", offset=9)).case_id
    answer = send(reviewer, other, RESTORE | {"version": 2})
    text = shown(reviewer.get(answer.headers["location"]))
    assert "stays paused by another case until" in text
    assert house.access().paused


FAULTS = [
    ({"choice": ""}, "Choose whether to restore, to uphold or to convert."),
    ({"choice": "ban"}, "Choose whether to restore, to uphold or to convert."),
    ({"reason_code": ""}, "Choose the reason."),
    ({"reason_code": "because"}, "Choose the reason."),
    ({"reason_code": "automation_confirmed"}, "Choose a reason that goes with “restore”."),
    ({"rationale": " \r\n "}, "Say why, in words."),
    ({"rationale": "x" * 4001}, "Say it in at most 4000 characters; these are 4001."),
    ({"rationale": "a\x00b"}, "Leave out control characters."),
]


def test_a_form_with_a_fault_comes_back_with_its_fault_and_decides_nothing(
    reviewer, case_id, house
):
    for change, words in FAULTS:
        answer = send(reviewer, case_id, RESTORE | change)
        assert answer.status_code == 422
        assert words in shown(answer)
    assert house.access().paused


def test_a_form_with_a_fault_comes_back_filled_in(reviewer, case_id):
    page = send(reviewer, case_id, RESTORE | {"reason_code": ""}).text
    assert re.search(r'value="restore" required[^>]* checked', page)
    assert "behind one address.</textarea>" in page
    page = send(reviewer, case_id, RESTORE | {"rationale": ""}).text
    assert re.search(r'value="shared_network"[^>]* checked', page)


def test_a_version_that_is_none_decides_nothing(reviewer, case_id, house):
    for version in ("0", "two", "", str(2**31)):
        assert send(reviewer, case_id, RESTORE | {"version": version}).status_code == 422
    assert house.access().paused


def test_a_conflict_shows_what_changed_and_keeps_what_was_typed(reviewer, case_id, house):
    house.take(payload(offset=8))
    answer = send(reviewer, case_id, RESTORE)
    assert answer.status_code == 409
    text = shown(answer)
    assert "Nothing was decided: the case has changed since you read it." in text
    assert "intake: Another verdict asked for a pause." in text
    assert "behind one address.</textarea>" in answer.text
    assert 'name="version" value="4"' in answer.text
    assert house.access().paused
    assert send(reviewer, case_id, RESTORE | {"version": 4}).status_code == 303


def test_a_case_that_someone_else_decided_shows_their_decision(reviewer, case_id, house):
    house.decide(case_id, Choice.RESTORE)
    for version in (2, 3):
        answer = send(reviewer, case_id, UPHOLD | {"version": version})
        assert answer.status_code == 409
        assert "Nothing was decided" in answer.text
        assert 'name="choice"' not in answer.text
    assert "ana: Decided: restore" in shown(send(reviewer, case_id, UPHOLD))
    assert len(house.view(case_id).decisions) == 1


def test_a_viewer_who_sends_the_form_changes_nothing(visit, case_id, house):
    answer = send(visit(Role.VIEWER), case_id, RESTORE)
    assert answer.status_code == 403
    assert house.access().paused


def test_a_decision_on_no_case_is_not_found(reviewer, case_id):
    word = form_word(reviewer.get(f"/console/cases/{case_id}"))
    answer = reviewer.post("/console/cases/none", data=RESTORE | {"form_word": word})
    assert answer.status_code == 404


def test_a_commit_that_fails_is_an_error_and_not_a_confirmation(
    reviewer, case_id, database, house, caplog
):
    word = form_word(reviewer.get(f"/console/cases/{case_id}"))

    @event.listens_for(database.engine, "commit")
    def fail(connection):
        if not connection.get_execution_options().get("postgresql_readonly"):
            raise RuntimeError("the disk is full")

    with caplog.at_level(logging.CRITICAL):
        answer = reviewer.post(f"/console/cases/{case_id}", data=RESTORE | {"form_word": word})
    event.remove(database.engine, "commit", fail)
    assert answer.status_code == 500
    assert "disk" not in answer.text
    assert house.access().paused


def test_a_decision_is_in_the_audit_log_and_a_refused_one_is_not(reviewer, case_id, database):
    send(reviewer, case_id, RESTORE | {"version": 1})
    send(reviewer, case_id, RESTORE)
    with database.readers.begin() as session:
        found = select(AuditEntry).where(AuditEntry.action == AuditAction.CASE_DECIDED)
        (entry,) = session.scalars(found).all()
    assert (entry.actor, entry.case_id, entry.at, entry.detail) == (
        "reviewer",
        case_id,
        MONDAY,
        "restore false_positive shared_network",
    )


def test_a_rationale_cannot_become_markup(reviewer, case_id):
    evil = "</textarea><script>alert(1)</script>"
    conflict = send(reviewer, case_id, RESTORE | {"rationale": evil, "version": 1})
    send(reviewer, case_id, RESTORE | {"rationale": evil})
    for page in (conflict, reviewer.get(f"/console/cases/{case_id}")):
        assert "<script>alert" not in page.text
        assert "&lt;/textarea&gt;&lt;script&gt;alert" in page.text
