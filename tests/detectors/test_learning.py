"""Learning from confirmed cases: who teaches, who examines, and when nothing learnt serves."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

import msgspec
import numpy as np
import pytest

from detectors import examining, forest, learning, rungs, training
from detectors.bank import KINDS
from detectors.examining import Answers, examine
from detectors.model import Incompatible, Model, arrays_of, model_from, version_of
from detectors.policy import Policy
from detectors.registry import Registry
from detectors.verdict import Kind
from features.state import FeatureState
from tests.detectors.people import machine, platform
from tests.features.stories import events, log

AUTO = KINDS.index(Kind.AUTOMATION)
BOTS = range(901, 925)
TOLD = {f"acc_{account}": Kind.AUTOMATION for account in BOTS}
HONEST = {f"acc_{account}": None for account in range(1, 41)}


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest, "fit", partial(forest.fit, trees=10))
        yield


def paced(account, *, spread=0.12, acts=120):
    """Give a script with breaks, and pauses a little more even than a person's."""
    chance = np.random.default_rng(account)
    gaps = 90.0 * np.exp(chance.normal(0.0, spread, acts))
    gaps[chance.random(acts) < 0.05] += 20_000.0
    rows = machine(account, acts=acts)
    rows["t"] = rows["t"][0] + np.cumsum(gaps * 1e6).astype(np.int64)
    return events(rows["t"], account=account, device=account, block=account, units=2.0, network=1)


@pytest.fixture(scope="module")
def mixed():
    return log(platform(60, acts=120).events, *(paced(account) for account in BOTS))


def fit(batch, **options):
    return training.fit(lambda: [batch], seed=3, **options)


@pytest.fixture(scope="module")
def taught(mixed):
    return fit(mixed, labels=TOLD | HONEST)


@pytest.fixture(scope="module")
def untaught(mixed):
    return fit(mixed, abusive=frozenset(TOLD))


def last_vectors(batch):
    readings = FeatureState(seen=1 << 16).update(batch)
    return np.array(
        [readings.vectors[readings.rows == row][-1] for row in np.unique(readings.rows)]
    )


def test_a_kind_with_confirmed_cases_learns_and_says_so(taught):
    (sentence,) = taught.manifest.learnt
    assert sentence.startswith("automation: logistic regression on 24 confirmed accounts serves")
    assert "unsupervised" in sentence
    assert "gradient boosting" in sentence
    assert [box is not None for box in taught.bank.learnt] == [True, False, False, False]


def test_without_labels_nothing_is_learnt(untaught):
    assert untaught.manifest.learnt == ()
    assert untaught.bank.learnt == (None,) * len(KINDS)


def test_too_few_cases_teach_nothing_and_change_nothing(mixed, untaught):
    few = {name: TOLD[name] for name in sorted(TOLD)[: learning.FEW - 1]}
    rest = frozenset(TOLD) - few.keys()
    fitted = fit(mixed, labels=few, abusive=rest)
    assert fitted.manifest.learnt == (
        "automation: nothing learnt: 19 confirmed accounts, 20 are needed",
    )
    assert version_of(arrays_of(fitted.bank, fitted.calibration), fitted.manifest) == version_of(
        arrays_of(untaught.bank, untaught.calibration), untaught.manifest
    )


def test_simulated_cases_teach_only_on_request_and_never_let_a_score_pause(mixed):
    assert fit(mixed, labels=TOLD, origin="simulator").bank.learnt == (None,) * len(KINDS)
    asked = fit(mixed, labels=TOLD, origin="simulator", learn_simulated=True)
    assert asked.bank.learnt[AUTO] is not None
    limits = Model(asked.bank, asked.calibration, asked.manifest).thresholds(Policy()).limits
    assert np.isinf(limits[:, -1]).all()


def test_what_is_learnt_only_adds_to_scores(mixed, taught):
    vectors = last_vectors(mixed)
    with_it, _ = taught.bank.score(vectors)
    alone = taught.bank.unsupervised(vectors)[0] / taught.bank.gains
    assert (with_it >= alone).all()
    assert (with_it[:, AUTO] > alone[:, AUTO]).any()


def test_an_account_of_too_few_acts_still_scores_nothing(taught):
    young = last_vectors(log(paced(999, acts=20)))
    assert not taught.bank.score(young)[0].any()


def test_a_kind_of_bot_never_confirmed_is_found_no_less(taught, untaught):
    """Labels of one family must not buy its recall with another's."""
    unseen = last_vectors(log(*(machine(account, every=600.0) for account in range(801, 809))))
    honest = last_vectors(platform(60, first=101, acts=120))
    shares = []
    for fitted in (taught, untaught):
        limit = np.quantile(fitted.bank.score(honest)[0].max(axis=1), 0.95)
        shares.append((fitted.bank.score(unseen)[0].max(axis=1) > limit).mean())
    assert shares[0] >= shares[1]
    assert shares[1] > 0.5


@pytest.fixture
def lessons(monkeypatch):
    """Note what the logistic regressions of the next fit are taught."""
    noted, logistic = [], rungs.logistic

    def note(lesson, seed):
        noted.append(lesson)
        return logistic(lesson, seed)

    monkeypatch.setattr(rungs, "logistic", note)
    return noted


def test_no_account_is_examined_or_calibrated_by_tables_that_saw_it(mixed, lessons):
    fit(mixed, labels=TOLD)
    first, second, whole = (set(lesson.accounts.tolist()) for lesson in lessons)
    fold = np.random.default_rng(3).integers(0, 2, size=84)
    assert first == set(np.flatnonzero(fold != 0).tolist())
    assert second == set(np.flatnonzero(fold != 1).tolist())
    assert whole == first | second


def test_abusive_accounts_of_another_kind_are_no_honest_examples(mixed, lessons, monkeypatch):
    monkeypatch.setattr(learning, "FEW", 12)
    fit(mixed, labels=TOLD | dict.fromkeys(sorted(TOLD)[:10], Kind.RESELLING))
    assert len(np.unique(lessons[2].accounts)) == 60 + 14


def test_every_account_weighs_the_same_however_many_requests_it_made(mixed, lessons):
    fit(mixed, labels=TOLD)
    weights = np.bincount(lessons[2].accounts, weights=lessons[2].weights)
    np.testing.assert_allclose(weights[np.unique(lessons[2].accounts)], 1.0)


def test_a_learnt_model_comes_back_to_the_bit(taught, tmp_path):
    stored = Registry(tmp_path).install(
        taught.bank, taught.calibration, taught.manifest, actor="a test", why="it is needed"
    )
    found = Registry(tmp_path).champion()
    wanted = arrays_of(stored.bank, stored.calibration)
    for name, array in arrays_of(found.bank, found.calibration).items():
        assert array.tobytes() == wanted[name].tobytes(), name
    assert found.manifest.learnt == taught.manifest.learnt
    assert "learnt.automation.parts" in wanted


def test_a_model_with_malformed_tables_is_refused(taught):
    arrays = arrays_of(taught.bank, taught.calibration)
    parts = arrays["learnt.automation.parts"].copy()
    parts[0, 0] = 3.0
    manifest = msgspec.structs.replace(taught.manifest, version="m1")
    with pytest.raises(Incompatible, match="automation has learnt is malformed: an unknown"):
        model_from(arrays | {"learnt.automation.parts": parts}, manifest)
    del arrays["learnt.automation.cuts"]
    with pytest.raises(Incompatible, match="lacks the array 'cuts'"):
        model_from(arrays, manifest)


def test_the_probability_is_of_decided_cases_and_rises_with_the_logit(taught):
    usual = last_vectors(platform(10, first=201, acts=120))
    bots = last_vectors(log(*(paced(account) for account in range(701, 711))))
    low = [taught.bank.probability(vector, AUTO) for vector in usual]
    high = [taught.bank.probability(vector, AUTO) for vector in bots]
    assert np.mean(low) < 0.5 < np.mean(high)
    assert all(0.0 <= value <= 1.0 for value in low + high)
    assert taught.bank.probability(bots[0], KINDS.index(Kind.RESELLING)) is None


def test_parts_of_the_logit_add_up_to_what_the_probability_is_of(taught):
    vector = last_vectors(log(paced(701)))[0]
    box = taught.bank.learnt[AUTO]
    logit = taught.bank.contributions(vector, AUTO).sum() + box.intercept
    assert box.probability(logit) == taught.bank.probability(vector, AUTO)


def answers(pair_of_bots, logit_of_bots, bots=40, usual=400):
    chance = np.random.default_rng(2)
    confirmed = np.arange(bots + usual) < bots
    pair, logits = chance.normal(size=(2, bots + usual))
    pair[:bots] += pair_of_bots
    logits[:bots] += logit_of_bots
    return Answers(np.arange(bots + usual), confirmed, ~confirmed, pair, logits)


def test_what_catches_more_serves():
    found = examine(answers(2.0, 8.0), 1)
    assert found.serves
    assert found.caught.mean() > found.pair.mean()


def test_what_catches_less_does_not_serve():
    found = examine(answers(2.5, -3.0), 1)
    assert not found.serves
    assert "does not serve" in str(found)


def test_luck_with_a_few_cases_is_not_enough():
    found = examining.Examined(np.array([True] * 9 + [False]), np.array([True] * 9 + [False]), 0.2)
    assert not found.serves


def test_differences_between_usual_accounts_too_small_to_mean_anything_are_not_blown_up():
    close = answers(2.0, 8.0)
    tiny = Answers(close.accounts, close.confirmed, close.usual, close.pair, close.logits * 1e-6)
    assert tiny.scale()[1] == examining.LEAST_SPREAD


def test_fewer_than_fifty_decided_cases_state_no_probability():
    found = answers(2.0, 3.0)
    decided = np.zeros(440, dtype=bool)
    decided[:49] = True
    assert np.isnan(found.calibration(decided)).all()
    decided[49] = True
    slope, offset = found.calibration(decided)
    assert slope > 0.0
    assert np.isfinite(offset)


def test_decided_cases_of_one_outcome_state_no_probability():
    found = answers(2.0, 3.0)
    assert np.isnan(found.calibration(found.usual)).all()


def test_scoring_never_loads_what_fits_the_boosting_machine(taught, tmp_path):
    Registry(tmp_path).install(
        taught.bank, taught.calibration, taught.manifest, actor="a test", why="it is needed"
    )
    code = (
        "import sys, numpy as np\n"
        "from detectors.registry import Registry\n"
        "from features.view import VIEW\n"
        f"model = Registry({str(tmp_path)!r}).champion()\n"
        "assert model.bank.learnt[0] is not None\n"
        "model.bank.score(np.full((2, len(VIEW.names)), 30.0))\n"
        "sys.exit('interpret' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, timeout=300, check=False)
    assert done.returncode == 0


@pytest.fixture
def lenient(monkeypatch):
    """Let shapes bend from twenty cases on."""
    monkeypatch.setattr(learning, "MANY", learning.FEW)


def test_many_cases_put_the_boosting_machine_beside_the_logistic_regression(mixed, lenient):
    fitted = fit(mixed, labels=TOLD)
    assert "boosting machine" in fitted.manifest.learnt[0]
    assert fitted.bank.learnt[AUTO] is not None


def test_without_the_extra_the_logistic_regression_serves_and_the_manifest_says_why(
    mixed, lenient, monkeypatch
):
    monkeypatch.setattr(rungs, "can_boost", lambda: False)
    fitted = fit(mixed, labels=TOLD)
    assert "the extra `learn` is not installed" in fitted.manifest.learnt[0]
    assert fitted.bank.learnt[AUTO] is not None
