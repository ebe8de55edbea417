"""The events of a case as sentences, each decision with the rationale that came with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.vocabulary import Refusal
from review_api.console.forms import REASON_WORDS
from review_api.console.words import plain, sentence, when
from review_api.parsing import instant
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from review_api.models import CaseEvent, Decision

    Detail = Mapping[str, object]

REFUSAL_WORDS: Final[Mapping[str, str]] = {
    Refusal.ALREADY_PAUSED: "another case already pauses the account",
    Refusal.LEASE_SPENT: "this case has had its one pause",
    Refusal.RESTORED_BY_PERSON: "a person restored the account not long ago",
    Refusal.ALREADY_ASKED: "another case already asked for it",
    Refusal.MEASURE_SPENT: "this case has asked for it once",
    Refusal.BREAKER: "more pauses were asked for than may be taken in a minute",
    Refusal.DETECTOR_WATCHING: "the detector that asked for it only watches",
    Refusal.EXEMPTED: "it looks like a known mistake, and an exemption stands",
    Refusal.PROMISE_IN_DOUBT: "audits put the promise in doubt, and the machine pauses nobody",
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
    return _SENTENCES[event.kind](event.detail)


def _asked(detail: Detail) -> str:
    # What was written before there were responses has an action only.
    if detail.get("action") == "pause":
        return "a pause"
    return {"hold": "a speed hold", "challenge": "a challenge"}.get(
        str(detail.get("response")), "a review"
    )


def _until(detail: Detail) -> str:
    until = instant(str(detail.get("until", "")))
    return f" until {when(until)}" if until else ""


def _measure(detail: Detail) -> str:
    return sentence(plain(str(detail.get("measure", "measure"))))


def _given(detail: Detail) -> str:
    share = float(str(detail.get("share", 0)))
    return f"{share:.1%} of the quota of {detail.get('month')} on top"


def _refusal(detail: Detail) -> str:
    refusal = str(detail.get("refusal", ""))
    return REFUSAL_WORDS.get(refusal, plain(refusal))


_SENTENCES: Final[Mapping[CaseEventKind, Callable[[Detail], str]]] = {
    CaseEventKind.OPENED: lambda said: f"Opened by a verdict that asked for {_asked(said)}.",
    CaseEventKind.VERDICT_ADDED: lambda said: f"Another verdict asked for {_asked(said)}.",
    CaseEventKind.PAUSED: lambda said: f"Monthly quota paused{_until(said)}.",
    CaseEventKind.PAUSE_WITHHELD: lambda said: f"Pause withheld: {_refusal(said)}.",
    CaseEventKind.MEASURE_TAKEN: lambda said: f"{_measure(said)} asked for{_until(said)}.",
    CaseEventKind.MEASURE_WITHHELD: lambda said: f"{_measure(said)} withheld: {_refusal(said)}.",
    CaseEventKind.CHALLENGE_ANSWERED: lambda said: (
        f"The customer {'met' if said.get('passed') else 'did not meet'} the challenge."
    ),
    CaseEventKind.SUPPRESSED: lambda _: "Nothing was done about it: a suppression stood.",
    CaseEventKind.LEASE_LAPSED: lambda _: "The pause lifted itself: nobody had decided in time.",
    CaseEventKind.DECIDED: lambda _: "Decided.",
    CaseEventKind.TOOK_EFFECT: lambda _: "The decision was carried out.",
    CaseEventKind.UNDONE: lambda _: "The decision was taken back before it was carried out.",
    CaseEventKind.SECONDED: lambda _: "A second person agreed.",
    CaseEventKind.OVERRULED: lambda _: "A second person did not agree: the case is open again.",
    CaseEventKind.REOPENED: lambda said: f"Opened again: {said.get('words')}",
    CaseEventKind.NOTED: lambda said: f"Note: {said.get('words')}",
    CaseEventKind.ASKED: lambda said: f"Asked the customer: {said.get('words')}",
    CaseEventKind.ANSWERED: lambda said: f"The customer answered: {said.get('words')}",
    CaseEventKind.EXTENDED: lambda said: (
        f"The pause may wait longer{_until(said)}: {said.get('words')}"
    ),
    CaseEventKind.ESCALATED: lambda said: f"Handed to the leads: {said.get('words')}",
    CaseEventKind.APPEALED: lambda _: "The customer appealed.",
    CaseEventKind.APPEAL_DECIDED: lambda said: f"The appeal was decided: {said.get('result')}.",
    CaseEventKind.MADE_GOOD: lambda said: f"The lost time was made good: {_given(said)}.",
}
