"""Linked accounts may ask for a look by a person, and for nothing more."""

from __future__ import annotations

import threading

import pytest

from access.models import PauseLease
from detectors.association import DETECTOR, HOUSEHOLD, Shared
from detectors.verdict import Action, Kind, Response
from review_api.intake import intake
from review_api.links import note_sightings
from review_api.models import Case
from review_api.neighbours import look_at, upheld_since, worth_a_look
from review_api.vocabulary import CaseStatus, Choice
from streams.vocabulary import NETWORKS
from tests.house import POLICY
from tests.locks import until_one_waits
from tests.sightings import together
from tests.verdicts import DAY, MONDAY, payload

FARM = [f"acc_{number}" for number in range(1, 9)]
BUSINESS, MOBILE = 1 << NETWORKS["business"], 1 << NETWORKS["mobile"]


@pytest.fixture
def note(house):
    """Note sightings; give the accounts that are worth a look."""

    def noted(sightings):
        with house.database.writers.begin() as session:
            return worth_a_look(session, note_sightings(session, sightings, MONDAY))

    return noted


@pytest.fixture
def look(house):
    def looked(account, now=MONDAY):
        with house.database.writers.begin() as session:
            return look_at(session, account, "usage-events", now, POLICY)

    return looked


@pytest.fixture
def uphold(house):
    """Open a case on an account and uphold it."""

    def upheld(account, kind=Kind.AUTOMATION):
        case_id = house.take(payload(account, kind=kind, action=Action.REVIEW)).case_id
        house.decide(case_id, Choice.UPHOLD)
        return case_id

    return upheld


def cases_of(house, account):
    with house.database.readers.begin() as session:
        return [row.id for row in session.query(Case).filter_by(account_id=account)]


def test_two_upheld_accounts_on_its_device_are_worth_a_look(house, note, look, uphold):
    uphold("acc_1", Kind.RESELLING)
    uphold("acc_2", Kind.RESELLING)
    assert "acc_3" in note(together(["acc_1", "acc_2", "acc_3"]))
    assert look("acc_3").reason.code == "linked_to_confirmed"
    (case_id,) = cases_of(house, "acc_3")
    view = house.view(case_id)
    assert (view.case.kind, view.status) == (Kind.RESELLING, CaseStatus.OPEN)
    verdict = view.evidence[-1].verdict
    assert (verdict.detector, verdict.action) == (DETECTOR, Action.REVIEW)
    assert verdict.response is Response.NONE
    assert verdict.groups == []
    assert (verdict.topic, verdict.partition, verdict.offset) == ("usage-events", 1, 42)


def test_a_farm_that_began_on_one_day_is_worth_a_look(house, note, look):
    assert note(together(FARM, burst=8, fresh=True)) == FARM
    for account in FARM:
        assert look(account).reason.code == "first_seen_together"
        (case_id,) = cases_of(house, account)
        assert house.view(case_id).case.kind is Kind.AUTOMATION


def test_however_close_the_links_nobody_is_paused(house, note, look, uphold):
    for account in FARM[:5]:
        uphold(account)
    before = house.count(PauseLease)
    note(together(FARM, burst=8, fresh=True))
    note(together(FARM, key=9, burst=8, fresh=True))
    for account in FARM:
        look(account)
    assert house.count(PauseLease) == before
    assert not any(house.access(account=account).paused for account in FARM[5:])


@pytest.mark.parametrize("size", range(2, HOUSEHOLD + 1))
@pytest.mark.parametrize("shared", [Shared.DEVICE, Shared.ADDRESS_AND_AGENT])
def test_a_household_is_none_of_our_business(house, note, look, size, shared):
    family = FARM[:size]
    assert note(together(family, shared=shared, burst=size, fresh=True)) == []
    assert [look(account) for account in family] == [None] * size
    assert house.count(Case) == 0


def test_one_upheld_member_of_a_household_is_nothing_against_the_others(house, note, look, uphold):
    uphold("acc_1")
    note(together(FARM[:4]))
    assert [look(account) for account in FARM[1:4]] == [None] * 3


def test_upheld_accounts_behind_one_address_are_nothing_against_a_third(house, note, look, uphold):
    uphold("acc_1")
    uphold("acc_2")
    note(together(FARM[:3], shared=Shared.ADDRESS_AND_AGENT))
    assert look("acc_3") is None


@pytest.mark.parametrize(
    "seen",
    [
        {"shared": Shared.DEVICE, "networks": BUSINESS},
        {"shared": Shared.ADDRESS_AND_AGENT, "networks": BUSINESS},
        {"shared": Shared.ADDRESS_AND_AGENT, "networks": MOBILE},
        {"shared": Shared.ADDRESS_AND_AGENT, "networks": 0},
        {"shared": Shared.NETWORK_BLOCK, "networks": MOBILE},
    ],
)
def test_colleagues_and_strangers_are_left_alone(note, look, uphold, seen):
    for account in FARM[:4]:
        uphold(account)
    assert note(together(FARM, burst=8, fresh=True, **seen)) == []
    assert [look(account) for account in FARM[4:]] == [None] * 4


def test_an_old_account_on_a_farms_device_is_not_of_the_farm(note, look):
    note(together(FARM, burst=8, fresh=True))
    note(together(["acc_99"], degree=9, burst=8, fresh=False))
    assert look("acc_99") is None


def test_a_device_that_became_a_crowd_is_no_farm(note, look):
    note(together(FARM, burst=8, fresh=True))
    assert note(together(["acc_99"], degree=60, burst=16, fresh=True)) == []
    assert [look(account) for account in FARM] == [None] * len(FARM)


def test_whom_a_person_has_in_hand_is_left_to_that_person(house, note, look):
    opened = house.take(payload("acc_3", kind=Kind.SCRIPTING, action=Action.REVIEW)).case_id
    note(together(FARM, burst=8, fresh=True))
    assert look("acc_3") is None
    house.decide(opened, Choice.RESTORE)
    assert look("acc_3", MONDAY + DAY) is None
    assert cases_of(house, "acc_3") == [opened]


def test_nobody_is_asked_twice_about_the_same_links(house, note, look):
    note(together(FARM, burst=8, fresh=True))
    look("acc_1")
    (case_id,) = cases_of(house, "acc_1")
    house.decide(case_id, Choice.RESTORE)
    assert look("acc_1", MONDAY + 300 * DAY) is None
    assert cases_of(house, "acc_1") == [case_id]


def test_an_uphold_that_was_corrected_no_longer_counts(house, note, look, uphold):
    uphold("acc_1")
    case_id = uphold("acc_2")
    house.decide(case_id, Choice.RESTORE)
    note(together(FARM[:3]))
    assert look("acc_3") is None


def test_a_decision_leads_to_the_accounts_linked_to_whom_it_upheld(house, note, uphold):
    note(together(["acc_1", "acc_2", "acc_3"]))
    note(together(["acc_8", "acc_9"], key=8))
    uphold("acc_1")
    with house.database.readers.begin() as session:
        accounts, last = upheld_since(session, 0)
        assert accounts == ["acc_2", "acc_3"]
        assert upheld_since(session, last) == ([], last)


def test_a_case_that_is_being_opened_keeps_its_own_verdict_as_the_newest(house, note, look):
    note(together(FARM, burst=8, fresh=True))
    looking = threading.Thread(target=look, args=("acc_1",))
    with house.database.writers.begin() as session:
        taken = intake(session, payload("acc_1", detector="metronome"), MONDAY, POLICY)
        looking.start()
        until_one_waits(house.database)
    looking.join(60)
    assert [row.verdict.detector for row in house.view(taken.case_id).evidence] == ["metronome"]
