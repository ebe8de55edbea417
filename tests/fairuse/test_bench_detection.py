"""`fairuse bench detection` measures what runs live, and says plainly what it found."""

from __future__ import annotations

import numpy as np
import pytest

from detectors import training
from detectors.evaluation import Share
from detectors.scorer import Scorer
from fairuse.bench.detection import trial
from fairuse.bench.detection.findings import REAL, Place, of_share, of_value
from fairuse.bench.detection.recording import Log, record
from fairuse.models import decoded
from features.state import FeatureState
from features.view import VIEW
from streams.simulator import Mix, simulate
from streams.vocabulary import EventType

PLACE = Place(REAL, "a set", "a figure")
PEOPLE = Mix({"casual": 1.0, "power_user": 1.0, "fixed_interval_bot": 0.4})


@pytest.fixture(scope="module")
def traffic():
    return simulate(40, 10, seed=3, mix=PEOPLE)


@pytest.fixture(scope="module")
def batches(traffic):
    return list(decoded(traffic.tables(rows=5000)))


@pytest.fixture(scope="module")
def log(batches, traffic, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    return Log([record(batches, folder, traffic.personas)])


def test_a_recording_fits_the_same_model_as_the_events_themselves(batches, log):
    live, recorded = training.fit(lambda: batches), trial.fit(log)

    assert np.array_equal(live.bank.tails.grid, recorded.bank.tails.grid)
    assert np.array_equal(live.calibration.maxima, recorded.calibration.maxima)


def test_a_recording_gives_the_verdicts_of_the_events_themselves(batches, log):
    model = trial.fit(log)
    state, scorer, live = FeatureState(), Scorer(model), []
    for batch in batches:
        live += scorer.judge(batch, state.update(batch), state)
    found = trial.score(log, model)

    said = [(v.account_id, v.action, v.occurred_at, v.abuse, v.reasons) for v in live]
    again = [(v.account_id, v.action, v.occurred_at, v.abuse, v.reasons) for v in found.verdicts]
    assert said
    assert sorted(again) == sorted(said, key=lambda row: row[:3])


def test_the_quota_used_by_a_verdict_is_what_was_requested_until_then(batches, log):
    found = trial.score(log, trial.fit(log))
    verdict = found.verdicts[0]
    until = int(np.datetime64(verdict.occurred_at.rstrip("Z"), "us").astype(np.int64))
    spent = 0.0
    for batch in batches:
        events = batch.events[batch.account_ids == verdict.account_id]
        asked = events["type"] == EventType.GENERATION_REQUESTED
        asked &= (events["mode"] != 2) & (events["t"] <= until)
        spent += float(events["units"][asked].sum())

    assert log.units[verdict.offset] == pytest.approx(spent)


def test_accounts_left_out_of_a_log_teach_nothing(log):
    some = np.arange(len(log.names)) % 2 == 0
    seen = {name for batch in log.only(some).replay() for name in batch.account_ids}

    assert seen
    assert seen <= {name for name, kept in zip(log.names, some, strict=True) if kept}


def test_a_blind_column_is_unknown_and_nothing_else_changes(log):
    column = VIEW.position("gap_entropy")
    blind = Log(log.parts, blind=(column,))
    for batch, dark in zip(log.replay(), blind.replay(), strict=True):
        kept = np.arange(len(VIEW.names)) != column
        assert np.isnan(dark.readings.vectors[:, column]).all()
        np.testing.assert_array_equal(
            batch.readings.vectors[:, kept], dark.readings.vectors[:, kept]
        )


def test_every_account_is_counted_with_its_quota_and_its_persona(batches, log, traffic):
    asked = sum(int((b.events["type"] == EventType.GENERATION_REQUESTED).sum()) for b in batches)

    assert log.accounts["requests"].sum() == asked
    assert dict(zip(log.names, log.personas, strict=True)).items() <= traffic.personas.items()
    assert (log.accounts["units"] > 0).mean() > 0.5


@pytest.mark.parametrize(
    ("count", "of", "met"),
    [
        (0, 10_000, "met"),
        (0, 100, "met, not certain"),
        (2, 1000, "missed, not certain"),
        (50, 1000, "missed"),
        (0, 0, "too few to tell"),
    ],
)
def test_a_share_is_met_for_certain_only_if_its_whole_interval_is(count, of, met):
    assert of_share(PLACE, Share(count, of), most=0.001).met == met


def test_a_figure_without_a_target_is_neither_met_nor_missed():
    assert of_share(PLACE, Share(1, 2)).met == "no target"
    assert of_value(PLACE, 0.99, (0.98, 1.0), least=0.95).met == "met"
    assert of_value(PLACE, 0.96, (0.93, 0.99), least=0.95).met == "met, not certain"
