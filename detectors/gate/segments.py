"""The second check: no group of customers may pay for the candidate with wrongful pauses.

Who is not confirmed as abusive counts as honest, which is hard on the candidate: a new family of
abuse looks like wrongful pauses until its first accounts are decided. So a group refuses only when
the candidate's pauses there exceed the budget, or twice the rest's share, by more than chance, and
the candidate pauses more accounts there than the champion by more than chance. Accounts that a
reviewer has cleared are a group of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import strata
from detectors.calibration import PATTERN
from detectors.gate.chance import LEVEL, at_least, holm, upper
from detectors.gate.check import Check
from detectors.gate.flips import excused
from detectors.gate.sides import PAUSE
from detectors.gate.weighed import HONEST
from streams.vocabulary import NETWORKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from detectors.gate.check import Limits
    from detectors.gate.flips import FlipsReviewed
    from detectors.gate.weighed import Weighed

NAME: Final = "wrongful pauses by segment"
TWICE: Final = 2.0
_NETWORKS: Final = {code: name for name, code in NETWORKS.items()}


def _country(code: int) -> str:
    return chr(code >> 8) + chr(code & 255) if code else "unknown"


WORDS: Final[dict[str, Callable[[int], str]]] = {
    "country": _country,
    "network": lambda code: _NETWORKS.get(code, "unknown"),
    "plan": lambda plan: f"{plan:016x}"[:8] if plan else "unknown",
    "tenure": lambda code: strata.TENURES[code],
    "volume": lambda code: strata.VOLUMES[code],
}
"""The segments, and how a value of each is called."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Honest account-months of one value: how many, and how many either model would pause.

    `newly` and `released` count accounts, `rest` and `rest_paused` the months outside it.
    """

    of: str
    value: str
    months: int
    champion: int
    candidate: int
    newly: int
    released: int
    rest: int
    rest_paused: int

    @property
    def name(self) -> str:
        return f"{self.of} {self.value}"

    @property
    def share(self) -> float:
        return self.candidate / self.months

    def chance(self, budget: float) -> float:
        """Give the probability that so much would happen to a candidate that does no harm."""
        over = at_least(self.candidate, self.months, budget)
        unequal = 1.0
        if self.rest:
            twice = TWICE * self.months
            every = self.candidate + self.rest_paused
            unequal = at_least(self.candidate, every, twice / (twice + self.rest))
        worse = at_least(self.newly, self.newly + self.released, 0.5)
        return max(worse, min(1.0, 2.0 * min(over, unequal)))

    def row(self, budget: float) -> dict[str, Any]:
        """Give the figures for the card."""
        return {
            "segment": self.of, "value": self.value, "months": self.months,
            "champion": self.champion / self.months, "candidate": self.share,
            "at_most": upper(self.candidate, self.months), "newly": self.newly,
            "released": self.released, "chance": self.chance(budget),
        }  # fmt: skip


def segments(weighed: Weighed, reviewed: FlipsReviewed, limits: Limits) -> Check:
    """Look for a group of honest customers whom the candidate would pause too often."""
    found = list(counted(weighed, excuse=excused(reviewed, limits)))
    budget = weighed.budget
    refused = [
        segment
        for segment, refuse in zip(found, holm([s.chance(budget) for s in found]), strict=True)
        if refuse and segment.newly - segment.released >= PATTERN
    ]
    cleared = _cleared(weighed)
    figures = {"budget": budget, "segments": [one.row(budget) for one in found]} | cleared
    sentence = _cleared_refuses(cleared, budget) or _refuses(refused, budget)
    if sentence:
        return Check(name=NAME, passed=False, sentence=sentence, figures=figures)
    worst = max(found, key=lambda one: one.share, default=None)
    most = f"; most in {worst.name}, {worst.share:.2%}" if worst else ""
    sentence = (
        f"no segment of {len(found)} is surely over the budget of {budget:.2%} or twice the rest "
        f"and worse than with the champion{most}"
    )
    return Check(name=NAME, passed=True, sentence=sentence, figures=figures)


def counted(weighed: Weighed, *, excuse: bool = False) -> Iterator[Segment]:
    """Count every segment; `excuse` leaves out whom it newly pauses and reviewers confirm."""
    months = weighed.months
    paused = [months[side]["rank"] == PAUSE for side in ("champion", "candidate")]
    honest = weighed.not_confirmed
    cleared = weighed.standing[months["account"]] == HONEST
    if excuse:
        honest = honest & (cleared | paused[0] | ~paused[1])
    newly, released = (_accounts(months, *pair) for pair in (paused[::-1], paused))
    for of, word in WORDS.items():
        for value in np.unique(months[of][honest]).tolist():
            inside = honest & (months[of] == value)
            outside = honest & ~inside
            yield Segment(
                of, word(value), int(inside.sum()),
                int((inside & paused[0]).sum()), int((inside & paused[1]).sum()),
                _distinct(months, inside & newly), _distinct(months, inside & released),
                int(outside.sum()), int((outside & paused[1]).sum()),
            )  # fmt: skip


def _accounts(
    months: NDArray[Any], by: NDArray[np.bool_], but: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which months one model pauses, of accounts that the other pauses in none."""
    found: NDArray[np.bool_] = by & ~np.isin(months["account"], months["account"][but])
    return found


def _distinct(months: NDArray[Any], inside: NDArray[np.bool_]) -> int:
    return len(np.unique(months["account"][inside]))


def _cleared(weighed: Weighed) -> dict[str, int]:
    months = weighed.months
    cleared = weighed.standing[months["account"]] == HONEST
    paused = [months[side]["rank"] == PAUSE for side in ("champion", "candidate")]
    return {
        "cleared": _distinct(months, cleared),
        "cleared_newly": _distinct(months, cleared & _accounts(months, paused[1], paused[0])),
        "cleared_released": _distinct(months, cleared & _accounts(months, *paused)),
    }


def _cleared_refuses(cleared: dict[str, int], budget: float) -> str:
    """Refuse more than a few customers whom a reviewer cleared, unless it lets as many go."""
    count, newly, released = cleared.values()
    if newly - released < PATTERN or at_least(newly, count, budget) > LEVEL:
        return ""
    return (
        f"it would pause {newly} customers whom reviewers cleared and the champion leaves alone "
        f"(and let {released} go), of {count} cleared"
    )


def _refuses(refused: list[Segment], budget: float) -> str:
    if not refused:
        return ""
    worst = max(refused, key=lambda one: one.newly - one.released)
    rest = worst.rest_paused / worst.rest if worst.rest else 0.0
    others = f"; {len(refused) - 1} more segments" if len(refused) > 1 else ""
    return (
        f"{worst.name}: it would pause {worst.share:.2%} of {worst.months} account-months that "
        f"nobody confirmed as abuse (champion {worst.champion / worst.months:.2%}, elsewhere "
        f"{rest:.2%}, budget {budget:.2%}){others}"
    )
