from __future__ import annotations

import pytest
from sqlalchemy import select

from review_api.errors import NotAllowedError, NotAuthenticatedError
from review_api.records import ApiToken
from review_api.tokens import Caller, caller_of, issue_token, revoke_tokens
from review_api.vocabulary import (
    GOES_WITH,
    MOVES,
    OUTCOME_OF,
    PERMISSIONS,
    STATUS_AFTER,
    UNDECIDED,
    CaseStatus,
    Choice,
    Outcome,
    Permission,
    ReasonCode,
    Role,
)
from tests.verdicts import MONDAY


@pytest.fixture
def session(database):
    with database.writers.begin() as session:
        yield session


def test_a_token_says_who_holds_it(session):
    token = issue_token(session, "ana", Role.REVIEWER, MONDAY)
    assert caller_of(session, token, MONDAY) == Caller("ana", Role.REVIEWER)


def test_a_token_is_not_kept(session):
    token = issue_token(session, "ana", Role.REVIEWER, MONDAY, chance=lambda: "dice")
    row = session.scalars(select(ApiToken)).one()
    assert token.endswith("dice")
    assert token not in (row.sha256, row.name)
    assert len(row.sha256) == 64


def test_two_tokens_differ(session):
    assert len({issue_token(session, "ana", Role.VIEWER, MONDAY) for _ in range(20)}) == 20


@pytest.mark.parametrize("token", ["", "x", "fairuse_", "\x00", "ä", "\udcff"])
def test_a_token_we_never_made_is_nobody(session, token):
    issue_token(session, "ana", Role.ADMIN, MONDAY)
    with pytest.raises(NotAuthenticatedError):
        caller_of(session, token, MONDAY)


def test_a_revoked_token_is_nobody_and_others_live_on(session):
    old = [issue_token(session, "ana", Role.LEAD, MONDAY) for _ in range(2)]
    other = issue_token(session, "bo", Role.LEAD, MONDAY)
    assert revoke_tokens(session, "ana", MONDAY) == 2
    assert revoke_tokens(session, "ana", MONDAY) == 0
    for token in old:
        with pytest.raises(NotAuthenticatedError):
            caller_of(session, token, MONDAY)
    assert caller_of(session, other, MONDAY).name == "bo"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_do_what_its_row_says_and_nothing_else(role, permission):
    caller = Caller("x", role)
    if permission in PERMISSIONS[role]:
        caller.require(permission)
    else:
        with pytest.raises(NotAllowedError, match=permission):
            caller.require(permission)


def test_only_people_who_review_decide():
    may = {role for role in Role if Permission.DECIDE in PERMISSIONS[role]}
    assert may == {Role.REVIEWER, Role.LEAD, Role.ADMIN}


def test_the_platform_never_sees_a_case():
    assert Permission.READ_CASES not in PERMISSIONS[Role.SERVICE]


def test_every_word_stands_in_its_table():
    assert set(OUTCOME_OF) == set(ReasonCode)
    assert set(PERMISSIONS) == set(Role)
    assert set(OUTCOME_OF.values()) == set(Outcome)
    assert {choice for choice, _ in GOES_WITH} == set(STATUS_AFTER) == set(Choice)


def test_whatever_waits_for_a_reviewer_may_be_decided_in_every_way():
    assert {(status, choice) for status in UNDECIDED for choice in Choice} <= MOVES


def test_nobody_who_was_given_access_back_can_be_upheld_again():
    given_back = {CaseStatus.RESTORED, CaseStatus.CONVERTED}
    assert not {status for status, _ in MOVES} & given_back


def test_a_restored_case_stays_restored():
    assert not any(before is CaseStatus.RESTORED for before, _ in MOVES)
