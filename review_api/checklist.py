"""The innocent explanations that no figure tells: a person answers each before upholding.

What can be tested on figures comes with the verdict (`detectors.benign`). These cannot, so nobody
may uphold without having thought of them, and one that applies is a reason to restore.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind
from review_api.errors import BadRequestError
from review_api.vocabulary import Ruled

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Item:
    """One innocent explanation: its name in a decision's checklist, and the words for it."""

    code: str
    words: str


CHECKLIST: Final[Mapping[Kind, tuple[Item, ...]]] = {
    Kind.AUTOMATION: (
        Item("even_rhythm", "dictation or a browser extension keeps an even rhythm"),
        Item("deadline", "a deadline of their own: long days for a week, then rest"),
        Item(
            "unnamed_feature",
            "batch or variations of the platform itself, reported without its feature name",
        ),
    ),
    Kind.SCRIPTING: (
        Item("blocked_gestures", "a content blocker or an old client swallows gestures and views"),
        Item(
            "viewed_elsewhere",
            "results are looked at elsewhere: downloads, a shared folder, another device",
        ),
    ),
    Kind.CREDENTIAL_SHARING: (
        Item("new_device", "a new phone or computer takes over from an old one"),
        Item("assistant", "a carer or an assistant acts for the customer, who knows of it"),
    ),
    Kind.RESELLING: (
        Item("many_subjects", "a freelancer or an agency whose own work has many subjects"),
        Item("month_end", "heavy personal use at the end of the quota month"),
    ),
}


def check_answers(kind: Kind, answers: Mapping[str, Ruled]) -> None:
    """Refuse an uphold with an explanation unanswered, unknown, or found to apply."""
    asked = {item.code: item for item in CHECKLIST[kind]}
    if unknown := sorted(answers.keys() - asked.keys()):
        raise BadRequestError(f"checklist: {kind} cases do not ask about {unknown[0]}")
    for code, item in asked.items():
        answer = answers.get(code)
        if answer is None:
            raise BadRequestError(f"checklist: before upholding, answer {code}: {item.words}")
        if answer is Ruled.APPLIES:
            raise BadRequestError(f"checklist: {code} applies, and explains it: {item.words}")
    if all(answer is Ruled.CANNOT_TELL for answer in answers.values()):
        raise BadRequestError("checklist: nothing is ruled out, so there is nothing to uphold")
