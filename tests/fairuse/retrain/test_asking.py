"""A night asks reviewers about a waiting candidate's flips and about the strangest of the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.gate.check import Gate, Limits
from detectors.gate.flips import FlipsReviewed, flip_list
from detectors.gate.strangest import Strange
from detectors.succession import PATIENCE_NIGHTS, Judged
from detectors.verdict import Action
from fairuse.retrain.asking import Reviewers
from fairuse.retrain.folder import Folder
from fairuse.retrain.judging import Found
from fairuse.retrain.steps import Made
from fairuse.retrain.weighing import WEIGHED
from fairuse.settings import Settings
from review_api.models import Case
from review_api.vocabulary import Choice
from tests.detectors.gate.nights import night, pausing
from tests.house import House
from tests.verdicts import DAY, HOUR, MONDAY, verdict

LIMITS = Limits(flip_limit=2, flip_sample=3)
WAITS = Gate(passed=False, why="flip list: waits for reviewers", waits=True)
TONIGHT = MONDAY + DAY


@pytest.fixture
def weighed():
    """Five accounts that only the candidate would pause, each with a verdict to show."""
    found = pausing(night(), range(300, 305))
    flips = [replace(flip, verdict=verdict(flip.account_id)) for flip in found.flips]
    return replace(found, flips=tuple(flips))


@pytest.fixture
def house(database):
    return House(database)


def reviewers(house, as_of=TONIGHT, **settings):
    return Reviewers(Settings(**settings), house.database.writers, as_of)


def ask(house, folder, weighed, gate=WAITS, nights=0):
    made = Made(Folder(folder, lambda _moment, _name: None), "weigh", WEIGHED, [weighed])
    version = weighed.candidate.version
    found = [Found(Judged(version, gate, nights=nights), made)]
    reviewers(house).ask(found, LIMITS, TONIGHT)


def test_a_waiting_candidate_has_its_sample_looked_at_and_then_passes(house, weighed, tmp_path):
    version = weighed.candidate.version
    assert flip_list(weighed, reviewers(house).found(version), LIMITS).waits
    ask(house, tmp_path, weighed)
    ask(house, tmp_path, weighed)
    assert reviewers(house).found(version) == FlipsReviewed(sampled=3)
    with house.database.readers.begin() as session:
        cases = [case.id for case in session.query(Case)]
    for case_id in cases:
        house.decide(case_id, Choice.UPHOLD, TONIGHT + HOUR)
    assert reviewers(house).found(version).decided == 0
    later = reviewers(house, TONIGHT + DAY).found(version)
    assert later == FlipsReviewed(3, 3, paused=3, confirmed=3)
    assert flip_list(weighed, later, LIMITS).passed


@pytest.mark.parametrize(
    ("gate", "nights"),
    [
        (Gate(passed=True, why="all passed"), 0),
        (Gate(passed=False, why="precision: worse"), 0),
        (WAITS, PATIENCE_NIGHTS),
    ],
)
def test_nobody_is_asked_about_a_model_that_does_not_wait(house, weighed, tmp_path, gate, nights):
    ask(house, tmp_path, weighed, gate, nights)
    assert house.count(Case) == 0


@pytest.mark.parametrize(("most", "asked"), [(0, 0), (2, 2), (10, 3)])
def test_a_night_asks_about_the_strangest_first_and_no_more_than_it_may(
    house, weighed, tmp_path, most, asked
):
    names = [f"acc_{n}" for n in range(1, 6)]
    shown = [verdict(name, action=Action.REVIEW, calibrating=True) for name in names]
    strangest = tuple(Strange(name, 9.0, said) for name, said in zip(names, shown, strict=True))
    folder = Folder(tmp_path, lambda _moment, _name: None)
    rested = replace(weighed, strangest=strangest)
    found = [Found(Judged("m2", WAITS), Made(folder, "weigh", WEIGHED, [rested]))]
    tonight = reviewers(house, calibration_cases=most)
    for _ in range(2):
        tonight.trim(found, TONIGHT)
    with house.database.readers.begin() as session:
        assert sorted(case.account_id for case in session.query(Case)) == names[:asked]


def test_a_night_that_judged_nobody_asks_about_nobody(house):
    reviewers(house).trim([], TONIGHT)
    assert house.count(Case) == 0
