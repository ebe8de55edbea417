"""Watching: who only watches asks for nothing, stops nobody else, and says what it would have."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.memory import MONTH
from detectors.overlap import Overlap, Shared, overlaps
from detectors.policy import DETECTORS, RANKS, Policy
from detectors.rules import RULES
from detectors.scorer import Scorer
from detectors.verdict import Action, Response, decode, encode
from features.state import FeatureState
from tests.detectors.people import pieces
from tests.detectors.test_scorer import mixed_log


def month_of(when):
    return int(np.datetime64(when.rstrip("Z"), "us").astype(int) // MONTH)


HARD = tuple(rule.code for rule in RULES)


@pytest.fixture(scope="module")
def mixed():
    return mixed_log()


def said(model, batches, *detect_only):
    policy = Policy(detect_only=frozenset(detect_only))
    state, scorer, verdicts = FeatureState(seen=1 << 16), Scorer(model, policy), []
    for batch in batches:
        verdicts += scorer.judge(batch, state.update(batch), state, "usage-events")
    return verdicts


@pytest.fixture(scope="module")
def acted(certified, mixed):
    return said(certified, [mixed])


@pytest.fixture(scope="module")
def watched(certified, mixed):
    return said(certified, [mixed], "all")


def test_without_watching_detectors_there_are_no_shadows(acted):
    assert {v.shadow for v in acted} == {Response.NONE}
    assert Action.PAUSE in {v.action for v in acted}


def test_when_all_only_watch_nothing_is_asked_for(watched):
    assert watched
    assert {v.action for v in watched} == {Action.ALLOW}
    assert {v.response for v in watched} == {Response.NONE}
    assert all(v.shadow is not Response.NONE for v in watched)
    assert all(v.clearing is None for v in watched)


def test_each_detector_speaks_for_itself(acted, watched):
    assert {v.detector for v in watched} > {v.detector for v in acted}
    assert {v.detector for v in watched} <= set(DETECTORS)
    assert len({v.verdict_id for v in watched}) == len(watched)


def test_what_would_have_been_asked_is_what_is_asked_when_it_may_act(acted, watched):
    asked = {(v.account_id, v.detector) for v in acted if v.detector in HARD}
    would = {(v.account_id, v.detector) for v in watched if v.shadow is Response.PAUSE}
    assert asked
    assert asked <= would


def test_a_shadow_is_said_once_a_month_unless_it_rises(watched):
    ranks = {}
    for verdict in watched:
        key = verdict.account_id, verdict.detector, verdict.occurred_at[:4]
        ranks.setdefault(key, []).append((verdict.occurred_at, RANKS.index(verdict.shadow)))
    for steps in ranks.values():
        by_month = {}
        for when, rank in steps:
            by_month.setdefault(month_of(when), []).append(rank)
        assert all(found == sorted(set(found)) for found in by_month.values())


@pytest.mark.parametrize("code", HARD)
def test_a_watching_rule_pauses_nobody_and_the_others_go_on(certified, mixed, acted, code):
    verdicts = said(certified, [mixed], code)
    assert all(v.detector != code for v in verdicts if v.shadow is Response.NONE)
    assert all(v.detector == code for v in verdicts if v.shadow is not Response.NONE)
    others = {v.account_id for v in acted if v.detector in HARD and v.detector != code}
    assert others <= {v.account_id for v in verdicts if v.action is Action.PAUSE}


def test_a_watching_kind_lends_its_score_to_nobody(certified, mixed):
    verdicts = said(certified, [mixed], "automation", *HARD)
    acting = [v for v in verdicts if v.shadow is Response.NONE]
    assert "automation" not in {v.detector for v in acting}
    heard = [max(s for k, s in v.scores.items() if k != "automation") for v in acting]
    assert all(v.abuse <= 1.0 for v in acting)
    assert all(v.abuse >= score - 1e-9 for v, score in zip(acting, heard, strict=True))


@pytest.mark.parametrize("cuts", [3, 50])
def test_however_the_log_is_cut_the_shadows_are_the_same(certified, mixed, watched, cuts):
    assert said(certified, pieces(mixed, cuts, seed=cuts), "all") == watched


def test_a_shadow_survives_the_wire(watched):
    for verdict in watched:
        assert decode(encode(verdict)) == verdict


def test_a_shadow_knows_what_was_asked_for_by_then(certified, mixed):
    verdicts = said(certified, [mixed], "declared_automation")
    assert {v.asked for v in verdicts if v.shadow is Response.NONE} == {Response.NONE}
    for verdict in verdicts:
        if verdict.shadow is Response.PAUSE:
            assert overlaps(verdict) == (verdict.asked is Response.PAUSE)


def test_the_overlap_is_counted_by_account_and_month(certified, mixed):
    verdicts = said(certified, [mixed], "metronome")
    overlap = Overlap()
    overlap.learn(reversed(verdicts))
    (row,) = overlap.table()
    months = {
        (v.account_id, month_of(v.occurred_at)) for v in verdicts if v.shadow is Response.PAUSE
    }
    assert row == Shared("metronome", Response.PAUSE, len(months), row.also)
    assert 0 <= row.also <= row.months


def test_without_shadows_there_is_no_overlap(acted):
    overlap = Overlap()
    overlap.learn(acted)
    assert overlap.table() == []
