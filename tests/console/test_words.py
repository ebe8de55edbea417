from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from detectors.benign import Cause
from detectors.verdict import Action, Kind, Response
from review_api.checklist import CHECKLIST
from review_api.console import bars, words
from review_api.console.forms import OUTCOME_WORDS, REASON_WORDS, reasons_for
from review_api.console.innocence import CAUSE_WORDS
from review_api.vocabulary import Choice, Outcome, ReasonCode
from tests.verdicts import verdict

DAY = timedelta(days=1)


def flat(text):
    return text.replace(words.NO_BREAK, " ").replace(words.THIN, " ")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (0.29, "29 %"),
        (0.5, "50 %"),
        (0.95, "95.0 %"),
        (0.987, "98.7 %"),
        (0.9987, "99.87 %"),
        (0.99989, "99.98 %"),
        (0.9999, "99.99 %"),
        (0.99999, "over 99.99 %"),
        (1.0, "over 99.99 %"),
    ],
)
def test_a_share_keeps_its_nines_and_is_never_rounded_up_to_all(share, said):
    assert flat(words.percent(share)) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(), "less than a minute"),
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5, minutes=12), "5 h 12 min"),
        (timedelta(hours=5), "5 h"),
        (2 * DAY + timedelta(hours=18, minutes=59), "2 d 18 h"),
        (40 * DAY, "40 d"),
    ],
)
def test_a_length_of_time_is_said_in_at_most_two_units(length, said):
    assert flat(words.span(length)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (0.0, "0"),
        (212.0, "212"),
        (0.004, "0.004"),
        (-0.1971, "\N{MINUS SIGN}0.1971"),
        (12_345.6, "12 346"),
        (0.0000123, "1.23e\N{MINUS SIGN}05"),
    ],
)
def test_a_figure_is_short_and_a_missing_one_is_unknown(value, said):
    assert flat(words.figure(value)) == said


def test_a_moment_is_said_in_utc():
    at = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
    assert flat(words.when(at)) == "3 Nov 2026, 09:05 UTC"


@pytest.mark.parametrize(
    ("score", "said"),
    [(0.5, "ordinary"), (0.749, "ordinary"), (0.75, "unusual"), (0.85, "far out"), (1, "extreme")],
)
def test_a_score_has_a_word(score, said):
    assert words.standing(score) == said


def test_a_probability_is_said_as_one_in_so_many():
    assert flat(words.one_in(0.0005)) == "1 in 2 000"


def test_bars_keep_the_order_and_stay_inside_their_field():
    shares = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0]
    lengths = [bars.nines(share, 200) for share in shares]
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (0, 200)
    assert lengths[3] == pytest.approx(bars.tick(2, 200), abs=0.1)
    assert [bars.score(value, 100) for value in (0.2, 0.5, 0.75, 1.0)] == [0, 0, 50, 100]


def test_the_bar_of_a_pause_fills_as_time_passes():
    start = datetime(2026, 11, 23, tzinfo=UTC)
    shown = [bars.elapsed(start, start + 2 * DAY, start + n * DAY, 100) for n in range(4)]
    assert shown == [0, 50, 100, 100]
    assert bars.elapsed(start, start, start, 100) == 100


def test_every_reason_and_outcome_has_its_words_and_its_place_in_the_form():
    offered = [reasons_for(choice) for choice in Choice]
    assert {outcome for group in offered for outcome in group} == set(Outcome)
    codes = [code for group in offered for codes in group.values() for code in codes]
    assert sorted(codes) == sorted(ReasonCode)
    assert set(REASON_WORDS) == set(ReasonCode)
    assert set(OUTCOME_WORDS) == set(Outcome)


def test_no_form_offers_more_reasons_than_there_are_digits():
    for choice in Choice:
        assert sum(map(len, reasons_for(choice).values())) <= 9


def test_every_kind_and_every_cause_has_its_words():
    assert set(CHECKLIST) == set(Kind)
    assert all(CHECKLIST.values())
    assert set(CAUSE_WORDS) == set(Cause)
    assert words.cause("a_later_cause") == "A later cause"


@pytest.mark.parametrize(
    ("several", "said"),
    [([], ""), (["rest"], "rest"), (["rest", "even_gaps"], "rest and even gaps"),
     (["a", "b", "c"], "a, b and c")],
)  # fmt: skip
def test_words_are_joined_as_people_join_them(several, said):
    assert words.listed(several) == said


@pytest.mark.parametrize(
    ("action", "response", "said"),
    [
        (Action.PAUSE, Response.PAUSE, "a pause"),
        (Action.PAUSE, Response.NONE, "a pause"),
        (Action.REVIEW, Response.NONE, "a review"),
        (Action.REVIEW, Response.HOLD, "a review, and no higher speed meanwhile"),
        (Action.REVIEW, Response.CHALLENGE, "a review, and a sign of a human hand meanwhile"),
    ],
)
def test_what_a_verdict_asked_for_is_said_in_words(action, response, said):
    assert words.asked(verdict(action=action, response=response)) == said


@pytest.mark.parametrize(
    ("stratum", "said"),
    [
        ("", ""),
        ("any/any/any", ""),
        ("any/64-511/known", "with 64-511 requests the month before, known then"),
        ("0123abcd/none/new", "on the same plan, with no requests the month before, new then"),
        ("heavy_users", "heavy users"),
    ],
)
def test_the_peers_of_an_account_are_said_in_words(stratum, said):
    assert words.peers(stratum) == said
