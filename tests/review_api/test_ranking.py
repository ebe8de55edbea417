from __future__ import annotations

import pytest

from detectors.verdict import Kind
from review_api.queue_records import QueueEntry
from review_api.ranking import Place, Record, harm, why, wrong_chance
from tests.verdicts import HOUR, MONDAY


def place(waited=31 * HOUR, record=None, **more):
    given = {
        "kind": Kind.AUTOMATION,
        "abuse": 0.9,
        "probability": None,
        "plan": "pro",
        "price": 29.0,
        "opened_at": MONDAY - waited,
        "paused_since": MONDAY - waited,
        "paused_until": MONDAY + HOUR,
    }
    return Place(QueueEntry(**given | more), record or Record(), MONDAY, "USD")


def test_an_unknown_detector_is_as_likely_wrong_as_right():
    assert wrong_chance(None, Record()) == 0.5


def test_a_record_moves_the_chance_towards_its_share():
    assert wrong_chance(None, Record(0, 98)) == 0.01
    assert wrong_chance(None, Record(98, 98)) == 0.99


def test_a_calibrated_probability_counts_before_the_record():
    assert wrong_chance(0.75, Record(9, 9)) == 0.25


def test_harm_grows_with_each_of_its_three_parts():
    assert harm(0.5, 20.0, 7200) == 20.0
    assert harm(1.0, 20.0, 7200) > harm(0.5, 20.0, 7200)
    assert harm(0.5, 40.0, 7200) > harm(0.5, 20.0, 7200)
    assert harm(0.5, 20.0, 9000) > harm(0.5, 20.0, 7200)


def test_who_pays_nothing_waits_too():
    assert harm(0.5, 0.0, 3600) == harm(0.5, 1.0, 3600) > 0


def test_a_lapsed_pause_does_no_more_harm():
    assert place(paused_until=MONDAY).harm == 0.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"record": Record(4, 12)},
            "Paused 31 h; 1 in 3 such pauses was wrong; Pro plan, 29 USD a month.",
        ),
        ({"waited": 50 * HOUR, "record": Record(0, 12)}, "Paused 2 d 2 h; none of 12 such"),
        ({"waited": HOUR / 2}, "Paused 30 min; no such pause has been judged yet;"),
        ({"record": Record(3, 4)}, "3 of 4 such pauses were wrong"),
        ({"record": Record(2, 2)}, "all 2 such pauses were wrong"),
        ({"record": Record(1, 1)}, "the one such pause judged so far was wrong"),
        ({"probability": 0.8}, "by the decided cases it is wrong with a chance of 20 %"),
        ({"probability": 0.999}, "hardly ever wrong"),
        ({"plan": "free", "price": 0.0}, "; Free plan."),
        ({"plan": "", "price": 0.0}, "plan not known."),
        ({"paused_until": MONDAY}, "Not paused; open for 31 h, with a score of 0.90."),
    ],
)
def test_the_place_is_said_in_words(more, said):
    assert said in why(place(**more))
