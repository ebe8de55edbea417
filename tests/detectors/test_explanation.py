"""Reasons: what was observed, strongest first, and nothing that only looks like more."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.bank import KINDS
from detectors.evidence import EVIDENCE
from detectors.explanation import AT_MOST, WORTH_SAYING, codes, reasons, unknown
from detectors.rules import RULES
from features.view import VIEW

AUTOMATION = KINDS.index("automation")
KNOWN = np.full(len(EVIDENCE), 1000.0)


def vector(value=0.5):
    return np.full(len(VIEW.names), value)


def tails(**nats):
    return np.array([nats.get(evidence.code, 0.0) for evidence in EVIDENCE])


def said(nats, kind=AUTOMATION, hard=0):
    return reasons(vector(), nats, KNOWN, kind, hard)


def test_reasons_come_strongest_first_by_what_the_kind_hears():
    found = said(tails(even_gaps=3.0, narrow_gaps=5.0, same_second=4.0))
    assert [reason.code for reason in found] == ["same_second", "even_gaps", "narrow_gaps"]


def test_hard_evidence_comes_before_everything_and_has_no_percentile():
    found = said(tails(even_gaps=9.0), hard=0b10)
    assert [reason.hard for reason in found] == [True, False]
    assert found[0].code == RULES[1].code
    assert found[0].percentile is None


def test_a_figure_that_a_rule_states_is_not_stated_again():
    found = said(tails(even_gaps=5.0, long_stretch=9.0), hard=0b10)
    assert [reason.code for reason in found] == [RULES[1].code, "even_gaps"]


@pytest.mark.parametrize("nats", [
    tails(), np.full(len(EVIDENCE), np.nan), tails(even_gaps=WORTH_SAYING - 0.01),
    tails(many_devices=9.0),
])  # fmt: skip
def test_what_is_ordinary_unknown_or_unheard_is_no_reason(nats):
    assert said(nats) == []


def test_there_are_never_more_reasons_than_are_read():
    assert len(said(np.full(len(EVIDENCE), 8.0))) == AT_MOST


def test_no_percentile_claims_more_than_the_accounts_behind_it_tell():
    (reason,) = reasons(vector(), tails(even_gaps=10.0), np.full(len(EVIDENCE), 40.0), AUTOMATION)
    assert reason.percentile == pytest.approx(40 / 41)


def test_every_reason_is_of_the_closed_vocabulary():
    for kind in range(len(KINDS)):
        for reason in said(np.full(len(EVIDENCE), 8.0), kind, hard=0b1111):
            assert reason.code in codes()


def test_what_could_not_be_computed_is_named_in_the_order_of_the_view():
    seen = vector()
    seen[[2, 0]] = np.nan
    assert unknown(seen) == [VIEW.names[0], VIEW.names[2]]
    assert unknown(vector()) == []


def test_a_recent_figure_is_said_only_for_what_exceeds_its_long_partner():
    scripting = KINDS.index("scripting")
    both = tails(results_not_viewed=8.0, results_not_viewed_lately=8.0)
    assert [reason.code for reason in said(both, scripting)] == ["results_not_viewed"]
    lately = tails(results_not_viewed=1.0, results_not_viewed_lately=8.0)
    assert [reason.code for reason in said(lately, scripting)] == ["results_not_viewed_lately"]
