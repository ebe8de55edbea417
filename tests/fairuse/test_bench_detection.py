"""`fairuse bench detection` measures what runs live, and says plainly what it found."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors import forest, training
from detectors.evaluation import Share
from detectors.evidence import EVIDENCE
from detectors.memory import MONTH
from detectors.scorer import Scorer
from detectors.verdict import Response
from fairuse.bench.detection import Plan, run_detection, trial
from fairuse.bench.detection.ablations import ALPHA, columns_of, over_events
from fairuse.bench.detection.adversary import RANGES, Attempt, draw, strongest
from fairuse.bench.detection.delays import delays
from fairuse.bench.detection.findings import REAL, SIMULATED, Place, of_share, of_value
from fairuse.bench.detection.population import FAMILIES, Sizes
from fairuse.bench.detection.queue import taken
from fairuse.bench.detection.recording import Log, record
from fairuse.bench.detection.segments import Segment, everyone, segments
from fairuse.errors import WrongInputError
from fairuse.models import decoded
from fairuse.settings import load_settings
from fairuse.simulating import write_labels
from features.state import FeatureState
from features.view import VIEW
from streams.simulator import Mix, simulate
from streams.simulator.adversary import STAND_IN, Knobs, Tuned
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


def test_an_account_has_a_month_only_between_its_first_and_its_last_event(log):
    model = trial.fit(log)
    first = log.accounts["first_t"] // MONTH
    months = sorted({int(first.min()), int(first.min()) + 1, int(first.min()) + 2})
    found = trial.score(log, model, months=months)

    last = log.accounts["last_t"] // MONTH
    assert len(found.outcomes) == int((last - first + 1).sum())
    assert found.months.max() < 2  # ten days reach into two months at most


def test_a_month_by_itself_is_scored_as_the_whole_log_is(log):
    model = trial.fit(log)
    first = int((log.accounts["first_t"] // MONTH).min())
    whole, told = trial.score(log, model), trial.score(log, model, months=[first, first + 1])

    said = {(v.account_id, v.occurred_at, v.action) for v in whole.verdicts}
    assert {(v.account_id, v.occurred_at, v.action) for v in told.verdicts} == said


@pytest.mark.parametrize(
    ("paused", "of", "kept"),
    [(0, 5000, "met"), (0, 500, "too few to tell"), (3, 1000, "too few to tell"),
     (9, 1000, "missed")],
)  # fmt: skip
def test_a_segment_is_over_twice_the_budget_only_if_chance_does_not_explain_it(paused, of, kept):
    nobody = Share(0, of)
    assert Segment("plan", "basic", nobody, nobody, Share(paused, of)).kept == kept


def test_every_account_is_in_one_segment_of_each_sort(log):
    found = trial.score(log, trial.fit(log))
    sizes = {}
    for part in segments(found):
        sizes[part.by] = sizes.get(part.by, 0) + part.paused.of

    assert set(sizes.values()) == {len(log.names)}
    assert everyone(found).paused.of == len(log.names)


def test_delays_are_counted_from_an_accounts_first_event(log):
    found = trial.score(log, trial.fit(log))
    late = delays(found.outcomes, log.accounts, Response.HOLD)
    asked = found.reached(Response.HOLD)

    assert len(late.hours) == int(asked.sum()) > 0
    assert (late.hours >= 0).all()
    assert (late.hours <= 240).all()
    assert (late.events <= log.accounts["events"][asked]).all()
    assert ((late.share >= 0) & (late.share <= 1)).all()


def test_reviewers_take_the_strangest_of_those_waiting_and_no_more_than_they_can(log):
    one = trial.score(log, trial.fit(log)).verdicts[0]
    verdicts = [
        msgspec.structs.replace(
            one, account_id=f"acc_{n}", abuse=n / 10, occurred_at="2026-03-09T10:00:00Z"
        )
        for n in range(5)
    ]
    assert taken(verdicts, capacity=0.1) == {"acc_4", "acc_3"}  # 29 days are left
    assert taken(verdicts[:1], capacity=40.0) == {"acc_0"}
    assert taken([], capacity=40.0) == set()


def test_an_adversary_keeps_only_what_half_of_the_accounts_survive():
    knobs = Knobs(100.0, 0.1, 8.0, 0.5, 50.0, 1.0)
    greedy, patient = Attempt(1, knobs, 0.4, 9000.0), Attempt(1, knobs, 0.5, 900.0)

    assert strongest([greedy, patient]) is patient
    assert strongest([greedy]) is None
    assert patient.kept == pytest.approx(0.1)


def test_the_knobs_of_an_adversary_stay_within_their_ranges():
    rng = np.random.default_rng(1)
    near = draw(rng, None, 1)
    for turn in range(1, 6):
        near = draw(rng, near, turn)
        for name, (low, high) in RANGES.items():
            assert low <= getattr(near, name) <= high * (1 + 1e-9)


def test_a_tuned_bot_does_what_its_knobs_say():
    def of(knobs):
        mix = Mix({STAND_IN: 1.0})
        tables = Tuned(6, 6.0, 3, mix=mix, knobs=knobs).tables()
        return pa.concat_tables(tables).to_pandas()

    busy, shy = of(Knobs(200, 0.1, 1, 0.0, 4, 1)), of(Knobs(20, 1.0, 12, 0.9, 2000, 3))
    asked = [f[f["type"] == "generation.requested"] for f in (busy, shy)]
    assert len(asked[0]) > 5 * len(asked[1])
    assert not (busy["type"] == "result.viewed").any()
    assert (shy["type"] == "result.viewed").sum() > 0.7 * len(asked[1])
    assert asked[0]["prompt_sketch"].nunique() < asked[1]["prompt_sketch"].nunique()


def test_rules_over_events_alarm_on_more_honest_accounts_than_they_promise(log):
    honest = log.personas != "fixed_interval_bot"
    half = np.arange(len(honest)) % 2 == 0
    known, judged = log.only(honest & half), log.only(honest & ~half)
    found = over_events(trial.fit(known), known, judged)

    assert 0 < found.e_process.of <= int((honest & ~half).sum())
    assert found.e_process.value > 3 * ALPHA


def test_each_feature_that_speaks_belongs_to_a_group_that_can_be_taken_away():
    groups = {evidence.group for evidence in EVIDENCE}
    columns = [column for group in groups for column in columns_of(group)]
    assert sorted(columns) == sorted(VIEW.position(evidence.feature) for evidence in EVIDENCE)


def test_a_folder_without_events_is_named(tmp_path):
    with pytest.raises(WrongInputError, match="no folder in it holds"):
        run_detection(load_settings(), tmp_path, None, None)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_command_measures_real_and_simulated_accounts_and_writes_a_report(
    tmp_path, traffic, monkeypatch
):
    # Ten trees instead of a hundred: it fits twenty models, and forests are most of each.
    monkeypatch.setitem(forest.fit.__kwdefaults__, "trees", 10)
    place = tmp_path / "data" / "a_set"
    place.mkdir(parents=True)
    pq.write_table(pa.concat_tables(traffic.tables()), place / "events.parquet")
    write_labels(place / "labels.csv", traffic.labels)
    plan = Plan(Sizes.of(honest=60, found=1), tries=1, accounts=4)
    report = run_detection(load_settings(), tmp_path / "data", plan, tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text()

    assert text.index("## Real traces") < text.index("## Simulator")
    assert {finding.place.source for finding in report.findings} == {REAL, SIMULATED}
    assert set(report.measured.caught) == set(FAMILIES)
    for name in ("roc", "segments", "recall", "calibration", "adversary"):
        assert (tmp_path / "out" / f"{name}.png").stat().st_size > 5000
    plain = json.loads((tmp_path / "out" / "report.json").read_text())
    assert plain["command"] == "fairuse bench detection --data DIR --simulated 60"
