"""What would have cleared a verdict: one figure, really enough, and the least that is."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.bank import KINDS
from detectors.clearing import sentence, smallest_change
from detectors.evidence import BY_FEATURE, EVIDENCE
from detectors.rules import RULES
from detectors.scorer import Scorer
from detectors.verdict import Action
from features.state import FeatureState
from features.view import VIEW
from tests.detectors.people import machine, person
from tests.features.stories import log

SCRIPTING = KINDS.index("scripting")


def judged(model):
    """Verdicts on three machines among people."""
    batch = log(
        *(person(account, acts=150) for account in range(100, 106)),
        machine(201, every=45.0), machine(202, every=900.0), machine(204, every=600.0),
    )  # fmt: skip
    state, scorer = FeatureState(seen=1 << 16), Scorer(model)
    return scorer.judge(batch, state.update(batch), state, "usage-events")


@pytest.fixture(scope="module")
def verdicts(certified):
    return judged(certified)


def vector_of(verdict):
    return np.array([np.nan if x is None else x for x in verdict.features.values()])


def test_a_hard_rule_would_have_been_cleared_just_below_what_it_asks_for(model):
    rules = {rule.feature: rule for rule in RULES}
    hard = [v for v in judged(model) if v.action is Action.PAUSE and v.clearing]
    assert hard
    for verdict in hard:
        rule = rules[verdict.clearing.feature]
        assert verdict.clearing.needed < rule.least <= verdict.clearing.observed
        assert verdict.clearing.needed == pytest.approx(rule.least, rel=1e-3)


def test_the_figure_named_is_one_that_was_observed(verdicts):
    cleared = [v for v in verdicts if v.clearing]
    assert cleared
    for verdict in cleared:
        found = verdict.clearing
        assert verdict.features[found.feature] == found.observed
        assert found.sentence.startswith(BY_FEATURE[found.feature].words(found.observed))


def threshold_at(bank, limit):
    """Less is asked wherever scripting scores at most `limit`."""
    return lambda vectors: bank.score(vectors)[0][:, SCRIPTING] <= limit


def strangest(verdicts):
    return max((vector_of(v) for v in verdicts if v.kind == "scripting"), key=lambda v: v[0])


@pytest.mark.parametrize("share", [0.995, 0.98, 0.95])
def test_at_the_needed_figure_less_is_asked_and_nearer_the_observed_one_it_is_not(
    certified, verdicts, share
):
    bank, vector = certified.bank, strangest(verdicts)
    limit = share * bank.score(vector[None])[0][0, SCRIPTING]
    less = threshold_at(bank, limit)
    found = smallest_change(vector, 0, bank, less)
    place = VIEW.position(found.feature)
    changed = np.array([vector, vector])
    changed[0, place] = found.needed
    changed[1, place] = found.needed + 0.01 * (found.observed - found.needed)
    assert less(changed).tolist() == [True, False]


def test_no_other_figure_would_do_with_a_smaller_change(certified, verdicts):
    bank, vector = certified.bank, strangest(verdicts)
    limit = 0.95 * bank.score(vector[None])[0][0, SCRIPTING]
    less = threshold_at(bank, limit)
    found = smallest_change(vector, 0, bank, less)
    place = next(f for f, e in enumerate(EVIDENCE) if e.feature == found.feature)
    before = bank.tails.nats(vector[None])[0]
    changed = vector.copy()
    changed[VIEW.position(found.feature)] = found.needed
    cost = before[place] - bank.tails.nats(changed[None])[0, place]
    for f, evidence in enumerate(EVIDENCE):
        column = VIEW.position(evidence.feature)
        for toward in np.linspace(vector[column], bank.tails.grid[:, f].mean(), 50):
            other = vector.copy()
            other[column] = toward
            spent = before[f] - bank.tails.nats(other[None])[0, f]
            if np.isfinite(spent) and spent < cost - 1e-6 and bank.weights[:, f].any():
                assert not less(other[None])[0], evidence.feature


def test_when_no_single_figure_would_do_none_is_named(certified, verdicts):
    vector = strangest(verdicts)
    nothing = lambda vectors: np.zeros(len(vectors), dtype=bool)  # noqa: E731
    assert smallest_change(vector, 0, certified.bank, nothing) is None


def test_of_an_unknown_vector_nothing_is_named(certified):
    unknown = np.full(len(VIEW.names), np.nan)
    everything = lambda vectors: np.ones(len(vectors), dtype=bool)  # noqa: E731
    assert smallest_change(unknown, 0, certified.bank, everything) is None


def test_the_same_log_gives_the_same_clearings(certified, verdicts):
    assert [v.clearing for v in judged(certified)] == [v.clearing for v in verdicts]


@pytest.mark.parametrize(
    ("feature", "observed", "needed", "words"),
    [
        ("gap_mode_share", 0.87, 0.418, "; at 41 %, less would have been asked"),
        ("devices", np.log(12), np.log(4.6), "; at 4, less would have been asked"),
        ("gap_entropy", 1.13, 2.501, "(entropy 1.13 nats); at 2.51, less would have been asked"),
        ("units_steadiness", -0.05, -0.301, "; at 0.31, less would have been asked"),
        ("views_per_request", 0.0, np.log1p(0.201), "; at 0.21, less would have been asked"),
        ("longest_stretch", 80.0, 71.99, "; at 71, less would have been asked"),
    ],
)
def test_the_needed_figure_is_said_in_the_words_of_its_evidence_rounded_to_the_safe_side(
    feature, observed, needed, words
):
    assert sentence(BY_FEATURE[feature], float(observed), float(needed)).endswith(words)


def test_a_needed_figure_that_rounds_to_the_observed_one_gets_another_digit():
    said = sentence(BY_FEATURE["gap_mode_share"], 0.4142, 0.4138)
    assert said.startswith("41 %")
    assert said.endswith("; at 41.3 %, less would have been asked")
