"""The forms of a case page: what they offer, and what was filled in, with its faults in words.

Nothing here decides: a ruling that can be read goes to `review_api.decisions`, a suppression to
`review_api.suppressions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind
from review_api.decisions import Ruling
from review_api.models import RATIONALE_LENGTH, SUPPRESSION_REASON_LENGTH
from review_api.suppressions import LONGEST_DAYS
from review_api.vocabulary import (
    MOVES,
    OUTCOME_OF,
    Choice,
    Outcome,
    ReasonCode,
    Ruled,
    choice_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review_api.checklist import Item
    from review_api.vocabulary import CaseStatus

OUTCOME_WORDS: Final[Mapping[Outcome, str]] = {
    Outcome.FALSE_POSITIVE: "False positive: the machine misread what it saw",
    Outcome.BENIGN: "Benign: it saw rightly, and it is allowed",
    Outcome.INCONCLUSIVE: "Inconclusive: the customer gets the benefit of the doubt",
    Outcome.CONFIRMED: "Confirmed: the rules were broken",
}

REASON_WORDS: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.AUTOMATION_CONFIRMED: "A program made the requests",
    ReasonCode.SCRIPTING_CONFIRMED: "A script drove the session",
    ReasonCode.SHARING_CONFIRMED: "Several people use the login",
    ReasonCode.RESALE_CONFIRMED: "The quota serves other people's customers",
    ReasonCode.CUSTOMER_ACKNOWLEDGED: "The customer said so",
    ReasonCode.SIGNALS_MISREAD: "The signals were misread",
    ReasonCode.SHARED_NETWORK: "A family, an office or a carrier behind one address",
    ReasonCode.TRAVEL_OR_VPN: "Travel or a VPN",
    ReasonCode.OFFICIAL_FEATURE: "An official feature or plug-in did it",
    ReasonCode.ACCESSIBILITY_TOOL: "An accessibility tool",
    ReasonCode.OWN_DEVICES: "One person with many devices",
    ReasonCode.HEAVY_PERSONAL_USE: "Heavy personal use",
    ReasonCode.INSUFFICIENT_EVIDENCE: "The evidence is not enough",
    ReasonCode.GOODWILL: "Goodwill",
    ReasonCode.OFFER_SEATS: "Several people with a good reason: offer seats",
    ReasonCode.OFFER_API_PLAN: "A program with a good reason: offer the API plan",
}


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What was filled in, as it came, and what is wrong with it, by field."""

    choice: str = ""
    reason_code: str = ""
    rationale: str = ""
    checklist: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def choices_for(status: CaseStatus) -> list[Choice]:
    """Give what may be decided on a case that stands there."""
    return [choice for choice in Choice if (status, choice) in MOVES]


def reasons_for(choice: Choice) -> dict[Outcome, list[ReasonCode]]:
    """Give the reasons that go with a choice, by the outcome they stand for."""
    by_outcome: dict[Outcome, list[ReasonCode]] = {}
    for reason, proves in OUTCOME_OF.items():
        if choice_of(reason) is choice:
            by_outcome.setdefault(proves, []).append(reason)
    return by_outcome


def faults_of(
    form: DecisionForm, checklist: Sequence[Item] = (), *, needs_answer: bool = False
) -> dict[str, str]:
    """Say what is missing or wrong, in the order of the form."""
    faults = {}
    if form.choice not in list(Choice):
        faults["choice"] = "Choose whether to restore, to uphold or to convert."
    if form.reason_code not in list(ReasonCode):
        faults["reason_code"] = "Choose the reason."
    elif not faults and choice_of(ReasonCode(form.reason_code)) != form.choice:
        faults["reason_code"] = f"Choose a reason that goes with “{form.choice}”."
    if form.choice == Choice.UPHOLD and (fault := _checklist_fault(form, checklist)):
        faults["checklist"] = fault
    if not form.rationale.strip():
        faults["rationale"] = "Say why, in words."
    elif fault := _text_fault(form.rationale):
        faults["rationale"] = fault
    if needs_answer and not form.answer.strip():
        faults["answer"] = "Answer the customer in words: they have appealed."
    elif fault := _text_fault(form.answer):
        faults["answer"] = f"The answer to the customer: {fault}"
    return faults


def _checklist_fault(form: DecisionForm, checklist: Sequence[Item]) -> str | None:
    left = sum(item.code not in form.checklist for item in checklist)
    if left:
        return f"Answer every innocent explanation before upholding: {left} left."
    for item in checklist:
        if form.checklist[item.code] == Ruled.APPLIES:
            return f"You say this applies, so there is nothing to uphold: {item.words}."
    if checklist and set(form.checklist.values()) == {Ruled.CANNOT_TELL}:
        return "No innocent explanation is ruled out, so there is nothing to uphold."
    return None


def _text_fault(text: str) -> str | None:
    if len(text) > RATIONALE_LENGTH:
        return f"Say it in at most {RATIONALE_LENGTH} characters; these are {len(text)}."
    return "Leave out control characters." if "\x00" in text else None


def ruling_of(form: DecisionForm, version: int) -> Ruling:
    """Read a form without faults."""
    reason = ReasonCode(form.reason_code)
    return Ruling(
        Choice(form.choice),
        OUTCOME_OF[reason],
        reason,
        form.rationale,
        version,
        {code: Ruled(answer) for code, answer in form.checklist.items()},
        form.answer,
    )


DAYS: Final = frozenset(str(days) for days in range(1, LONGEST_DAYS + 1))


@dataclass(frozen=True, slots=True)
class SuppressionForm:
    """What was filled in to hold the machine off; `kind` empty means every abuse kind."""

    days: str = ""
    kind: str = ""
    reason: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def suppression_faults(form: SuppressionForm) -> dict[str, str]:
    """Say what is missing or wrong, in the order of the form."""
    faults = {}
    if form.kind not in {"", *Kind}:
        faults["kind"] = "Choose one of the kinds."
    if form.days not in DAYS:
        faults["days"] = f"Say for how many days, from 1 to {LONGEST_DAYS}."
    if not form.reason.strip():
        faults["reason"] = "Say why, in words."
    elif len(form.reason) > SUPPRESSION_REASON_LENGTH:
        faults["reason"] = f"Say it in at most {SUPPRESSION_REASON_LENGTH} characters."
    elif "\x00" in form.reason:
        faults["reason"] = "Leave out control characters."
    return faults
