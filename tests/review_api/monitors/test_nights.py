from __future__ import annotations

import math

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from detectors.drift import Drift
from detectors.latency import LatencyDay
from detectors.verdict import Kind
from review_api.monitors.estimates import of_a_model
from review_api.monitors.nights import nights, record_night
from review_api.monitors.reports import NightReport, read
from review_api.quality.estimates import Reviewed, precision, recall
from tests.verdicts import DAY, MONDAY

MOVED = Drift("gap_entropy", 0.4, 0.3, 1e-9, 900, 800, drifted=True)
STILL = Drift("devices", 0.01, None, 1.0, 900, 20, drifted=False)


def _report(night="2026-11-23", version="m1", **more):
    return NightReport(night=night, model_version=version, **more)


def _record(house, report, now=MONDAY):
    with house.database.writers.begin() as session:
        return read(record_night(session, report, now))


def _told(house, kind=None, version="m1"):
    found = _record(house, _report(f"night of {kind} {version}", version))
    return next(one for one in found.audited if one.kind is kind)


def test_a_night_is_kept_as_it_was_reported(house):
    latency = tuple(LatencyDay(f"2026-10-{d:02}", 500, 10.0 + d / 10, 60.0) for d in range(1, 32))
    report = _report(
        labels={"automation": 12, "honest": 40},
        months={"everybody": 3000},
        calibrated_at=MONDAY,
        drift=(STILL, MOVED),
        latency=latency,
        figures={"recall": 0.5, "nothing": math.nan},
        why="challenger: all 8 checks passed",
    )
    _record(house, report)
    with house.database.readers.begin() as session:
        [row] = nights(session, 10)
        found = read(row)
    assert (row.night, row.model_version, row.at) == ("2026-11-23", "m1", MONDAY)
    assert (found.labels, found.months) == ({"automation": 12, "honest": 40}, {"everybody": 3000})
    assert found.drift == (STILL, MOVED)
    assert found.drifted == (MOVED,)
    assert found.latency == latency
    assert found.figures == {"recall": 0.5}
    assert found.why == "challenger: all 8 checks passed"


def test_a_night_that_is_reported_again_changes_nothing(house):
    _record(house, _report(why="first"))
    assert _record(house, _report(why="again"), MONDAY + DAY).why == "first"
    _record(house, _report(version="m2"))
    _record(house, _report("2026-11-24"), MONDAY + DAY)
    with house.database.readers.begin() as session:
        found = [(row.night[-2:], row.model_version) for row in nights(session, 10)]
        assert found == [("24", "m1"), ("23", "m1"), ("23", "m2")]
        assert [row.night[-2:] for row in nights(session, 1, "m1")] == ["24"]


def test_the_database_itself_refuses_to_change_a_night(house):
    _record(house, _report())
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        house.database.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE night_reports SET night = 'x'"))


def test_without_audits_nothing_is_known(house):
    found = _record(house, _report())
    assert [one.kind for one in found.audited] == [None, *Kind]
    assert all((one.precision, one.recall, one.judged) == (None, None, 0) for one in found.audited)
    assert all(one.false_pauses.high == 1.0 for one in found.audited)


def test_precision_and_recall_are_told_kind_by_kind(house):
    house.audit(1, paused=True, honest=False)
    house.audit(2, honest=False)
    house.audit(3, honest=True)
    house.audit(4, paused=True, honest=True, kind=Kind.SCRIPTING)
    everything, automation = _told(house), _told(house, Kind.AUTOMATION)
    scripting, reselling = _told(house, Kind.SCRIPTING), _told(house, Kind.RESELLING)
    assert (everything.judged, automation.judged, scripting.judged) == (4, 3, 1)
    # What the machine chose counts for itself, an audit for the four it was drawn from.
    assert automation.recall.value == pytest.approx(1 / 5)
    assert automation.precision.value == 1.0
    assert (scripting.precision.value, scripting.recall) == (0.0, None)
    assert everything.precision.value == pytest.approx(0.5)
    assert (everything.false_pauses.wrong, everything.false_pauses.of) == (1, 2)
    assert (reselling.judged, reselling.precision) == (0, None)


def test_a_few_right_pauses_prove_little_of_a_model():
    right = [Reviewed(abusive=True, flagged=True, probability=1.0)] * 3
    found = of_a_model(precision(right), right)
    # Wilson's interval of three out of three.
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.4385, abs=1e-3)
    many = of_a_model(precision(right * 100), right * 100)
    assert many.low > 0.98


def test_weights_of_which_few_are_heavy_tell_less_than_so_many_observations():
    rows = [Reviewed(True, number % 2 == 0, 0.02 if number < 4 else 1.0) for number in range(40)]
    weighted = of_a_model(recall(rows), rows)
    even = [Reviewed(True, number % 2 == 0, 1.0) for number in range(40)]
    assert weighted.high - weighted.low > 2 * (of_a_model(recall(even), even).high - 0.5)
    assert of_a_model(None, []) is None


def test_a_model_answers_for_the_months_it_was_at_work_for(house):
    house.audit(1, paused=True, honest=True, model_version="old")
    house.audit(2, paused=True, honest=False)
    assert _told(house, version="old").precision.value == 0.0
    assert _told(house).precision.value == 1.0
