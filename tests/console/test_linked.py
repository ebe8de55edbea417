"""What a case page says of linked accounts, and of what strangers share."""

from __future__ import annotations

import pytest

from detectors.association import Shared
from detectors.verdict import Action, Kind
from review_api.links import note_sightings
from review_api.vocabulary import Choice
from streams.vocabulary import NETWORKS
from tests.console.test_queue_page import shown
from tests.sightings import together
from tests.verdicts import MONDAY, payload


@pytest.fixture
def note(house):
    def noted(*sightings):
        with house.database.writers.begin() as session:
            note_sightings(session, [one for group in sightings for one in group], MONDAY)

    return noted


@pytest.fixture
def read(reviewer, case_id):
    return lambda: shown(reviewer.get(f"/console/cases/{case_id}"))


def test_a_case_without_links_says_nothing_of_them(read):
    assert "Linked accounts" not in read()


def test_a_linked_account_is_shown_with_what_is_shared_and_by_how_many(read, note):
    note(
        together(["acc_1", "acc_2"]),
        together(["acc_1", "acc_2"], shared=Shared.PROMPT, key=1, degree=5),
        together(["acc_1", "acc_2"], shared=Shared.PROMPT, key=2, degree=4),
    )
    text = read()
    assert "acc_2 A device; 2 prompts, word for word 1.28 5 No case" in text
    assert "Linked to 1 account, 0 of them upheld by a reviewer. So few may be a family." in text


def test_what_became_of_a_linked_account_is_shown(read, note, house):
    other = house.take(payload("acc_2", kind=Kind.RESELLING, action=Action.REVIEW)).case_id
    house.decide(other, Choice.UPHOLD)
    note(together(["acc_1", "acc_2"]))
    assert "Upheld · reselling" in read()
    assert "1 of them upheld by a reviewer" in read()


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("mobile", "behind a mobile carrier, which puts strangers on one address"),
        ("business", "in an office or a school"),
        ("vpn", "the exit of a VPN or a rented machine"),
        ("unknown", "on a network of which the platform says nothing"),
    ],
)
def test_what_strangers_share_is_shown_with_a_warning_and_links_nobody(read, note, network, words):
    seen = {"shared": Shared.ADDRESS_AND_AGENT, "networks": 1 << NETWORKS[network], "degree": 30}
    note(together(["acc_1", "acc_2"], **seen))
    text = read()
    assert "Shared with strangers. This links nobody:" in text
    assert f"{words}" in text
    assert "about 30 accounts" in text
    assert "acc_2" not in text


def test_a_device_id_of_everybody_is_called_a_crowd(read, note):
    note(together(["acc_1", "acc_2"], degree=900))
    assert "A device, of more accounts than any household or farm: about 900 accounts." in read()


def test_weak_links_are_called_so(read, note):
    note(together(["acc_1", "acc_2"], shared=Shared.ADDRESS_AND_AGENT))
    assert "None of this is strong enough to count as linked." in read()


def test_only_the_strongest_links_are_listed(read, note):
    for number in range(2, 20):
        note(together(["acc_1", f"acc_{number}"], key=number))
    assert "And 6 more, less strongly." in read()
