"""The events of a case as sentences, each decision with the rationale that came with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.vocabulary import Refusal
from review_api.console.forms import REASON_WORDS
from review_api.console.words import plain, when
from review_api.parsing import instant
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from review_api.models import CaseEvent, Decision

REFUSAL_WORDS: Final[Mapping[str, str]] = {
    Refusal.ALREADY_PAUSED: "another case already pauses the account",
    Refusal.LEASE_SPENT: "this case has had its one pause",
    Refusal.RESTORED_BY_PERSON: "a person restored the account not long ago",
    Refusal.PROTECTED: "a person restored the account, and for a time it takes stronger evidence",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words."""

    sequence: int
    at: datetime
    actor: str
    words: str
    rationale: str | None = None


def told(events: Iterable[CaseEvent], decisions: Iterable[Decision]) -> tuple[Told, ...]:
    """Tell the thread, oldest first."""
    waiting = iter(decisions)
    lines = []
    for event in events:
        decision = next(waiting, None) if event.kind is CaseEventKind.DECIDED else None
        words = _decided(decision) if decision else _words(event)
        rationale = decision.rationale if decision else None
        lines.append(Told(event.sequence, event.at, event.actor, words, rationale))
    return tuple(lines)


def _decided(decision: Decision) -> str:
    reason = REASON_WORDS[decision.reason_code]
    return f"Decided: {decision.choice}, {plain(decision.outcome)}. {reason}."


def _words(event: CaseEvent) -> str:
    detail = event.detail
    match event.kind:
        case CaseEventKind.OPENED:
            return f"Opened by a verdict that asked for {_asked(detail)}."
        case CaseEventKind.VERDICT_ADDED:
            return f"Another verdict asked for {_asked(detail)}."
        case CaseEventKind.PAUSED:
            until = instant(str(detail.get("until", "")))
            return f"Monthly quota paused{f' until {when(until)}' if until else ''}."
        case CaseEventKind.PAUSE_WITHHELD:
            refusal = str(detail.get("refusal", ""))
            return f"Pause withheld: {REFUSAL_WORDS.get(refusal, plain(refusal))}."
        case CaseEventKind.LEASE_LAPSED:
            return "The pause lifted itself: nobody had decided in time."
        case CaseEventKind.DECIDED:
            return "Decided."


def _asked(detail: Mapping[str, object]) -> str:
    return "a pause" if detail.get("action") == "pause" else "a review"
