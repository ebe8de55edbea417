"""Which model scores while workers run: changed between batches, warm if it was the challenger."""

from __future__ import annotations

import shutil
from collections import Counter

import msgspec
import numpy as np
import numpy.lib.recfunctions as rfn
import pytest

from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.metrics import Metric
from fairuse.topics import Topics
from fairuse.verifying import verify
from fairuse.work.stream import open_worker, stream
from tests.fairuse.world import busy_tables, fill, run_of, settings_in, verdicts_in

TABLES = busy_tables(accounts=30, days=1.2)
SOON = {"model_seconds": 0.001}


@pytest.fixture
def models(tmp_path, registry):
    folder = tmp_path / "models"
    shutil.copytree(registry, folder)
    return Registry(folder)


@pytest.fixture
def other(models):
    """Register a second model: the same detectors, as if of real traffic."""
    first = models.champion()
    manifest = msgspec.structs.replace(first.manifest, origin="archive")
    return models.register(first.bank, first.calibration, manifest).manifest.version


def move(models, version, stage):
    models.move(version, stage, actor="ann", why="a test", at="2026-11-23T09:00:00Z")


class AtWork:
    """A worker in the middle of its log."""

    def __init__(self, settings):
        self.run = run_of(settings)
        self.worker = open_worker(self.run, Topics.at(settings.events_url))
        self.worker.source.subscribe(["usage-events"], self.worker.lanes)
        self.seen = 0

    def step(self, times=1):
        for _ in range(times):
            self.seen += self.worker.step()

    def finish(self):
        """Work until every event was seen."""
        for _ in range(200):
            if self.value(Metric.EVENTS) == sum(map(len, TABLES)):
                return
            self.step()
        raise AssertionError("the end is not reached")

    def vanish(self):
        """Leave without a snapshot and without a farewell."""
        self.worker.source.close()
        self.worker.sink.close()

    @property
    def lanes(self):
        return list(self.worker.lanes.held.values())

    def value(self, metric, **labels):
        return self.run.metrics.value(metric, **labels)


@pytest.fixture
def begin(tmp_path, models):
    opened = []

    def start(**changes):
        settings = settings_in(tmp_path, models.directory, batch_events=600, **(SOON | changes))
        fill(settings, TABLES)
        opened.append(AtWork(settings))
        return settings, opened[-1]

    yield start
    for one in opened:
        one.vanish()


def rest_of(settings):
    stream(run_of(settings))
    return verdicts_in(settings)


def test_a_new_champion_scores_from_the_next_batch_on_and_no_event_is_lost(begin, models, other):
    settings, work = begin()
    first = models.champion_version()
    work.step(4)
    places = {lane.partition.number: lane.position for lane in work.lanes}
    move(models, other, Stage.CHAMPION)
    work.finish()
    found = verdicts_in(settings)
    assert {one.model_version for one in found} == {first, other}
    for one in found:
        later = one.offset >= places[one.partition]
        assert one.model_version == (other if later else first)
        assert one.scored_from == (places[one.partition] if later else 0)
    assert work.value(Metric.MODEL, version=other, stage="champion") == 1
    assert work.value(Metric.MODEL, version=first, stage="champion") == 0


def test_a_new_champion_knows_the_peers_and_draws_nobody_for_an_audit_again(begin, models, other):
    settings, work = begin(audit_share=1.0)
    work.step(5)
    before = {lane.partition: lane.scorer.records.copy() for lane in work.lanes}
    move(models, other, Stage.CHAMPION)
    work.worker.lanes.look_round()
    for lane in work.lanes:
        assert before[lane.partition]["acts"].any()
        for name in ("acts", "acts_before", "plan_before", "volume", "tenure", "stratum"):
            had = before[lane.partition][name]
            np.testing.assert_array_equal(lane.scorer.records[name], had)
    work.finish()
    audited = [one for one in verdicts_in(settings) if one.audit]
    assert max(Counter(one.account_id for one in audited).values()) == 1
    late = [one for one in audited if one.model_version == other]
    assert late
    for one in late[:2]:
        assert verify(settings, one, [], None).same


def test_a_rollback_reaches_workers_likewise(begin, models, other):
    _, work = begin()
    first = models.champion_version()
    work.step(2)
    move(models, other, Stage.CHAMPION)
    work.step()
    assert {lane.scorer.model.manifest.version for lane in work.lanes} == {other}
    models.rollback(actor="ann", why="it was better", at="2026-11-23T09:10:00Z")
    work.step()
    assert {lane.scorer.model.manifest.version for lane in work.lanes} == {first}


def test_without_a_move_nothing_changes_and_nobody_is_asked_before_it_is_time(begin, models, other):
    _, work = begin(model_seconds=3000.0)
    move(models, other, Stage.CHAMPION)
    work.step(3)
    assert {lane.scorer.model.manifest.version for lane in work.lanes} != {other}


def test_a_champion_that_does_not_load_leaves_the_one_at_work(begin, models, other, caplog):
    settings, work = begin()
    first = models.champion_version()
    arrays = models.directory / other / "arrays.npz"
    raw = bytearray(arrays.read_bytes())
    raw[len(raw) // 2] ^= 1
    arrays.write_bytes(raw)
    work.step(2)
    move(models, other, Stage.CHAMPION)
    work.finish()
    assert {one.model_version for one in verdicts_in(settings)} == {first}
    assert work.value(Metric.MODEL_REFUSED, stage="champion") > 1
    assert caplog.text.count("the champion is not taken up") == 1


def test_a_champion_that_is_refused_again_or_lost_is_told_again(begin, models, other, caplog):
    _, work = begin()
    first = models.champion_version()
    (models.directory / other / "arrays.npz").write_bytes(b"half")
    for version in (other, first, other):
        move(models, version, Stage.CHAMPION)
        work.step(2)
    assert caplog.text.count("the champion is not taken up") == 2
    shutil.rmtree(models.directory / "moves")
    refused = work.value(Metric.MODEL_REFUSED, stage="champion")
    work.step(2)
    assert {lane.scorer.model.manifest.version for lane in work.lanes} == {first}
    assert work.value(Metric.MODEL_REFUSED, stage="champion") > refused
    assert caplog.text.count("names none any more") == 1


def test_a_promotion_in_the_middle_of_a_look_costs_no_month(begin, models, other):
    class Moving(Registry):
        promoting = True

        def moves(self):
            found = super().moves()
            if self.promoting:
                self.promoting = False
                move(models, other, Stage.CHAMPION)
            return found

    _, work = begin()
    move(models, other, Stage.CHALLENGER)
    work.step(4)
    work.worker.lanes.models.registry = Moving(models.directory)
    work.step(2)
    for lane in work.lanes:
        assert lane.scorer.model.manifest.version == other
        assert lane.scorer.scored_from == 0 < lane.scorer.acted_from


def test_a_challenger_at_work_is_promoted_though_its_file_was_damaged_since(begin, models, other):
    _, work = begin()
    move(models, other, Stage.CHALLENGER)
    work.step(3)
    first = models.champion_version()
    damaged = "0" * 12
    shutil.copytree(models.directory / first, models.directory / damaged)
    (models.directory / other / "arrays.npz").write_bytes(b"half")
    move(models, other, Stage.CHAMPION)
    move(models, damaged, Stage.CHALLENGER)
    work.step(2)
    for lane in work.lanes:
        assert lane.scorer.model.manifest.version == other
        assert lane.scorer.scored_from == 0 < lane.scorer.acted_from
        assert lane.shadow is None
    assert work.value(Metric.MODEL_REFUSED, stage="champion") == 0
    assert work.value(Metric.MODEL_REFUSED, stage="challenger") > 0


def test_the_challenger_scores_every_row_and_asks_for_nothing(begin, models, other):
    settings, work = begin(snapshot_seconds=0.001)
    first = models.champion_version()
    move(models, other, Stage.CHALLENGER)
    work.finish()
    found = verdicts_in(settings)
    ours = [one for one in found if one.model_version == first]
    theirs = [one for one in found if one.model_version == other]
    assert ours
    assert theirs
    assert {(one.action, one.response) for one in theirs} == {("allow", "none")}
    # The same detectors: of real traffic they may ask for more, never for less.
    assert {one.account_id for one in ours} <= {one.account_id for one in theirs}
    counted = sum(
        work.value(Metric.CHALLENGER, response=response) for response in ("hold", "challenge",
                                                                          "pause")
    )  # fmt: skip
    assert counted == len(theirs)
    assert work.value(Metric.VERDICTS, kind="automation", action="allow") == 0
    asked = Counter(one.account_id for one in ours if one.action == "pause")
    both = sum(work.value(Metric.AGREEMENT, partition=n, by="both") for n in ("0", "1"))
    assert both == len(asked)


def test_the_champion_says_the_same_whether_or_not_somebody_challenges_it(begin, models, other):
    settings, work = begin()
    move(models, other, Stage.CHALLENGER)
    work.finish()
    first = models.champion_version()
    changes = {"group": "alone", "snapshot_dir": settings.snapshot_dir / "alone"}
    alone = settings.model_copy(update=changes)
    move(models, other, Stage.RETIRED)
    before = Counter(one.verdict_id for one in verdicts_in(settings) if one.model_version == first)
    after = Counter(one.verdict_id for one in rest_of(alone) if one.model_version == first)
    assert after == before + before


def test_a_promoted_challenger_brings_its_month_along(begin, models, other):
    settings, work = begin()
    move(models, other, Stage.CHALLENGER)
    work.step(5)
    move(models, other, Stage.CHAMPION)
    watched = {lane.partition: lane.shadow.records.copy() for lane in work.lanes}
    places = {lane.partition: lane.position for lane in work.lanes}
    work.worker.lanes.look_round()
    for lane in work.lanes:
        assert lane.shadow is None
        assert (lane.scorer.scored_from, lane.scorer.acted_from) == (0, places[lane.partition])
        for name in ("score", "month_peak", "acts"):
            before = watched[lane.partition][name]
            np.testing.assert_array_equal(lane.scorer.records[name], before)
        peaks = lane.scorer.records["month_peak"].max(axis=1)
        np.testing.assert_array_equal(lane.scorer.records["maximum"], peaks)
    work.finish()
    acted = [one for one in verdicts_in(settings) if one.acted_from > one.scored_from]
    assert acted
    for one in acted[:3]:
        assert one.model_version == other
        assert verify(settings, one, [], None).same


@pytest.mark.parametrize("stage", [Stage.CHALLENGER, Stage.CHAMPION])
def test_a_crash_around_a_change_loses_nothing_and_repeats_nothing(begin, models, other, stage):
    settings, work = begin(snapshot_seconds=0.001)
    move(models, other, Stage.CHALLENGER)
    work.step(3)
    move(models, other, stage)
    work.step(2)
    work.vanish()
    found = Counter(one.verdict_id for one in rest_of(settings))
    assert max(found.values()) == 1
    said = [one for one in verdicts_in(settings) if one.acted_from > one.scored_from]
    assert bool(said) is (stage is Stage.CHAMPION)


def test_a_challenger_promoted_while_nobody_scored_is_warm_when_work_begins_again(
    begin, models, other
):
    settings, work = begin(snapshot_seconds=0.001)
    move(models, other, Stage.CHALLENGER)
    work.step(3)
    work.worker.lanes.revoked(list(work.worker.lanes.held))
    work.vanish()
    move(models, other, Stage.CHAMPION)
    again = AtWork(settings)
    again.step()
    scorers = [lane.scorer for lane in again.lanes]
    assert scorers
    for scorer in scorers:
        assert scorer.model.manifest.version == other
        assert scorer.scored_from == 0 < scorer.acted_from
    again.vanish()


def test_records_of_an_earlier_release_hand_on_what_they_have(begin, models):
    settings, work = begin(snapshot_seconds=0.001)
    work.step(4)
    lane = work.lanes[0]
    acts = lane.scorer.records["acts"].copy()
    lane.scorer.records = rfn.drop_fields(lane.scorer.records, ["strongest", "tenure"])
    work.worker.lanes.save(lane)
    work.vanish()
    again = AtWork(settings)
    again.step()
    restored = next(one for one in again.lanes if one.partition == lane.partition)
    assert restored.scorer.scored_from > 0
    assert (restored.scorer.records["acts"][: len(acts)] >= acts).all()
    again.vanish()


@pytest.mark.parametrize("watched", [False, True])
def test_what_nobody_heard_a_new_champion_ask_for_was_not_asked(begin, models, other, watched):
    """Crashed, promoted meanwhile, and replaying what the champion before had judged already."""
    settings, work = begin(snapshot_seconds=3600)
    if watched:
        move(models, other, Stage.CHALLENGER)
    work.step(2)
    for lane in work.lanes:
        work.worker.lanes.save(lane)
    work.step(4)
    spoken = {lane.partition: lane.spoken for lane in work.lanes}
    work.vanish()
    move(models, other, Stage.CHAMPION)
    again = AtWork(settings)
    again.step(2)
    for lane in again.lanes:  # a snapshot in the middle of the silence knows of it, too
        again.worker.lanes.save(lane)
    again.vanish()
    again = AtWork(settings)
    again.step()
    while any(again.worker.source.end(lane.partition) > lane.position for lane in again.lanes):
        again.step()
    said = [one for one in verdicts_in(settings) if one.model_version == other and one.detector]
    said = [one for one in said if one.action != "allow"]
    heard = {one.account_id for one in said}
    asked = {
        lane.state.names[row]
        for lane in again.lanes
        for row in np.flatnonzero(lane.scorer.records["response"])
    }
    assert asked == heard != set()
    assert {one.acted_from for one in said} <= set(spoken.values())
    assert verify(settings, said[0], [], None).same
    again.vanish()
