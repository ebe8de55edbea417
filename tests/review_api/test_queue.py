from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.verdict import Action, Kind
from review_api.cursors import Cursor, read_cursor, write_cursor
from review_api.errors import BadRequestError
from review_api.history import HistoryQuery, list_history
from review_api.queue import QueueQuery, list_queue
from review_api.queue_filters import QueueFilters
from review_api.vocabulary import CaseStatus, Choice
from tests.verdicts import DAY, HOUR, MONDAY, payload


def page(house, now=MONDAY, *, limit=50, cursor=None, reviewer="ana", **filters):
    query = QueueQuery(QueueFilters(**filters), limit, cursor, reviewer)
    with house.database.readers.begin() as session:
        return list_queue(session, query, now, house.policy)


def history(house, now=MONDAY, **query):
    with house.database.readers.begin() as session:
        return list_history(session, HistoryQuery(**query), now, house.policy)


def decided(house, **query):
    return [item.account_id for item in history(house, **query).items]


def accounts(house, now=MONDAY, **query):
    return [item.account_id for item in page(house, now, **query).items]


def test_nothing_to_review_is_an_empty_page(house):
    assert page(house).items == ()
    assert page(house).next_cursor is None


def test_an_item_says_what_a_reviewer_needs_to_choose(house):
    case_id = house.take(payload()).case_id
    (item,) = page(house).items
    assert (item.case_id, item.account_id, item.kind) == (case_id, "acc_1", Kind.AUTOMATION)
    assert (item.status, item.version, item.abuse) == (CaseStatus.OPEN, 2, 0.97)
    assert (item.paused_since, item.paused_until) == (MONDAY, MONDAY + 3 * DAY)


def test_whoever_is_paused_comes_before_whoever_is_not(house):
    house.take(payload("watched", action=Action.REVIEW, abuse=1.0), MONDAY - 9 * DAY)
    house.take(payload("paused", abuse=0.1), MONDAY)
    assert accounts(house, MONDAY + HOUR) == ["paused", "watched"]


def test_of_two_paused_the_longer_wait_comes_first(house):
    house.take(payload("late"), MONDAY + HOUR)
    house.take(payload("early"), MONDAY)
    assert accounts(house, MONDAY + 2 * HOUR) == ["early", "late"]


def test_of_two_unpaused_with_equal_waits_the_higher_score_comes_first(house):
    house.take(payload("mild", abuse=0.5, action=Action.REVIEW))
    house.take(payload("grave", abuse=0.9, action=Action.REVIEW))
    assert accounts(house, MONDAY + HOUR) == ["grave", "mild"]


def test_the_newest_score_counts(house):
    house.take(payload("fallen", abuse=0.9, action=Action.REVIEW))
    house.take(payload("fallen", abuse=0.1, offset=8, action=Action.REVIEW))
    house.take(payload("steady", abuse=0.5, action=Action.REVIEW))
    assert accounts(house, MONDAY + HOUR) == ["steady", "fallen"]


def test_a_lapsed_pause_no_longer_counts_as_one(house):
    house.take(payload("lapsed"), MONDAY - 4 * DAY)
    house.take(payload("paused", abuse=0.1), MONDAY - HOUR)
    first, second = page(house).items
    assert (first.account_id, first.paused) == ("paused", True)
    assert (second.account_id, second.paused, second.paused_until) == ("lapsed", False, None)


def test_an_upheld_pause_shows_its_new_end(house):
    house.decide(house.take(payload()).case_id, Choice.UPHOLD)
    (item,) = history(house, status=CaseStatus.UPHELD).items
    assert item.paused_until == MONDAY + 30 * DAY


def test_cases_are_found_by_status_and_kind(house):
    house.decide(house.take(payload("restored")).case_id)
    house.decide(house.take(payload("upheld")).case_id, Choice.UPHOLD)
    house.take(payload("open", kind=Kind.RESELLING))
    corrected = house.take(payload("corrected")).case_id
    house.decide(corrected, Choice.UPHOLD)
    house.decide(corrected, now=MONDAY + HOUR)
    assert accounts(house) == ["open"]
    assert decided(house, status=CaseStatus.UPHELD) == ["upheld"]
    assert set(decided(house, status=CaseStatus.RESTORED)) == {"restored", "corrected"}
    assert len(decided(house)) == 4
    assert decided(house, kind=Kind.RESELLING) == ["open"]
    assert accounts(house, kind=Kind.SCRIPTING) == []


def walk(house, now, limit):
    seen, cursor = [], None
    while True:
        found = page(house, now, limit=limit, cursor=cursor)
        seen.extend(item.account_id for item in found.items)
        cursor = found.next_cursor
        now += HOUR
        if cursor is None:
            return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_together_are_the_whole_list_in_the_same_order(house, limit):
    for number in range(7):
        action = Action.PAUSE if number % 2 else Action.REVIEW
        # Numbers 1 and 3 tie in everything but their name.
        body = payload(f"acc_{number}", action=action, abuse=0.5 if number < 5 else 0.9)
        house.take(body, MONDAY if number < 5 else MONDAY - HOUR)
    whole = accounts(house, MONDAY + HOUR)
    assert len(whole) == 7
    assert walk(house, MONDAY + HOUR, limit) == whole


def test_a_case_opened_while_paging_does_not_shift_the_pages(house):
    for account in ("a", "b", "c"):
        house.take(payload(account))
    first = page(house, MONDAY + HOUR, limit=2)
    house.take(payload("new", abuse=1.0), MONDAY + 2 * HOUR)
    second = page(house, MONDAY + 2 * HOUR, limit=2, cursor=first.next_cursor)
    shown = [item.account_id for item in (*first.items, *second.items)]
    assert sorted(shown[:3]) == ["a", "b", "c"]


def test_a_case_decided_while_paging_does_not_hide_its_neighbours(house):
    cases = [house.take(payload(account)).case_id for account in ("a", "b", "c", "d")]
    first = page(house, MONDAY + HOUR, limit=2)
    for item in first.items:
        house.decide(item.case_id)
    second = page(house, MONDAY + HOUR, limit=2, cursor=first.next_cursor)
    assert {item.case_id for item in (*first.items, *second.items)} == set(cases)


@given(
    st.builds(
        Cursor,
        as_of=st.datetimes(timezones=st.just(MONDAY.tzinfo)),
        paused=st.integers(0, 1),
        weight=st.integers(-(2**60), 2**60),
        case_id=st.text("0123456789abcdef", min_size=1, max_size=64),
    )
)
def test_a_cursor_comes_back_as_it_went_out(cursor):
    assert read_cursor(write_cursor(cursor)) == cursor


@given(st.text(max_size=200))
def test_a_word_that_is_no_cursor_is_refused(word):
    with pytest.raises(BadRequestError):
        read_cursor(word)


@pytest.mark.parametrize(
    "inside",
    [
        b'["2026-11-23T09:00:00",1,5,"a"]',
        b'["2026-11-23T09:00:00Z",2,5,"a"]',
        b'["2026-11-23T09:00:00Z",1,99999999999999999999999,"a"]',
        b'["2026-11-23T09:00:00Z",1,5,"a b"]',
        b'["2026-11-23T09:00:00Z",1,5,""]',
        b'["2026-11-23T09:00:00Z",1,5]',
    ],
)
def test_a_forged_cursor_is_refused(inside):
    with pytest.raises(BadRequestError):
        read_cursor(base64.urlsafe_b64encode(inside).decode().rstrip("="))
