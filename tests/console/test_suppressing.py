"""The page of a case: what is held and asked, and holding the machine off without JavaScript."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from detectors.verdict import Kind, Response
from review_api.intake import Intake
from review_api.models import Suppression
from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction, Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.verdicts import HOUR, MONDAY, payload

FORM = {"kind": "", "days": "7", "reason": "A contest of our own."}


@pytest.fixture
def lead(visit):
    return visit(Role.LEAD)


def place(case_id):
    return f"/console/cases/{case_id}/suppressions"


def send(client, case_id, path=None, **form):
    word = form_word(client.get(f"/console/cases/{case_id}"))
    return client.post(path or place(case_id), data=FORM | form | {"form_word": word})


def asks(response, offset, **more):
    return payload(action=response.action, response=response, offset=offset, **more)


def test_the_page_says_what_is_held_and_what_is_asked_and_until_when(reviewer, house):
    case_id = house.take(asks(Response.HOLD, 8)).case_id
    house.take(asks(Response.CHALLENGE, 9), MONDAY + HOUR)
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Speed ramp held since 23 Nov 2026, 09:00 UTC, until 23 Dec 2026, 09:00 UTC" in text
    assert "Challenge open since 23 Nov 2026, 10:00 UTC, until 26 Nov 2026, 10:00 UTC" in text
    assert "This case has paused nobody." in text
    assert "Opened by a verdict that asked for a speed hold." in text
    assert "Speed hold asked for until 23 Dec 2026, 09:00 UTC." in text


def test_what_another_case_asked_is_said_to_be_another_cases(reviewer, house):
    first = house.take(asks(Response.HOLD, 8)).case_id
    other = house.take(payload(kind=Kind.RESELLING, offset=9)).case_id
    page = reviewer.get(f"/console/cases/{other}")
    assert re.search(rf'Speed ramp held</strong> by <a href="/console/cases/{first}"', page.text)


def test_a_page_with_nothing_held_says_nothing_of_it(reviewer, case_id):
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Speed ramp" not in text
    assert "Challenge" not in text


def test_a_lead_suppresses_from_the_page_and_sees_it(lead, case_id, house, database):
    answer = send(lead, case_id)
    assert (answer.status_code, answer.headers["location"]) == (
        303, f"/console/cases/{case_id}#suppressions",
    )  # fmt: skip
    text = shown(lead.get(f"/console/cases/{case_id}"))
    assert "Every kind until 30 Nov 2026, 09:00 UTC" in text
    assert "A contest of our own." in text
    assert house.take(payload(offset=9)).intake is Intake.SUPPRESSED
    with database.readers.begin() as session:
        opened = select(AuditEntry).where(AuditEntry.action == AuditAction.SUPPRESSION_OPENED)
        entry = session.scalars(opened).one()
    assert (entry.actor, entry.case_id) == ("lead", case_id)


def test_one_kind_may_be_chosen(lead, case_id, database):
    send(lead, case_id, kind="reselling")
    with database.readers.begin() as session:
        assert session.scalars(select(Suppression)).one().kind is Kind.RESELLING


def test_a_lead_ends_one_early_from_the_page(lead, case_id, house):
    send(lead, case_id)
    page = lead.get(f"/console/cases/{case_id}").text
    (end,) = re.findall(r'action="(/console/cases/[^"]+/end)"', page)
    assert send(lead, case_id, end).status_code == 303
    assert "End it now" not in lead.get(f"/console/cases/{case_id}").text
    later = MONDAY + HOUR
    other = payload(kind=Kind.RESELLING, offset=9, occurred_at=later.isoformat())
    assert house.take(other, later).intake is Intake.REVIEW


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": ""}, "Say for how many days, from 1 to 366."),
        ({"days": "0"}, "Say for how many days, from 1 to 366."),
        ({"days": "367"}, "Say for how many days, from 1 to 366."),
        ({"days": "\u0661"}, "Say for how many days, from 1 to 366."),
        ({"days": "9" * 5000}, "Say for how many days, from 1 to 366."),
        ({"reason": " "}, "Say why, in words."),
        ({"reason": "x" * 501}, "Say it in at most 500 characters."),
        ({"reason": "a\x00b"}, "Leave out control characters."),
        ({"kind": "gossip"}, "Choose one of the kinds."),
    ],
)
def test_a_form_with_a_fault_comes_back_filled_in_and_suppresses_nothing(
    lead, case_id, house, wrong, said
):
    answer = send(lead, case_id, **wrong)
    assert answer.status_code == 422
    assert said in shown(answer)
    if "reason" not in wrong:
        assert "A contest of our own." in answer.text
    assert house.count(Suppression) == 0


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
def test_others_see_it_and_are_offered_nothing_and_refused(visit, lead, case_id, house, role):
    send(lead, case_id)
    client = visit(role)
    page = client.get(f"/console/cases/{case_id}")
    assert "Every kind until 30 Nov 2026" in shown(page)
    assert "/suppressions" not in page.text
    assert send(client, case_id).status_code == 403
    assert house.count(Suppression) == 1


def test_a_form_another_site_made_is_refused(lead, case_id, house):
    assert lead.post(place(case_id), data=FORM).status_code == 403
    assert house.count(Suppression) == 0


def test_a_reason_cannot_become_markup(lead, case_id):
    send(lead, case_id, reason="<b>bold</b>")
    assert "<b>bold</b>" not in lead.get(f"/console/cases/{case_id}").text
