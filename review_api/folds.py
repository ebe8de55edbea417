"""What is derived from a case's thread of events: values in, values out.

Nothing of it is ever stored as truth; the queue keeps a copy (`review_api.queue_entries`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from review_api.vocabulary import STATUS_AFTER, CaseEventKind, CaseStatus, Choice, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review_api.models import Case, CaseEvent, Decision


def status_of(case: Case) -> CaseStatus:
    """Derive where the case is from what has happened to it."""
    return status_after(case.events)


def status_after(events: Iterable[CaseEvent]) -> CaseStatus:
    """Fold the events, oldest first: a decision taken back leaves the case where it was."""
    status = before = CaseStatus.OPEN
    for event in events:
        match event.kind:
            case CaseEventKind.DECIDED:
                before, status = status, STATUS_AFTER[Choice(event.detail["choice"])]
            case CaseEventKind.UNDONE | CaseEventKind.OVERRULED:
                status = before
            case CaseEventKind.REOPENED:
                status = CaseStatus.OPEN
            case CaseEventKind.APPEALED:
                # Also what a decision taken back would leave behind: the appeal stays.
                status, before = _contested(status), _contested(before)
            case _:
                pass
    return status


def settled_status(case: Case) -> CaseStatus:
    """Derive where the case is for everybody outside: as if what still waits were not decided."""
    waiting = last_of(case, CaseEventKind.DECIDED) if pending_decision(case) else 0
    return status_after(event for event in case.events if event.sequence != waiting)


def _contested(status: CaseStatus) -> CaseStatus:
    return CaseStatus.APPEALED if status is CaseStatus.UPHELD else status


def version_of(case: Case) -> int:
    """Give the number of things that have happened to the case."""
    return len(case.events)


def pending_decision(case: Case) -> Decision | None:
    """Give the decision that still waits for its grace to end, or for a second person."""
    return next((each for each in case.decisions if each.end is None), None)


def standing_decision(case: Case) -> Decision | None:
    """Give the last decision that nobody took back."""
    kept = (each for each in reversed(case.decisions)
            if each.end is None or each.end.fate is Fate.TOOK_EFFECT)  # fmt: skip
    return next(kept, None)


def appeal_is_open(case: Case) -> bool:
    """Say whether the customer waits for another person's look."""
    return last_of(case, CaseEventKind.APPEALED) > last_of(case, CaseEventKind.APPEAL_DECIDED)


def waits_for_customer(case: Case) -> bool:
    """Say whether a question to the customer has no answer yet."""
    return last_of(case, CaseEventKind.ASKED) > last_of(case, CaseEventKind.ANSWERED)


def last_event(case: Case, kind: CaseEventKind) -> CaseEvent | None:
    """Give the last event of a kind, if there is one."""
    return next((event for event in reversed(case.events) if event.kind is kind), None)


def last_of(case: Case, kind: CaseEventKind) -> int:
    """Give the place in the thread of the last event of a kind; 0 when there is none."""
    last = last_event(case, kind)
    return last.sequence if last else 0
