from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from access.auditing import audit_books
from access.leases import lease_of, lease_state
from access.vocabulary import Wish
from review_api.audit import write_audit
from review_api.chain_check import check_chain
from review_api.erasure import ERASED, blanked, erase_account
from review_api.erasure_records import Erasure
from review_api.errors import ErasureRefusedError
from review_api.models import CaseEvent, Decision, Evidence
from review_api.notices.contacts import keep_contact
from review_api.notices.records import Contact
from review_api.quality.looks import golden_mark, mark_golden
from review_api.records import AuditEntry
from review_api.sealing import seal
from review_api.steps import Step, note
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Choice, Outcome, Role
from tests.access.platform import Platform
from tests.verdicts import HOUR, MONDAY, payload

ANA = Caller("ana", Role.ADMIN)
SECRET = b"a secret of the tests"


@pytest.fixture
def case_id(house, database):
    """Give a case with a note and a decision, of an account with books and an address."""
    case_id = house.take(payload()).case_id
    with database.writers.begin() as session:
        step = Step(case_id, 2, "He wrote from ana@example.com about his wedding.", "bo")
        note(session, step, MONDAY)
        keep_contact(session, SECRET, "acc_1", "ana@example.com", MONDAY)
        write_audit(session, ANA, AuditAction.CASE_READ, MONDAY, case_id=case_id)
        seal(session)
    return case_id


@pytest.fixture
def decided(house, case_id):
    house.decide(case_id, Choice.RESTORE)
    return case_id


@pytest.fixture
def erase(database):
    def run(account="acc_1", now=MONDAY + HOUR):
        with database.writers.begin() as session:
            return erase_account(session, account, "ana", now)

    return run


def test_what_described_the_person_is_gone_and_what_was_decided_stays(
    house, database, decided, erase
):
    before = house.view(decided)
    erased = erase()
    assert erased.first_at is None
    assert (erased.rows["contacts"], erased.rows["thread"], erased.rows["evidence"]) == (1, 1, 1)
    after = house.view(decided)
    assert (after.status, after.version) == (before.status, before.version)
    assert [each.at for each in after.events] == [each.at for each in before.events]
    assert [each.kind for each in after.events] == [each.kind for each in before.events]
    (decision,) = after.decisions
    assert (decision.choice, decision.reviewer) == (Choice.RESTORE, "ana")
    assert decision.rationale == ERASED
    with database.readers.begin() as session:
        kept = json.dumps(
            [
                list(session.scalars(select(CaseEvent.detail))),
                list(session.scalars(select(Evidence.payload))),
                list(session.scalars(select(Decision.rationale))),
                [each.account_id for each in session.scalars(select(Contact))],
            ]
        )
    assert "wedding" not in kept
    assert "example.com" not in kept
    assert 'gap_cv\\": 0' not in kept


def test_a_verdict_keeps_what_it_found_and_nothing_it_observed():
    kept = json.loads(blanked(payload().decode()))
    assert kept["features"] == {}
    assert kept["country"] == kept["stratum"] == ""
    assert {reason["sentence"] for reason in kept["reasons"]} == {ERASED}
    assert kept["reasons"][0]["code"] == json.loads(payload())["reasons"][0]["code"]
    assert blanked(json.dumps(kept)) == blanked(payload().decode())


def test_the_chain_of_the_audit_log_is_still_whole(database, decided, erase):
    with database.writers.begin() as session:
        seal(session)
    erase()
    report = check_chain(database.readers)
    assert report.whole
    assert report.head.n > 0


def test_the_books_still_add_up(database, erase):
    platform = Platform(database)
    platform.settle(platform.ask("j1", wish=Wish.CREDITS))
    with database.readers.begin() as session:
        before = session.execute(text("SELECT * FROM credit_entries")).all()
        (account,) = set(session.scalars(text("SELECT account_id FROM credit_grants")))
    erase(account)
    with database.readers.begin() as session:
        assert session.execute(text("SELECT * FROM credit_entries")).all() == before
        assert list(audit_books(session)) == []


def test_what_an_account_may_use_is_the_same_after_it(house, database, case_id, erase):
    house.decide(case_id, Choice.UPHOLD)
    with database.readers.begin() as session:
        until = lease_state(lease_of(session, case_id).events).until
    erase()
    assert house.access().pause.until == until


def test_a_second_request_says_that_it_was_done(database, decided, erase):
    first = erase()
    again = erase(now=MONDAY + 2 * HOUR)
    assert again.first_at == first.at
    assert sum(again.rows.values()) == 0
    with database.readers.begin() as session:
        rows = session.scalars(select(Erasure).order_by(Erasure.id)).all()
    assert [each.finished_at for each in rows] == [first.at, again.at]


def test_an_account_never_heard_of_has_nothing_to_erase(erase):
    assert sum(erase("nobody").rows.values()) == 0


def test_nothing_is_erased_while_a_case_waits_for_a_person(database, house, case_id, erase):
    with pytest.raises(ErasureRefusedError, match="waits for a person"):
        erase()
    with database.readers.begin() as session:
        assert session.get(Contact, "acc_1") is not None
    assert house.view(case_id).evidence[0].verdict.features


def test_another_account_keeps_everything(house, database, decided, erase):
    other = house.take(payload("acc_2")).case_id
    erase()
    assert house.view(other).evidence[0].verdict.features


STATEMENTS = [
    "UPDATE case_events SET detail = '{}'",
    "UPDATE evidence SET payload = ''",
    "UPDATE decisions SET rationale = ''",
    "DELETE FROM case_events",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_words_change_outside_an_erasure(database, decided, erase, statement):
    erase()
    with pytest.raises(DBAPIError, match="cannot be changed"), database.writers.begin() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET reviewer = 'bo'",
        "UPDATE decisions SET rationale = '', reviewer = 'bo'",
        "UPDATE case_events SET at = '2026-01-01'",
        "UPDATE evidence SET abuse = 0",
        "DELETE FROM decisions",
        "UPDATE audit_entries SET actor = 'bo'",
        "UPDATE evidence SET payload = '' WHERE payload LIKE '%acc_2%'",
    ],
)
def test_an_erasure_changes_words_of_its_account_and_nothing_else(
    database, house, decided, statement
):
    house.take(payload("acc_2"))
    with database.writers() as session:
        session.add(Erasure(account_id="acc_1", asked_by="x", begun_at=MONDAY, erased={}))
        session.flush()
        with pytest.raises(DBAPIError, match="cannot be changed"):
            session.execute(text(statement))


def test_the_log_itself_is_not_erased(database, decided, erase):
    with database.readers.begin() as session:
        before = session.scalars(select(AuditEntry.id)).all()
    erase()
    with database.readers.begin() as session:
        assert session.scalars(select(AuditEntry.id)).all() == before


def test_what_was_written_of_a_golden_case_is_gone_too(database, decided, erase):
    with database.writers.begin() as session:
        why = "He sent the receipt of his wedding."
        mark_golden(session, decided, Outcome.BENIGN, why, actor="lea", now=MONDAY)
    assert erase().rows["golden_marks"] == 1
    with database.readers.begin() as session:
        mark = golden_mark(session, decided)
        assert (mark.why, mark.outcome) == (ERASED, Outcome.BENIGN)
