from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from review_api.app import create_app
from review_api.case_reads import CaseAnswer, CaseAsk, CaseReads
from review_api.cases import view_case
from review_api.errors import (
    CaseNotFoundError,
    NotAllowedError,
    NotAuthenticatedError,
    TooOftenError,
)
from review_api.pace import Pace, Rate
from review_api.records import AuditEntry
from review_api.schemas import CaseOut
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.house import POLICY
from tests.verdicts import MONDAY, payload

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def token_of(database):
    def make(name, role=Role.REVIEWER):
        with database.writers.begin() as session:
            return issue_token(session, name, role, MONDAY)

    return make


@pytest.fixture
def case_ids(house):
    return [house.take(payload(f"acc_{each}", offset=each)).case_id for each in range(3)]


def test_who_asks_too_often_is_told_to_wait_and_reads_nothing_more(
    database, case_ids, token_of, clock
):
    asks = [CaseAsk(case_ids[0], token_of("ana"))] * 3
    answers = CaseReads(database.writers, clock, Pace(Rate(2, MINUTE)))(asks)
    assert [type(answer) for answer in answers] == [CaseAnswer, CaseAnswer, TooOftenError]
    assert len(reads_noted(database)) == 2


def reads_noted(database):
    with database.readers.begin() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.action, row.case_id) for row in rows]


def test_many_reads_are_answered_in_order_and_each_is_in_the_audit_log(
    database, house, case_ids, token_of, clock
):
    house.decide(case_ids[0])
    ana, bo = token_of("ana"), token_of("bo", Role.VIEWER)
    asks = [CaseAsk(case_ids[place], who) for place, who in ((2, ana), (0, bo), (2, bo))]
    answers = CaseReads(database.writers, clock, Pace(Rate(0, MINUTE)))(asks)
    with database.readers.begin() as session:
        for ask, answer in zip(asks, answers, strict=True):
            view = view_case(session, ask.case_id, MONDAY)
            assert answer.content == CaseOut.of(view).model_dump_json().encode()
    assert reads_noted(database) == [
        ("ana", "case_read", case_ids[2]),
        ("bo", "case_read", case_ids[0]),
        ("bo", "case_read", case_ids[2]),
    ]


def test_one_wrong_ask_is_wrong_alone_and_leaves_no_line(database, case_ids, token_of, clock):
    gone = token_of("gone")
    with database.writers.begin() as session:
        revoke_tokens(session, "gone", MONDAY)
    tokens = [gone, token_of("platform", Role.SERVICE), "made-up", token_of("ana"), token_of("bo")]
    names = [case_ids[0]] * 3 + ["none", case_ids[0]]
    asks = [CaseAsk(*pair) for pair in zip(names, tokens, strict=True)]
    answers = CaseReads(database.writers, clock, Pace(Rate(0, MINUTE)))(asks)
    kinds = [NotAuthenticatedError, NotAllowedError, NotAuthenticatedError, CaseNotFoundError]
    assert [type(answer) for answer in answers[:4]] == kinds
    assert reads_noted(database) == [("bo", "case_read", case_ids[0])]


@pytest.fixture
def reader(database, clock, token_of):
    app = create_app(database.engine, clock)
    return TestClient(app, headers={"Authorization": f"Bearer {token_of('ana')}"})


def test_who_has_the_version_already_is_told_so_and_the_read_is_noted(database, reader, case_ids):
    url = f"/v1/cases/{case_ids[0]}"
    etag = reader.get(url).headers["etag"]
    for condition in (etag, f'"1", W/{etag}', "*"):
        answer = reader.get(url, headers={"If-None-Match": condition})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert reader.get(url, headers={"If-None-Match": '"1"'}).status_code == 200
    assert len(reads_noted(database)) == 5


def test_a_case_changes_its_tag_when_its_pause_ends_by_time_alone(reader, case_ids, clock):
    url = f"/v1/cases/{case_ids[0]}"
    etag = reader.get(url).headers["etag"]
    clock.advance(POLICY.pause_for / timedelta(seconds=1))
    answer = reader.get(url, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.json()["pause"]["lapsed"]) == (200, True)
    assert answer.headers["etag"] == '"2-over"'


def test_a_token_that_was_revoked_reads_nothing_more(database, reader, case_ids):
    url = f"/v1/cases/{case_ids[0]}"
    assert reader.get(url).status_code == 200
    with database.writers.begin() as session:
        revoke_tokens(session, "ana", MONDAY)
    assert reader.get(url).status_code == 401
