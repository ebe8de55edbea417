"""The page of quality, its CSV, the next case and second looks in the console."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.verdict import Action
from review_api.quality.records import Look
from review_api.vocabulary import Choice, Role
from tests.console.conftest import form_word
from tests.verdicts import HOUR, MONDAY, payload


@pytest.fixture
def decided(house):
    case_id = house.take(payload(), MONDAY - 5 * HOUR).case_id
    house.decide(case_id, Choice.RESTORE, MONDAY - HOUR)
    return case_id


def test_wrongful_pause_hours_are_the_first_figure_of_the_page(visit, decided):
    page = visit(Role.VIEWER).get("/console/quality").text
    assert page.index("Wrongful-pause hours") < page.index("Restored by detector")
    assert "4.0<span" in page
    assert "Reviewers <span" not in page
    assert len(page) < 300_000


@pytest.mark.parametrize("days", ["7", "30", "90"])
def test_each_period_has_its_page_and_its_table(visit, decided, days):
    client = visit(Role.LEAD)
    assert f'days={days}" aria-current="true"' in client.get(f"/console/quality?days={days}").text
    sheet = client.get(f"/console/quality.csv?days={days}")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "pauses,wrongful,hours,4.0\r\n" in sheet.text
    assert client.get("/console/quality?days=8").status_code == 422


def test_the_next_case_leads_to_the_case_and_then_home(visit, house):
    reviewer = visit(Role.REVIEWER)
    assert reviewer.get("/console/next").headers["location"] == "/console/"
    case_id = house.take(payload()).case_id
    assert reviewer.get("/console/next").headers["location"] == f"/console/cases/{case_id}"
    assert visit(Role.VIEWER).get("/console/next").status_code == 403


def test_a_second_look_shows_evidence_and_neither_account_score_nor_decision(
    visit, app, decided, house
):
    app.state.parts = replace(
        app.state.parts, policy=replace(app.state.parts.policy, double_share=1.0)
    )
    for route in app.routes:
        if getattr(route, "path", "") == "/console":
            route.app.state.parts = app.state.parts
    reviewer = visit(Role.REVIEWER, "ben")
    where = reviewer.get("/console/next").headers["location"]
    assert where.startswith("/console/looks/")
    page = reviewer.get(where)
    for hidden in ("acc_1", "0.97", decided, "Looked at every job", "ana"):
        assert hidden not in page.text
    assert "212 of 220 jobs" in page.text
    form = {"form_word": form_word(page), "reason_code": "signals_misread", "rationale": ""}
    assert reviewer.post(where, data=form).status_code == 422
    before = house.view(decided).version
    answer = reviewer.post(where, data=form | {"rationale": "A person."})
    assert answer.status_code == 303
    assert house.count(Look) == 1
    assert house.view(decided).version == before
    assert visit(Role.REVIEWER, "cem").get(where).status_code == 404


def test_an_audit_shows_its_score_only_once_it_is_decided(visit, house):
    drawn = payload(action=Action.REVIEW, audit=0.01, abuse=0.61)
    case_id = house.take(drawn, MONDAY - HOUR).case_id
    reviewer = visit(Role.REVIEWER)
    blind = reviewer.get(f"/console/cases/{case_id}").text
    assert "212 of 220 jobs" in blind
    assert "0.61" not in blind
    assert "Scores by kind" not in blind
    house.decide(case_id, Choice.RESTORE, MONDAY, reviewer="reviewer")
    assert "0.61" in reviewer.get(f"/console/cases/{case_id}").text


def test_a_lead_makes_a_decided_case_golden_from_its_page(visit, decided):
    lead = visit(Role.LEAD, "lea")
    page = lead.get(f"/console/cases/{decided}")
    assert "Make it a golden case" in page.text
    known = {"outcome": "benign", "why": "They <sent> the receipt.", "form_word": form_word(page)}
    assert lead.post(f"/console/cases/{decided}/golden", data=known).status_code == 303
    marked = lead.get(f"/console/cases/{decided}").text
    assert "They &lt;sent&gt; the receipt." in marked
    assert "Make it a golden case" not in marked


def test_nobody_but_a_lead_is_offered_to_make_a_case_golden_nor_an_open_one(visit, decided, house):
    assert "golden case" not in visit(Role.REVIEWER).get(f"/console/cases/{decided}").text
    waiting = house.take(payload("acc_2")).case_id
    assert "golden case" not in visit(Role.LEAD).get(f"/console/cases/{waiting}").text


def test_without_audits_nothing_is_said_of_whom_the_machine_let_pass(visit, decided):
    page = visit(Role.VIEWER).get("/console/quality").text
    audits = page[page.index("What random audits tell") :]
    assert audits.count("nothing to say yet") == 2
    assert "10000 in 10,000" not in page
