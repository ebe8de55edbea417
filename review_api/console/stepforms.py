"""The small forms of a case page: note, question, longer wait, hand-over to the leads, reopening.

What each step does and refuses is in `review_api.steps`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from review_api import steps
from review_api.threads import pending_decision, waits_for_customer
from review_api.vocabulary import UNDECIDED, CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from review_api.cases import CaseView
    from review_api.console.visitors import Visit
    from review_api.models import CaseEvent
    from review_api.steps import Step


class StepName(StrEnum):
    """Which step, as its form's address has it."""

    QUESTION = "question"
    EXTENSION = "extension"
    ESCALATION = "escalation"
    NOTE = "note"
    REOPENING = "reopening"


@dataclass(frozen=True, slots=True)
class StepForm:
    """One form: what it is called, the key that opens it, and what was typed with what fault."""

    name: StepName
    key: str
    title: str
    label: str
    hint: str
    done: str
    words: str = ""
    fault: str = ""


FORMS: Final[Mapping[StepName, StepForm]] = {
    form.name: form
    for form in (
        StepForm(
            StepName.QUESTION,
            "a",
            "Ask the customer",
            "The question, as the customer reads it",
            "It stands on their status page and is sent to them. The pause goes on meanwhile.",
            "The question is on its way to the customer.",
        ),
        StepForm(
            StepName.EXTENSION,
            "w",
            "Let the pause wait longer",
            "Why it cannot be decided in time",
            "Moves the time at which the pause lifts itself.",
            "The pause may wait longer now.",
        ),
        StepForm(
            StepName.ESCALATION,
            "e",
            "Hand to the leads",
            "What a lead should look at",
            "The case goes up in the leads' queue; anybody may still decide it.",
            "The leads see the case now.",
        ),
        StepForm(
            StepName.NOTE,
            "o",
            "Write a note",
            "The note",
            "For the next reviewer; the customer never reads it.",
            "The note is in the thread.",
        ),
        StepForm(
            StepName.REOPENING,
            "b",
            "Open the case again",
            "What was wrong with the decision",
            "What the decision taught is withdrawn. Nobody is paused by opening it again.",
            "The case is open again.",
        ),
    )
}

TAKE: Final[Mapping[StepName, Callable[[Session, Step, Visit], CaseEvent]]] = {
    StepName.QUESTION: lambda session, step, visit: steps.ask_customer(session, step, visit.now),
    StepName.EXTENSION: lambda session, step, visit: steps.extend_pause(
        session, step, visit.now, visit.policy
    ),
    StepName.ESCALATION: lambda session, step, visit: steps.escalate(session, step, visit.now),
    StepName.NOTE: lambda session, step, visit: steps.note(session, step, visit.now),
    StepName.REOPENING: lambda session, step, visit: steps.reopen(session, step, visit.now),
}


def offered(visit: Visit, view: CaseView, typed: StepForm | None) -> tuple[StepForm, ...]:
    """Give the forms that make sense now, with what was typed into one that could not be taken."""
    if not visit.visitor.decides:
        return ()
    waiting = pending_decision(view.case) is not None
    undecided = view.status in UNDECIDED and not waiting
    extended = sum(event.kind is CaseEventKind.EXTENDED for event in view.events)
    pauses = view.pause is not None and view.pause.in_force
    sensible = {
        StepName.QUESTION: undecided and not waits_for_customer(view.case),
        StepName.EXTENSION: undecided and pauses and extended < visit.policy.most_extensions,
        StepName.ESCALATION: undecided,
        StepName.NOTE: True,
        StepName.REOPENING: (
            view.status not in UNDECIDED and not waiting and visit.visitor.overrides
        ),
    }
    wanted = [FORMS[name] for name, makes_sense in sensible.items() if makes_sense]
    if typed is None:
        return tuple(wanted)
    # What somebody typed is never lost, even where the step makes no sense any more.
    return tuple(typed if each.name is typed.name else each for each in wanted) + (
        () if typed.name in {each.name for each in wanted} else (typed,)
    )


def with_fault(name: StepName, words: str, fault: str) -> StepForm:
    """Give a form back with what was typed into it and why it was not taken."""
    return replace(FORMS[name], words=words, fault=fault)
