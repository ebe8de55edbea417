"""The page of detectors, and the notice on the queue while something is held back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from detectors.rules import RULES
from detectors.verdict import Kind
from review_api.policy import BreakerPolicy
from review_api.records import AuditEntry
from review_api.standing import Detector, Word, set_standing
from review_api.vocabulary import AuditAction, DetectorStanding, Role
from tests.console.test_queue_page import shown
from tests.house import POLICY
from tests.verdicts import HOUR, MONDAY, payload

NARROW = replace(POLICY, breaker=BreakerPolicy(segment_pauses_per_minute=1))


@pytest.fixture
def watch(house):
    def named(name, why="Every commuter looks like it."):
        with house.database.writers.begin() as session:
            word = Word(DetectorStanding.DETECT_ONLY, "lea", why)
            set_standing(session, Detector(name), word, MONDAY)

    return named


def flood(house, count, now=MONDAY):
    house.policy = NARROW
    for number in range(count):
        house.take(payload(f"acc_{number}", offset=number), now)


def test_an_ordinary_hour_shows_no_notice(reviewer, case_id):
    assert "breaker" not in reviewer.get("/console/").text


def test_pauses_held_back_are_told_on_the_queue(reviewer, house):
    flood(house, 4)
    text = shown(reviewer.get("/console/"))
    assert "The breaker held back 3 pauses in the last hour." in text
    assert "Each has its case all the same; nothing is paused later by itself." in text


def test_pauses_held_back_an_hour_ago_are_told_no_more(reviewer, house):
    flood(house, 4, MONDAY - HOUR)
    assert "held back" not in reviewer.get("/console/").text


def test_a_detector_that_only_watches_is_told_on_the_queue(reviewer, watch):
    watch("metronome")
    page = reviewer.get("/console/")
    assert "1 detector only watches. Its verdicts open cases and pause nobody." in shown(page)
    assert 'href="/console/detectors"' in page.text
    watch("no_rest")
    assert "2 detectors only watch. Their verdicts" in shown(reviewer.get("/console/"))


def test_a_search_shows_no_notice(reviewer, watch):
    watch("metronome")
    assert "only watches" not in reviewer.get("/console/search?name=acc_1").text


def test_the_page_lists_every_rule_and_kind_those_that_watch_first(visit, watch):
    watch("no_rest")
    page = visit(Role.VIEWER).get("/console/detectors")
    listed = re.findall(r'<th scope="row">\s*<span class="id">([^<]+)', page.text)
    assert listed[0] == "no_rest"
    assert set(listed) == {*Kind, *(rule.code for rule in RULES)}
    text = shown(page)
    assert "Hard rule Only watches" in text
    assert "Every commuter looks like it. lea, 23 Nov 2026, 09:00 UTC" in text
    assert "metronome Hard rule Acts 0 None decided Always acted" in text


def test_the_page_shows_pauses_and_mistakes_of_each_model_version(reviewer, house, case_id):
    house.decide(case_id)
    text = shown(reviewer.get("/console/detectors"))
    assert "automation Score of model m1 Acts 1 last 23 Nov 2026, 09:00 UTC" in text
    assert "1 of 1 decided 2 to 100 %" in text
    assert "scripting Score of every model" in text


def test_the_page_states_the_rules_it_goes_by(reviewer):
    text = shown(reviewer.get("/console/detectors"))
    assert "After 5 in a row, or when the interval lies above 20 %" in text
    assert "at most 10 pauses are taken, 8 on verdicts of one model, 4 in one" in text


def test_whoever_looks_is_in_the_audit_log(reviewer, database):
    reviewer.get("/console/detectors")
    with database.readers.begin() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.actor, entry.action) == ("reviewer", AuditAction.DETECTORS_LISTED)


def test_neither_a_name_nor_a_reason_can_become_markup(reviewer, house, watch):
    evil = "<script>alert(1)</script>"
    house.take(payload(detector=evil))
    watch(evil, evil)
    page = reviewer.get("/console/detectors")
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert") == 2


def test_the_thread_says_why_a_pause_was_withheld(reviewer, house, watch):
    flood(house, 2)
    house.policy = POLICY
    watch("metronome")
    watched = house.take(payload("acc_9", detector="metronome")).case_id
    held = house.view(house.take(payload("acc_1", offset=99)).case_id).case.id
    assert (
        "the detector that asked for it only watches"
        in reviewer.get(f"/console/cases/{watched}").text
    )
    assert "more pauses were asked for" in reviewer.get(f"/console/cases/{held}").text
