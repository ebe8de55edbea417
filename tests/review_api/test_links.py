"""Linked accounts in the database: noted once, weighed as they stand, forgotten in time."""

from __future__ import annotations

import pytest

from detectors.association import Shared
from detectors.verdict import Action, Kind
from review_api.link_models import AttributeMember, SharedAttribute
from review_api.links import forget_links, links_of, note_sightings, standings
from review_api.vocabulary import CaseStatus, Choice
from streams.vocabulary import NETWORKS
from tests.sightings import HOME, sighting, together
from tests.verdicts import DAY, MONDAY, payload


@pytest.fixture
def note(house):
    """Note sightings in a transaction of their own."""

    def noted(sightings, now=MONDAY):
        with house.database.writers.begin() as session:
            return note_sightings(session, sightings, now)

    return noted


@pytest.fixture
def linked(house):
    """Read the accounts linked to one, with the strength of each link."""

    def read(account="acc_1"):
        with house.database.readers.begin() as session:
            return {link.account_id: link.strength for link in links_of(session, account)}

    return read


def test_accounts_on_one_device_are_linked_to_each_other(note, linked):
    note(together(["acc_1", "acc_2"]))
    assert linked("acc_1") == {"acc_2": 1.0}
    assert linked("acc_2") == {"acc_1": 1.0}
    assert linked("acc_3") == {}


def test_noting_the_same_twice_changes_nothing(note, house, linked):
    for _ in range(2):
        note(together(["acc_1", "acc_2"]))
    assert house.count(SharedAttribute) == 1
    assert house.count(AttributeMember) == 2
    assert linked() == {"acc_2": 1.0}


def test_an_attribute_keeps_the_largest_figures_it_was_told_with(note, house):
    note([sighting(degree=5, burst=3, networks=HOME)])
    note([sighting("acc_2", degree=2, burst=1, networks=1 << NETWORKS["vpn"])])
    with house.database.readers.begin() as session:
        (kept,) = session.query(SharedAttribute)
        assert (kept.degree, kept.burst) == (5, 3)
        assert kept.networks == HOME | 1 << NETWORKS["vpn"]


def test_links_weaken_as_more_accounts_come(note, linked):
    note(together(["acc_1", "acc_2"]))
    before = linked()["acc_2"]
    note([sighting("acc_3", degree=3)])
    assert linked()["acc_2"] < before


def test_what_strangers_share_links_nobody(note, linked):
    note(together(["acc_1", "acc_2"], shared=Shared.ADDRESS_AND_AGENT, networks=0))
    note(together(["acc_1", "acc_2"], key=8, degree=400))
    assert linked() == {}


def test_only_keyed_hashes_rest_here(note, house):
    note(together(["acc_1", "acc_2"], key=0xABC))
    with house.database.readers.begin() as session:
        assert [row.id for row in session.query(SharedAttribute)] == ["device:0000000000000abc"]


def test_the_event_that_told_of_it_is_kept(note, house):
    note([sighting()])
    with house.database.readers.begin() as session:
        (member,) = session.query(AttributeMember)
        assert (member.log_partition, member.log_offset, member.seen_at) == (1, 42, MONDAY)


def test_what_nobody_told_of_for_long_is_forgotten(note, house, linked):
    note(together(["acc_1", "acc_2"]))
    note(together(["acc_1", "acc_3"], key=8), MONDAY + 80 * DAY)
    with house.database.writers.begin() as session:
        forget_links(session, MONDAY + DAY)
    assert linked() == {"acc_3": 1.0}
    assert house.count(SharedAttribute) == 1
    assert house.count(AttributeMember) == 2


def standing(session):
    return standings(session, ["acc_1"])["acc_1"]


def test_an_upheld_case_tells_most_of_an_account(house):
    restored = house.take(payload(kind=Kind.SCRIPTING, action=Action.REVIEW, offset=1)).case_id
    upheld = house.take(payload(kind=Kind.RESELLING, action=Action.REVIEW, offset=2)).case_id
    house.take(payload(kind=Kind.AUTOMATION, action=Action.REVIEW, offset=3))
    house.decide(upheld, Choice.UPHOLD)
    house.decide(restored, Choice.RESTORE)
    with house.database.readers.begin() as session:
        found = standing(session)
        assert (found.status, found.kind) == (CaseStatus.UPHELD, Kind.RESELLING)
        assert found.confirmed


def test_an_uphold_that_was_corrected_confirms_nothing(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    house.decide(case_id, Choice.RESTORE)
    with house.database.readers.begin() as session:
        assert not standing(session).confirmed
