"""Nights at odd times: later than they are named for, ahead of the clock, after a person's move."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.errors import WrongInputError
from fairuse.retrain.again import made_again
from fairuse.retrain.logs import positions_of
from fairuse.retrain.running import Wanted
from streams.simulator import simulate
from tests.fairuse.retrain.conftest import LATER, PEOPLE, archive

DAY = timedelta(days=1)


def test_a_night_made_up_for_later_does_not_count_as_days_in_shadow(platform):
    made_up = platform.night(LATER + 5 * DAY, Wanted(as_of=LATER))
    assert made_up.outcome == "challenging"
    (since,) = [m.at for m in Registry(platform.registry).moves() if m.stage is Stage.CHALLENGER]
    assert datetime.fromisoformat(since) == LATER + 5 * DAY
    tonight = platform.night(LATER + 6 * DAY)
    assert (tonight.outcome, tonight.champion) == ("challenging", made_up.before)
    assert platform.night(LATER + 7 * DAY).outcome == "promoted"


def test_nights_that_begin_some_minutes_early_count_as_whole_days(platform):
    platform.night(LATER + timedelta(minutes=20))
    assert platform.night(LATER + 2 * DAY).outcome == "promoted"


def test_a_night_ahead_of_the_clock_is_refused_before_it_moves_anybody(platform):
    platform.night(LATER)
    moves = Registry(platform.registry).moves()
    with pytest.raises(WrongInputError, match="--as-of 2026-04-10T03:00:00Z lies ahead"):
        platform.night(LATER + DAY, Wanted(as_of=LATER + 31 * DAY))
    assert Registry(platform.registry).moves() == moves


def test_a_clock_that_steps_back_promotes_nobody(platform):
    came = platform.night(LATER)
    assert platform.night(LATER - timedelta(hours=2)).again
    before = platform.night(LATER - 2 * DAY)
    assert (before.outcome, before.champion) == ("challenging", came.champion)


def test_a_model_that_a_person_went_back_from_does_not_return_by_itself(platform):
    registry, came = Registry(platform.registry), platform.night(LATER)
    at = (LATER + timedelta(hours=5)).isoformat()
    registry.move(came.challenger, Stage.CHAMPION, actor="lea", why="it looks good", at=at)
    registry.rollback(actor="lea", why="studios were asked to wait", at=at)
    # The archive stands still, so the same model is made again.
    tonight = platform.night(LATER + DAY)
    assert tonight.candidate == came.candidate
    assert (tonight.outcome, tonight.challenger, tonight.champion) == ("kept", "", came.before)
    assert tonight.why.endswith("from which lea went back: studios were asked to wait")


def test_after_somebody_went_back_to_a_simulated_model_nobody_is_promoted_at_once(
    platform, registry
):
    here, simulated = Registry(platform.registry), Registry(registry).champion_version()
    shutil.copytree(registry / simulated, platform.registry / simulated)
    real, at = here.champion_version(), LATER.isoformat()
    for version in (simulated, real):
        here.move(version, Stage.CHAMPION, actor="lea", why="", at=at)
    here.rollback(actor="lea", why="studios were asked to wait", at=at)
    tonight = platform.night(LATER + DAY)
    assert (tonight.outcome, tonight.champion) == ("challenging", simulated)
    assert platform.night(LATER + 3 * DAY).outcome == "promoted"


def test_an_event_sent_with_a_clock_years_ahead_stops_no_night(platform):
    (first, *_) = simulate(40, 1, 4, mix=PEOPLE).tables()
    ahead = pa.array([LATER + 2000 * DAY], first.schema.field("occurred_at").type)
    place = first.column_names.index("occurred_at")
    one = first.slice(0, 1).set_column(place, first.schema.field(place), ahead)
    folder = platform.settings.archive_dir
    archive(folder, [one], day=LATER.date(), starts=tuple(positions_of(folder).values()))
    came = platform.night(LATER)
    assert came.outcome == "challenging"
    manifest = Registry(platform.registry).manifest(came.candidate)
    assert manifest.calibrated >= 20
    assert manifest.last_event == "2026-03-10T03:00:00.000000Z"
    assert made_again(platform.settings, came.candidate, processes=1)["same"]
