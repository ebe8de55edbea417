"""The evidence table: closed, directed, and in words that a customer could be shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors import bank
from detectors.association import Code
from detectors.bank import KINDS
from detectors.evidence import CORE, EVIDENCE
from detectors.explanation import AT_MOST, codes, reasons
from detectors.rules import RULES
from features.layout import WIDTH
from features.view import VIEW

CONTEXT_ONLY = {"rest", "burn"}
ACCUSING = ("ban", "fraud", "abus", "suspicious", "offend", "cheat", "guilt")


def test_codes_and_features_are_unique_and_known():
    assert len({evidence.feature for evidence in EVIDENCE}) == len(EVIDENCE)
    assert len(codes()) == len({e.code for e in EVIDENCE} | {r.code for r in RULES} | set(Code))
    assert all(evidence.feature in VIEW.names for evidence in EVIDENCE)
    assert all(evidence.direction in (-1, 1) for evidence in EVIDENCE)


def test_volume_and_repetition_accuse_nobody():
    listed = {evidence.feature for evidence in EVIDENCE}
    assert listed.isdisjoint({"acts", "units_per_day"})
    assert "sketch" not in " ".join(listed)


def test_rest_and_burn_are_never_the_core_of_a_kind():
    assert set(CORE) == set(KINDS)
    assert all(core.isdisjoint(CONTEXT_ONLY) for core in CORE.values())


@pytest.mark.parametrize("evidence", EVIDENCE, ids=lambda evidence: evidence.code)
@pytest.mark.parametrize("value", [0.0, 0.5, 3.0, 65_535.0, -0.25, 1e9])
def test_every_sentence_states_its_figure_and_no_judgement(evidence, value):
    words = evidence.words(value)
    assert any(sign.isdigit() for sign in words)
    assert not any(word in words.lower() for word in ACCUSING)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_stands_on_a_listed_feature_and_says_its_figure(rule):
    reason = rule.reason(rule.least)
    assert reason.hard
    assert reason.percentile is None
    assert any(sign.isdigit() for sign in reason.sentence)


def scores(model, **strange):
    """Score an account that is usual in all but the named evidence (in nats)."""
    nats = np.zeros((1, len(EVIDENCE)))
    for place, evidence in enumerate(EVIDENCE):
        nats[0, place] = strange.get(evidence.group, 0.0)
    return bank.tail_sums(nats, model.bank.weights)[0]


def test_rest_and_burn_alone_add_nothing_for_any_kind(model):
    assert (scores(model, rest=10.0, burn=10.0) == 0.0).all()


def test_context_counts_at_most_as_much_again_as_the_core(model):
    automation = KINDS.index("automation")
    alone = scores(model, timing=1.0)[automation]
    beside = scores(model, timing=1.0, rest=10.0, interaction=10.0, content=10.0)[automation]
    assert 0.0 < alone < beside <= 2 * alone


def test_unknown_numbers_add_nothing(model):
    unknown = np.full((1, len(EVIDENCE)), np.nan)
    assert (bank.tail_sums(unknown, model.bank.weights) == 0.0).all()


MANY = np.full(len(EVIDENCE), 1e9)


def test_no_percentile_claims_more_than_the_population_can_tell():
    vector, nats = np.full(WIDTH, 0.5), np.full(len(EVIDENCE), 10.0)
    few = np.full(len(EVIDENCE), 99.0)
    assert {reason.percentile for reason in reasons(vector, nats, few, 0)} == {0.99}


def test_reasons_are_few_and_the_strongest_come_first():
    vector, nats = np.full(WIDTH, 0.5), np.linspace(0, 9, len(EVIDENCE))
    for kind in range(len(KINDS)):
        found = reasons(vector, nats, MANY, kind)
        assert 0 < len(found) <= AT_MOST
        weights = {e.code: e.weights[KINDS[kind]] for e in EVIDENCE if KINDS[kind] in e.weights}
        said = [-math.log(1 - reason.percentile) * weights[reason.code] for reason in found]
        assert said == sorted(said, reverse=True)
        assert {reason.code for reason in found} <= codes()


def test_what_one_account_in_five_reaches_is_no_reason():
    assert reasons(np.full(WIDTH, 0.5), np.full(len(EVIDENCE), 1.5), MANY, 0) == []


def test_hard_rules_are_said_first_whatever_their_kind():
    vector, nats = np.full(WIDTH, 300.0), np.full(len(EVIDENCE), 9.0)
    found = reasons(vector, nats, MANY, KINDS.index("reselling"), hard=0b1001)
    assert [reason.code for reason in found[:2]] == ["metronome", "declared_automation"]
    assert [reason.hard for reason in found[:3]] == [True, True, False]
