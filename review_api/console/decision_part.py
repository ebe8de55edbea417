"""What the page of a case says about its decision: who may take which, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from review_api.appeal_views import view_appeal
from review_api.appeals import appeals_of
from review_api.console.forms import DecisionForm, choices_for, reasons_for
from review_api.console.stepforms import offered
from review_api.console.suggesting import suggestions
from review_api.decisions import deciders
from review_api.threads import appeal_is_open, pending_decision, standing_decision
from review_api.vocabulary import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review_api.appeal_views import AppealView
    from review_api.cases import CaseView
    from review_api.console.stepforms import StepForm
    from review_api.console.visitors import Visit
    from review_api.models import Case, Decision
    from review_api.vocabulary import Choice, Outcome, ReasonCode


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """One case as a decider sees it.

    `reasons` is empty when nothing can be decided by this visitor now; `barred` says it is because
    they have judged the case that is appealed. `left` is how long what waits may be taken back.
    """

    form: DecisionForm
    reasons: Mapping[Choice, Mapping[Outcome, list[ReasonCode]]]
    suggestions: Mapping[ReasonCode, str]
    steps: tuple[StepForm, ...]
    appeals: tuple[AppealView, ...]
    standing: Decision | None
    pending: Decision | None
    left: timedelta
    appealed: bool
    barred: bool
    undoes: bool
    seconds: bool


def decision_part(
    visit: Visit, view: CaseView, form: DecisionForm | None, step: StepForm | None
) -> DecisionPart:
    """Gather the part; `form` and `step` are what was filled in and could not be taken."""
    case, visitor = view.case, visit.visitor
    pending, judged = pending_decision(case), visitor.caller.name in deciders(case)
    appealed = appeal_is_open(case)
    barred = appealed and judged
    free = visitor.decides and pending is None and not barred
    reasons = {each: reasons_for(each) for each in choices_for(view.status)} if free else {}
    return DecisionPart(
        form=form or _taken_back(case, visitor.caller.name),
        reasons=reasons,
        suggestions=suggestions(reasons, view.evidence[-1].verdict),
        steps=offered(visit, view, step),
        appeals=tuple(
            view_appeal(visit.session, each)
            for each in reversed(appeals_of(visit.session, case.id))
        ),
        standing=standing_decision(case),
        pending=pending,
        left=max(pending.effective_from - visit.now, timedelta(0)) if pending else timedelta(0),
        appealed=appealed,
        barred=barred and visitor.decides,
        undoes=_undoes(visit, pending),
        seconds=visitor.decides and not judged and _wants_second(pending),
    )


def _undoes(visit: Visit, pending: Decision | None) -> bool:
    if pending is None or not visit.visitor.decides:
        return False
    return visit.visitor.overrides or pending.reviewer == visit.visitor.caller.name


def _wants_second(pending: Decision | None) -> bool:
    return pending is not None and pending.needs_second and pending.second is None


def _taken_back(case: Case, name: str) -> DecisionForm:
    """Give back what somebody wrote who has just taken their decision back."""
    last = case.decisions[-1] if case.decisions else None
    if last is None or last.end is None or last.end.fate is not Fate.UNDONE:
        return DecisionForm()
    if last.reviewer != name:
        return DecisionForm()
    return DecisionForm(last.choice, last.reason_code, last.rationale, last.checklist, last.answer)
