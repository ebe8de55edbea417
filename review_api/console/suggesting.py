"""A first sentence for a rationale, from the reason chosen and what stood out most.

It is only a beginning: the reviewer edits it, and what is recorded is what they send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review_api.console.forms import REASON_WORDS
from review_api.vocabulary import OUTCOME_OF, Outcome, ReasonCode, choice_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.verdict import Verdict
    from review_api.vocabulary import Choice

_SAID: Final[Mapping[Outcome, str]] = {
    Outcome.FALSE_POSITIVE: "{reason}. That, and not abuse, is behind what stood out most: {top}.",
    Outcome.BENIGN: "{reason}. That is what stood out most, and it is allowed: {top}.",
    Outcome.INCONCLUSIVE: "{reason}. What stood out most is no proof: {top}.",
    Outcome.CONFIRMED: "{reason}. What stood out most: {top}. No innocent explanation holds.",
}


def suggestion(reason: ReasonCode, verdict: Verdict) -> str:
    """Give the sentence for one reason."""
    said = REASON_WORDS[reason]
    if not verdict.reasons:
        return f"{said}."
    top = verdict.reasons[0].sentence.rstrip(".")
    return _SAID[OUTCOME_OF[reason]].format(reason=said, top=top[:1].lower() + top[1:])


def suggestions(choices: Mapping[Choice, object], verdict: Verdict) -> dict[ReasonCode, str]:
    """Give the sentence for each reason of the choices that a form offers."""
    return {each: suggestion(each, verdict) for each in ReasonCode if choice_of(each) in choices}


def with_suggestion(written: str, said: str) -> str:
    """Add the sentence to what is written, once."""
    return written if said in written else "\n".join(filter(None, (written.rstrip(), said)))
