from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from detectors.verdict import Action, Kind
from review_api.console.queuepages import PAGE_SIZE
from review_api.policy import BreakerPolicy
from review_api.records import AuditEntry
from review_api.references import reference_of
from review_api.vocabulary import AuditAction, Choice, Role
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict


def accounts(page):
    return re.findall(r"data-row>([^<]+)</a>", page.text)


def shown(page):
    """Give a page's text as one reads it."""
    text = re.sub(r"<[^>]+>", " ", page.text)
    text = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
    return re.sub(r" (?=[,.])", "", text)


def test_the_queue_has_the_order_of_the_api(visit, house):
    house.take(payload("acc_review", action=Action.REVIEW, abuse=0.99), MONDAY - DAY)
    house.take(payload("acc_late"), MONDAY)
    house.take(payload("acc_early"), MONDAY - HOUR)
    assert accounts(visit(Role.VIEWER).get("/console/")) == ["acc_early", "acc_late", "acc_review"]


def test_a_line_says_what_is_paused_until_when_how_strange_and_why(reviewer, house):
    house.take(payload(), MONDAY - 5 * HOUR)
    text = shown(reviewer.get("/console/"))
    for words in (
        "Paused for 5 h",
        "lifts itself in 2 d 19 h",
        "0.97 extreme",
        "212 of 220 jobs came exactly 60 seconds after the one before. hard evidence",
        "Automation · 1 observation",
        "Open cases 1",
        "Accounts paused now 1",
        "Longest open 5 h",
    ):
        assert words in text


@pytest.mark.parametrize("came", [{"audit": 0.04}, {"calibrating": True}])
def test_what_only_asks_for_a_look_leads_nobody_by_its_score(reviewer, house, came):
    case_id = house.take(payload(action=Action.REVIEW, abuse=0.83, **came)).case_id
    page = reviewer.get("/console/").text
    assert "Shown once it is decided" in page
    assert "0.83" not in page
    house.decide(case_id, Choice.RESTORE)
    assert "0.83" in reviewer.get("/console/?status=restored").text


def test_filters_narrow_by_status_and_kind(reviewer, house):
    restored = house.take(payload("acc_restored")).case_id
    house.decide(restored)
    house.decide(house.take(payload("acc_upheld")).case_id, Choice.UPHOLD)
    house.take(payload("acc_open", kind=Kind.RESELLING))
    for query, expected in {
        "": ["acc_open"],
        "?status=restored": ["acc_restored"],
        "?status=upheld": ["acc_upheld"],
        "?status=open&kind=reselling": ["acc_open"],
        "?status=open&kind=automation": [],
    }.items():
        assert accounts(reviewer.get(f"/console/{query}")) == expected
    assert len(accounts(reviewer.get("/console/?status=all"))) == 3


def test_an_empty_queue_says_so(reviewer):
    page = reviewer.get("/console/")
    assert "Nothing waits for a decision." in page.text
    assert "<table" not in page.text
    assert "No case matches" in reviewer.get("/console/?kind=reselling").text


def test_pages_follow_each_other_and_keep_the_filter(reviewer, house):
    for number in range(PAGE_SIZE + 3):
        house.take(payload(f"acc_{number:02}", offset=number))
    first = reviewer.get("/console/?kind=automation")
    link = re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&")
    assert "kind=automation" in link
    second = reviewer.get(link)
    assert len(accounts(first)) == PAGE_SIZE
    assert len({*accounts(first), *accounts(second)}) == PAGE_SIZE + 3
    assert 'rel="next"' not in second.text
    assert "First page" in second.text


def test_a_search_finds_an_accounts_cases_decided_or_not(reviewer, house):
    restored = house.take(payload()).case_id
    house.decide(restored, now=MONDAY)
    house.take(payload(kind=Kind.RESELLING, offset=9))
    house.take(payload("acc_2"))
    page = reviewer.get("/console/search", params={"name": " acc_1 "})
    assert accounts(page) == ["acc_1", "acc_1"]
    assert "· restored" in page.text
    assert accounts(reviewer.get("/console/search", params={"name": restored})) == ["acc_1"]


def test_a_search_finds_the_case_that_a_customers_letter_names(reviewer, house):
    case_id = house.take(payload()).case_id
    house.take(payload("acc_2", offset=2))
    for written in (reference_of(case_id), reference_of(case_id).lower().replace("-", "")):
        page = reviewer.get("/console/search", params={"name": written})
        assert accounts(page) == ["acc_1"]


def test_a_search_that_finds_nothing_says_so(reviewer, case_id):
    for name in ("", "acc", "%", "acc_1' OR '1'='1", "a\x00b", "ключ"):
        page = reviewer.get("/console/search", params={"name": name})
        assert page.status_code == 200
        assert accounts(page) == []
        assert "No case has this id" in page.text


def test_a_malformed_question_gets_a_page_in_words(reviewer):
    for query in ("status=banned", "kind=x", "cursor=abc", "cursor=%00", "cursor=" + "a" * 401):
        answer = reviewer.get(f"/console/?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["content-type"].startswith("text/html")
        assert "<h1>" in answer.text


def test_a_case_with_several_verdicts_shows_the_newest(reviewer, house):
    house.take(payload(abuse=0.8, action=Action.REVIEW))
    house.take(payload(offset=8, abuse=0.91))
    assert "0.91 extreme" in shown(reviewer.get("/console/"))


def test_a_verdict_without_reasons_is_listed(reviewer, house):
    house.take(payload(reasons=[]))
    assert "0 observations" in shown(reviewer.get("/console/"))


def test_whoever_lists_or_searches_is_in_the_audit_log(reviewer, case_id, database):
    reviewer.get("/console/")
    reviewer.get("/console/search", params={"name": "acc_1"})
    with database.readers.begin() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.actor, entry.action, entry.detail) for entry in entries] == [
        ("reviewer", AuditAction.CASES_LISTED, "1 cases, waiting"),
        ("reviewer", AuditAction.CASES_LISTED, "1 cases, searched"),
    ]


def test_an_account_id_cannot_become_markup(reviewer, house):
    evil = "\"><script>alert(1)</script>&'"
    house.take(payload(verdict(evil).account_id))
    for page in (
        reviewer.get("/console/"),
        reviewer.get("/console/search", params={"name": evil}),
        reviewer.get("/console/search", params={"name": evil + "x"}),
    ):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


def test_a_line_says_that_a_pause_was_asked_for_and_not_taken(reviewer, house):
    house.take(payload("acc_paused"), MONDAY)
    house.take(payload("acc_seen", action=Action.REVIEW), MONDAY)
    assert "a pause was asked for" not in shown(reviewer.get("/console/"))
    house.policy = replace(house.policy, breaker=BreakerPolicy(pauses_per_minute=0))
    house.take(payload("acc_withheld"), MONDAY)
    text = shown(reviewer.get("/console/"))
    assert text.count("a pause was asked for") == 1
    assert "Not paused a pause was asked for" in text
