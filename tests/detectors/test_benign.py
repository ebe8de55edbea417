"""Innocent explanations: each cause supported, contradicted and unknown, and what that changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.asking import Asker, Judged
from detectors.bank import KINDS
from detectors.benign import EXPLANATIONS, Cause, covered, standings, unexplained
from detectors.calibration import Calibration
from detectors.causes import Observed
from detectors.evidence import BY_FEATURE, EVIDENCE
from detectors.explanation import codes
from detectors.memory import LINE
from detectors.policy import RANKS, Policy, Thresholds, strong_groups
from detectors.verdict import Kind, Response, Standing
from features.view import VIEW

SUPPORTED, CONTRADICTED, UNKNOWN = Standing
CAUSES = {explanation.cause: explanation for explanation in EXPLANATIONS}
PHONE_AND_DESKTOP = {
    "devices": math.log(2), "device_day_information": 0.1, "device_hour_information": 0.02,
    "device_overlap_share": 0.0, "days_apart": 0.0,
}  # fmt: skip
ABROAD = {"travel_kmh": math.log1p(640), "device_day_information": 0.1}
JUMP = ABROAD | {"travel_kmh": math.log1p(8400)}

CASES = [
    ("office_or_carrier_network", {"mobile_share": 0.62, "business_share": 0.1}, SUPPORTED, "62 %"),
    ("office_or_carrier_network", {"mobile_share": 0.0, "business_share": 0.8}, SUPPORTED, "80 %"),
    ("office_or_carrier_network", {"mobile_share": 0.0, "business_share": 0.0}, CONTRADICTED,
     "0 % of requests come from a mobile carrier's network and 0 % from a company's"),
    ("office_or_carrier_network", {"mobile_share": 0.2, "business_share": 0.0}, UNKNOWN, "20 %"),
    ("travel", ABROAD, SUPPORTED, "at 640 km/h, an airliner's or less"),
    ("travel", JUMP, CONTRADICTED, "at 8,400 km/h, faster than an airliner"),
    ("travel", JUMP | {"travel_same_device": 0.9}, CONTRADICTED, "one device made 90 % of such"),
    ("travel", ABROAD | {"travel_kmh": 0.0}, CONTRADICTED, "no two requests"),
    ("travel", ABROAD | {"device_day_information": 0.5}, UNKNOWN, "each device has its own days"),
    ("travel", ABROAD | {"device_day_information": math.nan}, UNKNOWN, "too little is known"),
    ("vpn", {"vpn_share": 0.41}, SUPPORTED, "41 % of requests come through a VPN"),
    ("vpn", {"vpn_share": 0.004}, CONTRADICTED, "less than 1 %"),
    ("family", {"devices": math.log(3), "household_share": 0.9}, SUPPORTED, "in 90 % of the time"),
    ("family", {"devices": math.log(3), "household_share": 0.1}, CONTRADICTED, "in 10 %"),
    ("family", {"devices": 0.0, "household_share": 1.0}, CONTRADICTED, "only one device"),
    ("two_devices", PHONE_AND_DESKTOP, SUPPORTED, "2 devices are in regular use"),
    ("two_devices", PHONE_AND_DESKTOP | {"devices": 0.0}, CONTRADICTED, "only one device"),
    ("two_devices", PHONE_AND_DESKTOP | {"devices": math.log(6)}, CONTRADICTED, "6 devices"),
    ("two_devices", PHONE_AND_DESKTOP | {"device_overlap_share": 0.2}, CONTRADICTED, "20 %"),
    ("two_devices", PHONE_AND_DESKTOP | {"device_day_information": 0.65}, CONTRADICTED, "0.65"),
    ("two_devices", PHONE_AND_DESKTOP | {"device_hour_information": 0.2}, UNKNOWN, "0.20"),
    ("official_client", {"attested_share": 0.97}, SUPPORTED, "97 % of requests"),
    ("official_client", {"attested_share": 0.0}, CONTRADICTED, "0 % of requests"),
    ("batch_feature", {"official_share": 0.4}, SUPPORTED, "40 % of requests"),
    ("batch_feature", {"official_share": 0.0}, CONTRADICTED, "0 % of requests"),
    ("accessibility", {"keys_share": 1.0, "gestures_per_request": 2.0}, SUPPORTED, "no pointer"),
    ("accessibility", {"keys_share": 0.4, "gestures_per_request": 2.0}, CONTRADICTED, "60 %"),
    ("accessibility", {"keys_share": 1.0, "gestures_per_request": 0.0}, UNKNOWN, "no pointer or"),
    ("contest", {"platform_surge": math.log(2.3)}, SUPPORTED, "2.3 times as busy as usual"),
    ("contest", {"platform_surge": math.log(1.7)}, UNKNOWN, "1.7 times as busy as usual"),
    ("contest", {"platform_surge": 0.0}, CONTRADICTED, "1.0 times as busy as usual"),
    ("platform_latency", {"platform_latency_shift": math.log(2.3)}, SUPPORTED, "2.3 times as long"),
    ("platform_latency", {"platform_latency_shift": -0.1}, CONTRADICTED, "0.9 times as long"),
]  # fmt: skip


def by_cause(figures, reasons=()):
    return {one.cause: one for one in standings(Observed(figures), reasons)}


@pytest.mark.parametrize(("cause", "figures", "standing", "words"), CASES)
def test_a_cause_stands_as_the_figures_say_and_states_them(cause, figures, standing, words):
    found = by_cause(figures)[cause]
    assert found.standing is standing
    assert words in found.sentence


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_can_be_supported_and_contradicted(cause):
    assert {SUPPORTED, CONTRADICTED} <= {case[2] for case in CASES if case[0] == cause}


@pytest.mark.parametrize(
    ("cause", "name"), [(one.cause, name) for one in EXPLANATIONS for name in one.needs]
)
def test_a_cause_whose_figure_is_missing_is_unknown(cause, name):
    supporting = next(case[1] for case in CASES if case[0] == cause and case[2] is SUPPORTED)
    without = {key: value for key, value in supporting.items() if key != name}
    assert by_cause(without)[cause].standing is UNKNOWN
    assert by_cause(without | {name: math.nan})[cause].sentence == CAUSES[cause].missing


def test_of_an_unknown_vector_every_explanation_is_unknown():
    vector = np.full(len(VIEW.names), np.nan)
    found = standings(Observed.of(vector), sorted(codes()))
    assert [one.cause for one in found] == list(Cause)
    assert {one.standing for one in found} == {UNKNOWN}
    assert covered(Observed.of(vector)) == frozenset()


@given(st.dictionaries(
    st.sampled_from(sorted({name for one in EXPLANATIONS for name in one.needs} | set(ABROAD))),
    st.floats(-20.0, 20.0) | st.just(math.nan),
))  # fmt: skip
def test_whatever_is_observed_each_cause_has_one_standing_and_a_sentence(figures):
    found = standings(Observed(figures))
    assert sorted(one.cause for one in found) == sorted(Cause)
    assert all(one.sentence and "nan" not in one.sentence for one in found)


def test_what_could_explain_a_reason_comes_first_and_the_supported_before_the_rest():
    figures = {"vpn_share": 0.5, "mobile_share": 0.0, "business_share": 0.0, "official_share": 0.9}
    found = standings(Observed(figures), ["many_networks", "even_gaps"])
    assert [one.cause for one in found[:2]] == ["vpn", "office_or_carrier_network"]
    assert [bool(one.explains) for one in found] == sorted(
        (bool(one.explains) for one in found), reverse=True
    )
    assert found[0].explains == ["many_networks"]
    assert next(one for one in found if not one.explains).cause == "batch_feature"


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=lambda one: one.cause)
def test_a_cause_explains_reasons_that_exist(explanation):
    assert explanation.explains
    assert explanation.explains <= {evidence.code for evidence in EVIDENCE}


@pytest.mark.parametrize("code", [
    "same_second", "minute_schedule", "five_minute_schedule", "topic_jumps", "devices_at_once",
    "devices_in_three_countries", "impossible_client", "topics_never_return",
])  # fmt: skip
def test_what_no_innocent_cause_brings_about_is_excused_by_none(code):
    assert not any(code in explanation.explains for explanation in EXPLANATIONS)


def vector(**figures):
    made = np.full(len(VIEW.names), np.nan)
    for name, value in figures.items():
        made[VIEW.position(name)] = value
    return made


def strong(*features):
    return np.array([9.0 if evidence.feature in features else 0.0 for evidence in EVIDENCE])


LARGE = Thresholds.of(Policy(), Calibration(np.linspace(5.0, 0.0, 20_000)), on_real_traffic=True)
SHARING = KINDS.index(Kind.CREDENTIAL_SHARING)
EXCUSABLE = ("interleave_share", "network_blocks")


def response(figures, *features, hard=False):
    tails = strong(*features)
    line = np.zeros((), dtype=LINE)
    line["standing"] = line["maximum"] = 1e6
    line["bits"] = hard
    scores = np.where(np.arange(len(KINDS)) == SHARING, 1e6, 0.0)
    seen = vector(**figures)
    judged = Judged(9, seen, tails, unexplained(seen, tails), scores, line)
    return RANKS[Asker(LARGE, Policy().watching()).acting(judged).rank]


def test_two_groups_of_strong_evidence_pause_while_nothing_innocent_is_supported():
    assert response({}, *EXCUSABLE) is Response.PAUSE
    assert response(PHONE_AND_DESKTOP | {"devices": math.log(6)}, *EXCUSABLE) is Response.PAUSE


def test_what_a_supported_explanation_covers_pauses_nobody_and_is_still_looked_at():
    assert response(PHONE_AND_DESKTOP, *EXCUSABLE) is Response.CHALLENGE


@pytest.mark.parametrize("unproven", [
    {"device_day_information": math.nan}, {"device_day_information": 0.45},
])  # fmt: skip
def test_an_explanation_that_is_only_possible_excuses_nothing(unproven):
    assert response(PHONE_AND_DESKTOP | unproven, *EXCUSABLE) is Response.PAUSE


def test_evidence_that_the_explanation_does_not_cover_still_counts():
    assert response(PHONE_AND_DESKTOP, "device_overlap_share", "countries") is Response.PAUSE


def test_hard_evidence_is_not_excused():
    assert response(PHONE_AND_DESKTOP, *EXCUSABLE, hard=True) is Response.PAUSE


def test_an_explanation_only_ever_takes_evidence_away():
    tails = np.where(np.arange(len(EVIDENCE)) % 3 == 0, np.nan, 7.0)
    left = unexplained(vector(**PHONE_AND_DESKTOP), tails)
    assert ((left == tails) | (left == 0.0) | np.isnan(tails)).all()
    assert strong_groups(left) <= strong_groups(tails)
    assert BY_FEATURE["interleave_share"].code in covered(Observed(PHONE_AND_DESKTOP))
