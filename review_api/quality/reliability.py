"""How often a reviewer is right, as far as golden cases and other people's answers tell.

Of few answers the figure stays near what is expected of anybody: four right of five. Answers of
"cannot be told" count neither way. Who disagrees with somebody who is often wrong is not held to be
wrong as often: from three people on their consensus says who was right. `reliability_of(...).mean`
is made for weighing labels.

Source: the Beta-binomial posterior; Dawid and Skene (1979) where three or more people overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.quality.answers import Answer, pairs_since
from review_api.quality.chances import beta_quantile
from review_api.quality.raters import Vote, consensus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.quality.answers import Pair

RIGHT_BEFORE: Final = 4  # what is expected of anybody before they have answered anything
WRONG_BEFORE: Final = 1
TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class Reliability:
    """One reviewer: right on `golden` of `golden_of` golden cases, agreeing on `agreed` of `pairs`.

    `among_all` is the share that Dawid and Skene's consensus of everybody gives, None of fewer
    than three people.
    """

    reviewer: str
    golden: int = 0
    golden_of: int = 0
    agreed: int = 0
    pairs: int = 0
    among_all: float | None = None

    @property
    def _right(self) -> int:
        told = self.agreed if self.among_all is None else round(self.among_all * self.pairs)
        return RIGHT_BEFORE + self.golden + told

    @property
    def _wrong(self) -> int:
        return RIGHT_BEFORE + WRONG_BEFORE + self.golden_of + self.pairs - self._right

    @property
    def mean(self) -> float:
        """The expected share of right answers."""
        return self._right / (self._right + self._wrong)

    @property
    def low(self) -> float:
        """Below it the share lies with a chance of 1 in 40."""
        return beta_quantile(self._right, self._wrong, TAIL)

    @property
    def high(self) -> float:
        """Above it, likewise."""
        return beta_quantile(self._right, self._wrong, 1.0 - TAIL)


def reliability_of(session: Session, reviewer: str, since: datetime | None = None) -> Reliability:
    """Give the reliability of one reviewer; of somebody never compared, what is expected of all."""
    known = {one.reviewer: one for one in reliabilities(pairs_since(session, since))}
    return known.get(reviewer, Reliability(reviewer))


def reliabilities(pairs: Sequence[Pair]) -> tuple[Reliability, ...]:
    """Give the reliability of everybody in these pairs, by name."""
    names = sorted({pair.looker for pair in pairs} | {pair.decider for pair in pairs})
    together = consensus(_votes(pairs))
    return tuple(
        _reliability(name, pairs, together.right.get(name) if together else None) for name in names
    )


def _reliability(name: str, pairs: Iterable[Pair], among_all: float | None) -> Reliability:
    mine = [pair for pair in pairs if name in {pair.looker, pair.decider}]
    golden = [pair for pair in mine if pair.known and pair.looker == name]
    sure = [pair for pair in golden if Answer.UNSURE not in {pair.known, pair.looked}]
    # A golden case says itself who is right: it is not counted once more as an agreement.
    both = [pair for pair in mine if not pair.known]
    both = [pair for pair in both if Answer.UNSURE not in {pair.decided, pair.looked}]
    return Reliability(
        reviewer=name,
        golden=sum(pair.looked is pair.known for pair in sure),
        golden_of=len(sure),
        agreed=sum(pair.same for pair in both),
        pairs=len(both),
        among_all=among_all,
    )


def _votes(pairs: Iterable[Pair]) -> set[Vote]:
    votes = set()
    for pair in pairs:
        for name, answer in ((pair.looker, pair.looked), (pair.decider, pair.decided)):
            if answer is not Answer.UNSURE:
                votes.add(Vote(pair.case_id, name, answer.value))
    return votes
