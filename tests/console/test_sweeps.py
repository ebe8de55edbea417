"""The sweep pages: from a restored case to everybody else, with ten read first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from review_api.policy import BreakerPolicy
from review_api.sweeps.carrying_out import sweep_some
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.house import POLICY
from tests.verdicts import HOUR, MONDAY, payload


@pytest.fixture
def restored(house):
    """Pause four accounts for one thing and restore the first."""
    house.policy = replace(POLICY, breaker=BreakerPolicy(100, 100, 100))
    cases = [house.take(payload(f"acc_{n}")).case_id for n in range(4)]
    house.decide(cases[0])
    return cases[0]


def send(client, path, word, **form):
    return client.post(f"/console/{path}", data=form | {"form_word": word})


def test_a_lead_restores_everybody_paused_like_a_restored_case(visit, house, restored):
    lead = visit(Role.LEAD, "lea")
    case_page = lead.get(f"/console/cases/{restored}")
    assert "Paused for the same reason" in shown(case_page)
    word = form_word(case_page)
    cause = {"reason_code": "shared_network", "rationale": "One <b>gateway</b>.", "exempt_days": 2}
    made = send(lead, "sweeps", word, from_case_id=restored, **cause)
    where = made.headers["location"].removeprefix("/console/")
    preview = lead.get(f"/console/{where}")
    assert "Restore 3 accounts for one cause" in shown(preview)
    assert "&lt;b&gt;gateway" in preview.text
    assert all(f"acc_{n}" in preview.text for n in (1, 2, 3))
    assert house.access(MONDAY, "acc_1").paused
    for stage in ("tenth", "half", "all"):
        assert send(lead, where, word, stage=stage).status_code == 303
        sweep_some(house.database.writers, ManualClock(MONDAY + HOUR), house.policy)
    assert "3 of 3 done" in shown(lead.get(f"/console/{where}"))
    assert not any(house.access(MONDAY + HOUR, f"acc_{n}").paused for n in range(4))
    assert "until 25 Nov 2026" in shown(lead.get("/console/sweeps"))


def test_a_stage_out_of_turn_is_explained_on_the_page(visit, restored):
    lead = visit(Role.LEAD)
    word = form_word(lead.get(f"/console/cases/{restored}"))
    cause = {"reason_code": "shared_network", "rationale": "A gateway.", "exempt_days": 0}
    made = send(lead, "sweeps", word, from_case_id=restored, **cause)
    refused = send(lead, made.headers["location"].removeprefix("/console/"), word, stage="all")
    assert refused.status_code == 409
    assert "The sweep goes to half before it goes to all." in shown(refused)


def test_a_reviewer_is_offered_no_sweep_and_may_make_none(visit, restored):
    reviewer = visit(Role.REVIEWER)
    case_page = reviewer.get(f"/console/cases/{restored}")
    assert "Paused for the same reason" not in shown(case_page)
    cause = {"reason_code": "shared_network", "rationale": "A gateway.", "exempt_days": 0}
    made = send(reviewer, "sweeps", form_word(case_page), from_case_id=restored, **cause)
    assert made.status_code == 403
    assert reviewer.get("/console/sweeps").status_code == 403
