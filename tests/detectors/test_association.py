"""What accounts have in common links some of them, and never pauses anyone."""

from __future__ import annotations

import typing

import pytest

from detectors.association import (
    CROWD,
    GROUP,
    HOUSEHOLD,
    MOST,
    STRONG,
    AtMostALook,
    Attribute,
    Finding,
    Place,
    Setting,
    Shared,
    first_seen_together,
    linked_to_confirmed,
    strength,
    verdict_of,
)
from detectors.evidence import EVIDENCE
from detectors.rules import RULES
from detectors.verdict import Action, Kind, Response
from streams.vocabulary import NETWORKS

HOME = 1 << NETWORKS["residential"]
NOT_HOMES = [name for name in NETWORKS if name != "residential"]


def address(degree=2, networks=HOME, burst=0):
    return Attribute(Shared.ADDRESS_AND_AGENT, degree, networks, burst)


def device(degree=2, networks=HOME, burst=0):
    return Attribute(Shared.DEVICE, degree, networks, burst)


def test_an_association_can_ask_for_a_look_at_most():
    assert set(typing.get_args(AtMostALook)) == {Action.ALLOW, Action.REVIEW}
    assert typing.get_type_hints(Finding)["action"] == AtMostALook


def test_association_is_no_evidence_group_and_no_hard_rule():
    assert GROUP not in {evidence.group for evidence in EVIDENCE}
    assert GROUP not in {rule.reason(0.0).group for rule in RULES}


@pytest.mark.parametrize("finding", [linked_to_confirmed([Kind.AUTOMATION] * 99),
                                     first_seen_together([device(40, burst=40)])])  # fmt: skip
def test_however_much_is_found_no_reason_is_hard(finding):
    verdict = verdict_of(finding, "acc_1", Place("usage-events", 0, 1, "2026-11-23T08:59:58Z"))
    assert (verdict.action, verdict.response) == (Action.REVIEW, Response.NONE)
    assert (verdict.groups, verdict.p_value) == ([], None)
    assert not finding.reason.hard
    assert finding.reason.percentile is None


def test_two_accounts_on_one_device_are_linked():
    assert strength([device()]) >= STRONG


def test_more_accounts_on_a_device_link_each_of_them_less():
    weights = [device(degree).weight for degree in range(2, CROWD + 1)]
    assert weights == sorted(weights, reverse=True)
    assert device(CROWD + 1).weight == 0.0


def test_an_address_alone_links_nobody_however_often_it_changes():
    block = Attribute(Shared.NETWORK_BLOCK, 2, HOME)
    assert strength([address()] * 50 + [block] * 50) < STRONG


def test_prompts_alone_link_nobody_however_many():
    assert strength([Attribute(Shared.PROMPT, 2, 0)] * 500) < STRONG


def test_an_address_and_prompts_together_link():
    assert strength([address(), Attribute(Shared.PROMPT, 2, 0)]) >= STRONG


@pytest.mark.parametrize("network", NOT_HOMES)
def test_an_address_where_strangers_meet_weighs_nothing(network):
    seen = HOME | 1 << NETWORKS[network]
    if network == "unknown":
        seen = 1 << NETWORKS[network]
    assert address(networks=seen).weight == 0.0
    assert address(networks=seen).setting is not Setting.PRIVATE


def test_an_address_of_which_the_platform_says_nothing_weighs_nothing():
    assert address(networks=0).setting is Setting.UNKNOWN
    assert address(networks=0).weight == 0.0


@pytest.mark.parametrize(
    ("attribute", "setting"),
    [
        (address(networks=1 << NETWORKS["mobile"]), Setting.CARRIER),
        (address(networks=1 << NETWORKS["business"]), Setting.OFFICE),
        (address(networks=1 << NETWORKS["vpn"] | HOME), Setting.EXIT),
        (address(networks=1 << NETWORKS["hosting"]), Setting.EXIT),
        (address(degree=CROWD + 1), Setting.CROWD),
        (device(networks=1 << NETWORKS["business"]), Setting.OFFICE),
        (device(networks=1 << NETWORKS["mobile"]), Setting.PRIVATE),
        (device(degree=1000), Setting.CROWD),
    ],
)
def test_the_setting_says_who_meets_there(attribute, setting):
    assert attribute.setting is setting


def test_no_kind_of_attribute_but_the_device_can_link_alone():
    assert [shared for shared in Shared if MOST[shared] >= STRONG] == [Shared.DEVICE]


def test_one_confirmed_neighbour_is_no_reason():
    assert linked_to_confirmed([Kind.RESELLING]) is None


def test_two_confirmed_neighbours_are_worth_a_look_at_what_they_did():
    finding = linked_to_confirmed([Kind.RESELLING, Kind.AUTOMATION, Kind.RESELLING])
    assert finding.reason.kind is Kind.RESELLING
    assert finding.reason.observed == 3


@pytest.mark.parametrize("burst", range(HOUSEHOLD + 1))
def test_a_household_that_joins_on_one_day_is_no_reason(burst):
    assert first_seen_together([device(4, burst=burst), address(4, burst=burst)]) is None


def test_more_new_accounts_in_a_day_than_a_household_has_are_worth_a_look():
    finding = first_seen_together([device(6, burst=HOUSEHOLD + 1)])
    assert finding.reason.kind is Kind.AUTOMATION
    assert finding.reason.observed == HOUSEHOLD + 1


@pytest.mark.parametrize(
    "attribute",
    [
        device(9, networks=1 << NETWORKS["business"], burst=9),  # a computer room
        address(9, networks=1 << NETWORKS["business"], burst=9),  # a company signs up
        address(9, networks=1 << NETWORKS["mobile"], burst=9),
        address(9, networks=1 << NETWORKS["vpn"], burst=9),
        address(9, networks=0, burst=9),
        device(CROWD + 1, burst=51),  # a device id that everybody has
        Attribute(Shared.PROMPT, 9, 0, burst=9),  # a prompt from a lesson
        Attribute(Shared.NETWORK_BLOCK, 9, HOME, burst=9),
    ],
)
def test_new_accounts_where_strangers_meet_are_no_reason(attribute):
    assert first_seen_together([attribute]) is None


def test_a_finding_keeps_its_name_until_its_figure_doubles():
    names = {n: linked_to_confirmed([Kind.RESELLING] * n).name for n in (2, 3, 4, 7, 8)}
    assert names[2] == names[3] != names[4] == names[7] != names[8]
