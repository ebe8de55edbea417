"""Answers of people that cannot both be true, and when the more of them settle it.

Whoever is looked at often is sooner or later misjudged once. One such answer must neither keep
confirmed abuse among those that say what is honest, nor, the other way round, make an abuser of
somebody whom others cleared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.labels import Label
    from detectors.verdict import Kind

TOGETHER: Final = timedelta(days=30)
"""Two judgements of evidence so close speak of the same time."""
LEAD: Final = 2
PEOPLE: Final = 2
"""By so many answers a side must lead, and so many people must have given them."""


@dataclass(frozen=True, slots=True)
class Disputes:
    """Accounts whose answers contradict each other, and the decisions that others outvoted."""

    contradicted: tuple[str, ...]
    outvoted: frozenset[int]


def disputes(labels: Iterable[Label]) -> Disputes:
    """Find where one kind was both found and not found in an account at the same time."""
    asked: dict[tuple[str, Kind], list[Label]] = defaultdict(list)
    for label in labels:
        asked[label.account_id, label.kind].append(label)
    open_ones, outvoted = set(), set[int]()
    for (account, _), answers in asked.items():
        if not _differ(answers):
            continue
        if (lost := _outvoted(answers)) is None:
            open_ones.add(account)
        else:
            outvoted |= {label.decision_id for label in lost}
    return Disputes(tuple(sorted(open_ones)), frozenset(outvoted))


def _differ(answers: Sequence[Label]) -> bool:
    ordered = sorted(answers, key=lambda label: label.observed_at)
    return any(
        one.abusive is not other.abusive and other.observed_at - one.observed_at < TOGETHER
        for one, other in pairwise(ordered)
    )


def _outvoted(answers: Sequence[Label]) -> list[Label] | None:
    """Give the answers of the smaller side; None while neither leads by enough."""
    yes = [label for label in answers if label.abusive]
    no = [label for label in answers if not label.abusive]
    more, fewer = (yes, no) if len(yes) > len(no) else (no, yes)
    people = {label.reviewer for label in more}
    settled = len(more) - len(fewer) >= LEAD and len(people) >= PEOPLE
    return fewer if settled else None
