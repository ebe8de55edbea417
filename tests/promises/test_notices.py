"""Promises P20 and P21 as they are told: the rule, the reasons, and what goes on working."""

from __future__ import annotations

from review_api.notices.letters import Stationery
from review_api.notices.reading import NoticesQuery, notices_of
from tests.house import House
from tests.review_api.notices.receivers import Post
from tests.verdicts import HOUR, MONDAY, payload


def letters(database, post):
    post.write()
    with database.readers.begin() as session:
        return [view.body for view in notices_of(session, NoticesQuery())]


def test_p20_whoever_is_paused_is_told_the_rule_and_what_they_did(database):
    House(database).take(payload())
    post = Post(database, stationery=Stationery(contact="help@example.org"))
    (told,) = letters(database, post)
    assert "the monthly quota is for personal, human use only" in told
    assert "Jobs on it are started by a person, not by a program." in told


def test_p21_whoever_is_paused_is_told_for_how_long_what_works_and_how_to_contest(database):
    House(database).take(payload())
    post = Post(database, stationery=Stationery(contact="help@example.org"))
    (told,) = letters(database, post)
    assert "to 26 November 2026, 09:00 UTC at the latest" in told
    assert "If nobody has confirmed it by then, it lifts itself." in told
    assert "Your credits: they are paid for and are never paused." in told
    assert "Write to us: help@example.org" in told


def test_p21_whoever_was_paused_by_mistake_gets_an_apology_with_the_cause(database):
    house = House(database)
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + 5 * HOUR)
    post = Post(database)
    post.clock.advance(5 * 3600)
    told, _ = letters(database, post)
    assert "We are sorry" in told
    assert "What went wrong: Our system misread what it saw." in told
    assert "The quota of the 5 hours that the pause took is given back" in told
