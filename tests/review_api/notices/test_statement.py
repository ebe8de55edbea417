from __future__ import annotations

import re
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.evidence import EVIDENCE
from detectors.explanation import codes
from detectors.rules import RULES
from detectors.verdict import Kind
from review_api.notices.observations import STEPS, TOLD, more_than, observed
from review_api.notices.statement import read_statement, state_reasons, write_statement
from tests.review_api.notices.secrecy import LIMITS, assert_tells_nothing_of_how, pinned
from tests.verdicts import MONDAY, verdict

REASON = verdict().reasons[0]


@pytest.mark.parametrize("code", sorted(codes()))
@settings(max_examples=8, deadline=None)
@given(st.floats(0, 1e5, allow_nan=False), st.sampled_from(Kind), st.integers(0, 10**6))
def test_no_reason_whatever_it_observed_tells_how_it_was_found(code, value, kind, events):
    group = {evidence.code: evidence for evidence in EVIDENCE}.get(code)
    sentence = group.words(min(value, 600)) if group else f"{value} of it"
    said = msgspec.structs.replace(
        REASON, code=code, observed=value, percentile=0.9987, sentence=sentence, kind=kind
    )
    found = verdict(kind=kind, reasons=[said], events=events, stratum="pro/heavy/new",
                    model_version="m-20261120-ab12", view_fingerprint="f00dfeed")  # fmt: skip
    assert_tells_nothing_of_how(state_reasons(pinned(found)), found)


def test_every_reason_code_has_its_words_and_no_other_has():
    assert set(TOLD) == set(codes())


def test_no_step_to_which_figures_are_rounded_is_a_limit_of_a_rule():
    assert not LIMITS & {str(step) for step in STEPS}
    assert not LIMITS & {f"{step} %" for step in STEPS}


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_figure_is_only_ever_rounded_down(count):
    told = more_than(count)
    assert told is None or told < count


def test_a_rule_that_speaks_at_its_limit_does_not_tell_the_limit():
    for rule in RULES:
        said = observed([rule.reason(rule.least)])
        assert said
        assert not set(re.findall(r"\d+", said[0])) & LIMITS


def test_what_other_accounts_did_is_told_to_nobody():
    shared = msgspec.structs.replace(
        REASON, code="linked_to_confirmed", sentence="3 accounts that share a device", observed=3.0
    )
    assert observed([shared]) == ()


def test_what_several_reasons_observed_is_said_once():
    alike = [msgspec.structs.replace(REASON, code=code) for code in ("even_gaps", "similar_gaps")]
    assert len(observed(alike)) == 1


def test_it_says_what_the_law_asks_for():
    run = msgspec.structs.replace(REASON, code="equal_gap_run", observed=212.0)
    statement = state_reasons(pinned(verdict(reasons=[run])))
    # Article 17(3): (a) what, where, how long; (b) facts; (c) automated means; (e) the clause and
    # why; (f) redress. Nobody notified us, and nothing of it is illegal: (d) is empty.
    assert statement.decision_provision == "DECISION_PROVISION_PARTIAL_SUSPENSION"
    assert (statement.decision_visibility, statement.decision_monetary) == (None, None)
    assert statement.decision_account is None
    assert statement.application_date == "2026-11-23"
    assert statement.end_date_service_restriction == "2026-11-26"
    assert "had the same length" in statement.decision_facts
    assert statement.source_type == "SOURCE_VOLUNTARY"
    assert statement.automated_detection == "Yes"
    assert statement.automated_decision == "AUTOMATED_DECISION_FULLY"
    assert "personal, human use" in statement.incompatible_content_explanation
    assert "Article 20" in statement.redress.internal_complaint
    assert "Article 21" in statement.redress.out_of_court
    assert "court" in statement.redress.court
    assert statement.free_of_charge
    # Article 22(3) GDPR
    assert "person" in statement.rights.human_intervention
    assert "your side" in statement.rights.express_view
    assert "contest" in statement.rights.contest
    assert "credits" in " ".join(statement.still_works)


def test_a_person_who_confirmed_it_is_said():
    statement = state_reasons(pinned(verdict(), confirmed=True))
    assert statement.automated_decision == "AUTOMATED_DECISION_PARTIALLY"
    assert not statement.lifts_itself


def test_a_statement_is_read_as_it_was_written_and_a_later_field_is_no_harm():
    statement = state_reasons(pinned(verdict()))
    assert read_statement(write_statement(statement) | {"later": 1}) == statement


def test_times_are_read_back_as_times():
    written = write_statement(state_reasons(pinned(verdict())))
    assert read_statement(written).period.until == MONDAY
    assert SimpleNamespace(**written).since.startswith("2026-11-23T09:00:00")
