"""The strangest accounts that the thresholds rest on and that nobody has judged.

Abuse that nobody has confirmed counts as honest where thresholds are set, and raises them until it
hides itself. So reviewers look at the top of what calibrates: what they confirm is left out the
next night, what they clear stays, and the promise to honest people holds either way.

Source: label trimming (Bashari, Sesia and Romano, ICML 2025).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors.asking import alone
from detectors.verdict import Verdict  # noqa: TC001 - a night reads `Strange` back by its fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from detectors.asking import Judged
    from streams.columns import EventBatch


class Stand(NamedTuple):
    """Where an account stood highest, on the scale that all strata share."""

    common: float
    judged: Judged
    event: EventBatch


class Strange(NamedTuple):
    """An account that nobody has judged, how strange it is, and what a reviewer is shown."""

    account_id: str
    common: float
    verdict: Verdict


@dataclass(slots=True)
class Strangest:
    """Keeps the `most` highest of one partition's accounts as a replay goes by.

    `table` (S,) holds the model's strata, `first` is the first account-month that counts. Accounts
    in `decided` have been judged.
    """

    most: int
    table: NDArray[Any]
    first: int
    decided: frozenset[str]
    held: dict[int, Stand] = field(default_factory=dict)
    floor: float = 0.0

    def higher(self, lines: NDArray[Any]) -> NDArray[np.int64]:
        """Give the places of the lines (n,) at which an account may stand higher than before."""
        if not self.most:
            return np.zeros(0, dtype=np.int64)
        record = lines["standing"].astype(np.float32) >= lines["maximum"].astype(np.float32)
        counts = record & (lines["standing"] > 0.0) & (lines["month"] >= self.first)
        return np.flatnonzero(counts & (self._common(lines) > self.floor))

    def note(self, judged: Judged, batch: EventBatch, names: Sequence[str]) -> None:
        """Keep where an account stands, if that is higher than before and nobody has judged it."""
        row, common = int(judged.line["row"]), float(self._common(judged.line))
        before = self.held.get(row)
        if names[row] in self.decided or (before and before.common >= common):
            return
        at = int(judged.line["at"])
        self.held[row] = Stand(common, alone(judged), batch[at : at + 1])
        if len(self.held) > 2 * self.most:
            self._forget()

    def top(self) -> list[tuple[int, Stand]]:
        """Give the rows that stand highest and where, the strangest first."""
        ordered = sorted(self.held.items(), key=lambda one: (-one[1].common, one[0]))
        return ordered[: self.most]

    def _common(self, lines: Any) -> Any:
        rows = self.table[lines["stratum"]]
        return (lines["standing"] - rows["offset"]) / rows["gain"]

    def _forget(self) -> None:
        """Let go of all but the highest: where an account stands only rises."""
        self.held = dict(self.top())
        self.floor = min(stand.common for stand in self.held.values())


def foremost(parts: Iterable[Sequence[Strange]]) -> tuple[Strange, ...]:
    """Put the strangest of all partitions in one order."""
    found = [one for part in parts for one in part]
    return tuple(sorted(found, key=lambda one: (-one.common, one.account_id)))
