"""What watching detectors would have asked for, and how much of it was asked for anyway.

One count an account and month of the strongest that a detector would have asked for. It is shared
by an acting detector if that one asked for at least as much in the same month, before or after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from detectors.memory import MONTH
from detectors.policy import RANKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.verdict import Response, Verdict


def overlaps(verdict: Verdict) -> bool:
    """Tell whether acting detectors had asked for at least what a watching one would have."""
    return RANKS.index(verdict.asked) >= RANKS.index(verdict.shadow)


@dataclass(frozen=True, slots=True)
class Shared:
    """In `months` account-months a detector would have asked for a response; `also` were asked."""

    detector: str
    response: Response
    months: int
    also: int


@dataclass
class Overlap:
    """Keeps of verdicts what they asked for or would have, by account and month."""

    asked: dict[tuple[str, int], int] = field(default_factory=dict)
    would: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def learn(self, verdicts: Iterable[Verdict]) -> None:
        """Take verdicts in, in any order."""
        for verdict in verdicts:
            month = int(np.datetime64(verdict.occurred_at.rstrip("Z"), "us").astype(int) // MONTH)
            account, rank = verdict.account_id, RANKS.index(verdict.shadow)
            if rank:
                key = verdict.detector, account, month
                self.would[key] = max(rank, self.would.get(key, 0))
            else:
                # A verdict that only asks for a look names no response, and counts as the mildest.
                rank = max(RANKS.index(verdict.response), 1)
                self.asked[account, month] = max(rank, self.asked.get((account, month), 0))

    def table(self) -> list[Shared]:
        """Give one row a detector and response, in the order of their names and strength."""
        found: dict[tuple[str, int], list[bool]] = {}
        for (detector, account, month), rank in self.would.items():
            also = self.asked.get((account, month), 0) >= rank
            found.setdefault((detector, rank), []).append(also)
        return [
            Shared(detector, RANKS[rank], len(also), sum(also))
            for (detector, rank), also in sorted(found.items())
        ]
