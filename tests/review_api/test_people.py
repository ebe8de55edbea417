from __future__ import annotations

from datetime import timedelta

import pytest

from review_api.errors import BadRequestError, NotAllowedError, NotAuthenticatedError
from review_api.identity import Identity, RoleRules
from review_api.people import add_person, disable_person, people, person_calling, tidy, welcome
from review_api.tokens import (
    Caller,
    caller_of,
    holder_calling,
    issue_token,
    recognise,
    tokens,
)
from review_api.vocabulary import Role
from tests.verdicts import DAY, MONDAY

ANA = Identity("https://id.example u-1", "Ana@Example.com", {"groups": ["desk", "heads", 7]})
TABLE = RoleRules()
GROUPS = RoleRules("groups", {"desk": Role.REVIEWER, "heads": Role.LEAD})


@pytest.fixture
def session(database):
    with database.writers.begin() as session:
        yield session


def test_nobody_is_welcome_without_a_role(session):
    with pytest.raises(NotAllowedError, match="no role here"):
        welcome(session, ANA, TABLE, MONDAY)
    assert people(session) == []


def test_the_table_gives_the_role_and_the_first_account_keeps_the_name(session):
    add_person(session, "ana@example.com", Role.VIEWER, MONDAY)
    person = welcome(session, ANA, TABLE, MONDAY)
    assert (person.name, person.role, person.subject) == (
        "ana@example.com",
        Role.VIEWER,
        "https://id.example u-1",
    )
    assert person_calling(session, person.name) == Caller("ana@example.com", Role.VIEWER)
    other = Identity("https://id.example u-2", ANA.name, {})
    with pytest.raises(NotAllowedError, match="another company account"):
        welcome(session, other, TABLE, MONDAY)


def test_the_highest_of_the_roles_that_a_claim_tells_counts(session):
    assert welcome(session, ANA, GROUPS, MONDAY).role is Role.LEAD
    down = Identity(ANA.subject, ANA.name, {"groups": "desk"})
    assert welcome(session, down, GROUPS, MONDAY).role is Role.REVIEWER
    assert [each.name for each in people(session)] == ["ana@example.com"]


@pytest.mark.parametrize(
    "claims", [{}, {"groups": None}, {"groups": {"desk": 1}}, {"groups": [[]]}]
)
def test_a_claim_that_tells_nothing_gives_no_role(claims):
    assert GROUPS.role_of(Identity("s", "n", claims)) is None


def test_a_disabled_person_is_out_with_their_tokens_until_added_again(session):
    add_person(session, "bo", Role.LEAD, MONDAY)
    token = issue_token(session, "bo", Role.LEAD, MONDAY)
    disable_person(session, "bo", MONDAY)
    for call in (
        lambda: person_calling(session, "bo"),
        lambda: caller_of(session, token, MONDAY),
    ):
        with pytest.raises(NotAuthenticatedError):
            call()
    with pytest.raises(NotAllowedError, match="any more"):
        welcome(session, Identity("s", "bo", {"groups": "heads"}), GROUPS, MONDAY)
    add_person(session, "bo", Role.VIEWER, MONDAY)
    assert person_calling(session, "bo").role is Role.VIEWER


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 129])
def test_a_name_that_is_none_is_refused(session, name):
    with pytest.raises(BadRequestError, match="printable"):
        add_person(session, name, Role.VIEWER, MONDAY)


def test_nobody_disables_who_is_not_there(session):
    with pytest.raises(BadRequestError, match="there is no person bo"):
        disable_person(session, "bo", MONDAY)


def test_only_an_address_is_the_same_in_capitals():
    assert (tidy(" Ana@X.example "), tidy("Bo")) == ("ana@x.example", "Bo")


def test_two_tokens_of_one_name_are_one_person(session):
    ours = [issue_token(session, "ana", Role.REVIEWER, MONDAY) for _ in range(2)]
    assert len({caller_of(session, token, MONDAY).name for token in ours}) == 1


def test_a_token_is_over_at_its_end(session):
    token = issue_token(session, "ana", Role.VIEWER, MONDAY, expires_at=MONDAY + DAY)
    late = MONDAY + DAY - timedelta(seconds=1)
    assert caller_of(session, token, late).name == "ana"
    (row,) = tokens(session)
    for call in (caller_of, holder_calling):
        with pytest.raises(NotAuthenticatedError, match="is over"):
            call(session, token if call is caller_of else row.sha256, MONDAY + DAY)


def test_the_day_a_token_was_last_used_is_written_once_a_day(database):
    with database.writers.begin() as session:
        token = issue_token(session, "ana", Role.VIEWER, MONDAY)
    written = []

    class Counted:
        def begin(self):
            written.append(1)
            return database.writers.begin()

    for hours in (0, 1, 14, 24, 25):
        now = MONDAY + timedelta(hours=hours)
        assert recognise(database.readers, Counted(), token, now).name == "ana"
    assert len(written) == 2
    with database.readers.begin() as session:
        (row,) = tokens(session)
    assert row.last_used_on == (MONDAY + timedelta(hours=24)).date()
