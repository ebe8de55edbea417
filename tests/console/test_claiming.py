from __future__ import annotations

import re

import pytest

from review_api.models import Decision
from review_api.vocabulary import Role
from tests.console.conftest import form_word
from tests.console.test_deciding import RESTORE, send
from tests.console.test_queue_page import shown
from tests.verdicts import payload

MINUTE = 60


def bar(page):
    """Give what the page says about who holds the case."""
    found = re.search(r'<section class="claim.*?</section>', page.text, re.DOTALL)
    return shown_text(found[0]) if found else None


def shown_text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def token_in(page):
    return re.search(r'name="token" value="([^"]+)"', page.text)[1]


def act(client, case_id, verb, **fields):
    page = client.get(f"/console/cases/{case_id}")
    form = {"form_word": form_word(page)} | fields
    if 'name="token"' in page.text:
        form.setdefault("token", token_in(page))
    return client.post(f"/console/cases/{case_id}/claim/{verb}", data=form)


def test_opening_a_free_case_takes_it_and_says_for_how_long(visit, case_id):
    text = bar(visit(Role.REVIEWER, "ana").get(f"/console/cases/{case_id}"))
    assert "You hold this case for 10 min" in text


def test_whoever_opens_it_next_reads_it_and_sees_who_holds_it(visit, case_id):
    visit(Role.REVIEWER, "ana").get(f"/console/cases/{case_id}")
    text = bar(visit(Role.REVIEWER, "bo").get(f"/console/cases/{case_id}"))
    assert "ana holds this case" in text
    assert "You can read it; a decision of yours would be refused." in text
    assert "Take it over" not in text


def test_a_viewer_takes_nothing(visit, case_id):
    assert bar(visit(Role.VIEWER).get(f"/console/cases/{case_id}")) is None


def test_a_decided_case_is_taken_by_nobody(visit, case_id, house):
    house.decide(case_id)
    assert bar(visit(Role.REVIEWER).get(f"/console/cases/{case_id}")) is None


def test_a_decision_on_a_case_that_somebody_else_holds_keeps_what_was_typed(visit, case_id, house):
    ana, bo = visit(Role.REVIEWER, "ana"), visit(Role.REVIEWER, "bo")
    ana.get(f"/console/cases/{case_id}")
    answer = send(bo, case_id, RESTORE)
    assert answer.status_code == 409
    assert "Nothing was decided: ana holds this case." in shown(answer)
    assert "A family of four" in answer.text
    assert house.count(Decision) == 0
    assert send(ana, case_id, RESTORE).status_code == 303


def test_a_heartbeat_renews_and_takes_a_free_case_again(visit, case_id, clock):
    ana = visit(Role.REVIEWER, "ana")
    clock.advance(5 * MINUTE)
    assert act(ana, case_id, "heartbeat").json() == {
        "mine": True,
        "by": "ana",
        "seconds": 600.0,
        "version": 2,
    }
    word = form_word(ana.get(f"/console/cases/{case_id}"))
    clock.advance(11 * MINUTE)
    url = f"/console/cases/{case_id}/claim/heartbeat"
    assert ana.post(url, data={"form_word": word}).json()["mine"]


def test_a_lost_heartbeat_is_told_who_has_the_case_now(visit, case_id, clock, house):
    ana = visit(Role.REVIEWER, "ana")
    word = form_word(ana.get(f"/console/cases/{case_id}"))
    clock.advance(11 * MINUTE)
    visit(Role.REVIEWER, "bo").get(f"/console/cases/{case_id}")
    house.take(payload(offset=8))
    url = f"/console/cases/{case_id}/claim/heartbeat"
    answer = ana.post(url, data={"form_word": word}).json()
    assert (answer["mine"], answer["by"], answer["version"]) == (False, "bo", 4)


@pytest.mark.parametrize(
    "verb", ["", "/heartbeat", "/extend", "/hand-over", "/release", "/force-release"]
)
def test_no_other_site_can_act_on_a_claim(visit, case_id, verb):
    lead = visit(Role.LEAD)
    lead.get(f"/console/cases/{case_id}")
    assert lead.post(f"/console/cases/{case_id}/claim{verb}", data={}).status_code == 403


@pytest.mark.parametrize("verb", ["heartbeat", "extend", "hand-over", "release", "force-release"])
def test_a_viewer_cannot_act_on_a_claim(visit, case_id, verb):
    assert act(visit(Role.VIEWER), case_id, verb).status_code == 403


def test_a_case_is_held_for_longer_handed_over_and_let_go(visit, case_id):
    ana, bo = visit(Role.REVIEWER, "ana"), visit(Role.REVIEWER, "bo")
    act(ana, case_id, "extend")
    page = ana.get(f"/console/cases/{case_id}")
    assert "You hold this case for 30 min" in bar(page)
    assert "<option>bo</option>" in page.text
    assert act(ana, case_id, "hand-over", to="bo").headers["location"] == "/console/"
    assert "bo holds this case" in bar(ana.get(f"/console/cases/{case_id}"))
    assert act(bo, case_id, "release").headers["location"] == "/console/"
    assert "You hold this case" in bar(ana.get(f"/console/cases/{case_id}"))


def test_a_lead_takes_a_case_over(visit, case_id):
    visit(Role.REVIEWER, "ana").get(f"/console/cases/{case_id}")
    lead = visit(Role.LEAD, "eve")
    assert "Take it over" in bar(lead.get(f"/console/cases/{case_id}"))
    act(lead, case_id, "force-release")
    assert "You hold this case" in bar(lead.get(f"/console/cases/{case_id}"))


def test_a_name_of_markup_is_shown_as_text(visit, case_id):
    visit(Role.REVIEWER, "<b>ana</b>").get(f"/console/cases/{case_id}")
    page = visit(Role.REVIEWER, "bo").get(f"/console/cases/{case_id}")
    assert "&lt;b&gt;ana&lt;/b&gt;" in page.text
    assert "<b>ana</b>" not in page.text
