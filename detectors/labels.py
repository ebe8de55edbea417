"""Labels: what people found out of accounts, when it was so and since when it is known.

Values only; where they come from is `review_api.labels`. A label belongs to the moment whose
evidence was judged (valid time) and counts from the moment it was known (transaction time), so that
a set of labels can be had again as it was at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.disputes import disputes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detectors.verdict import Kind
    from streams.place import Place

CLIPPED: Final = 50.0
LEAST: Final = 0.1
EARLY: Final = timedelta(days=1)
"""Evidence may lie so long after the answer: events carry the clock of whoever sent them."""


class Provenance(StrEnum):
    """How it came to be known."""

    DECISION = "decision"  # a reviewer decided a case that the machine chose
    APPEAL = "appeal"  # another reviewer answered the customer
    AUDIT = "audit"  # chance chose the account
    FLIP = "flip"  # a newer model would have treated the account otherwise
    CALIBRATION = "calibration"  # thresholds rested on it, and nobody had looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Whether one account did one kind of abuse, as a person judged it.

    `place` is that of the last evidence before the decision, `features` the vector pinned there
    (None is unknown), under `view_fingerprint` and by `model_version`. `probability` is that of
    having been looked at, `reliability` the reviewer's expected share of right answers then.
    """

    account_id: str
    kind: Kind
    abusive: bool
    outcome: str
    case_id: str
    decision_id: int
    observed_at: datetime
    known_at: datetime
    reviewer: str
    provenance: Provenance = Provenance.DECISION
    probability: float = 1.0
    reliability: float = 1.0
    place: Place | None = None
    features: Mapping[str, float | None] = field(default_factory=dict)
    view_fingerprint: str = ""
    model_version: str = ""

    @property
    def early(self) -> bool:
        """Whether it was known before there was anything to see: what was seen is no example."""
        return self.observed_at > self.known_at + EARLY

    @property
    def weight(self) -> float:
        """For how many examples it counts: those it was drawn for, as far as its word is trusted.

        Inverse inclusion probability (Horvitz and Thompson 1952), at most `CLIPPED`; times
        2 r - 1 of a reviewer right with probability r, the share of an answer that is no guess.
        """
        return min(1.0 / self.probability, CLIPPED) * max(2.0 * self.reliability - 1.0, LEAST)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one account teaches: its confirmed kind or None for honest, its weight, and the place.

    Without a place all that is known of the account teaches. Who does not teach is not left out of
    what is usual.
    """

    kind: Kind | None
    weight: float = 1.0
    place: Place | None = None
    teaches: bool = True


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What was known at `known_by` of evidence up to `observed_by`.

    Accounts in `contradicted` have labels of one kind that cannot both be true.
    """

    labels: tuple[Label, ...]
    known_by: datetime
    observed_by: datetime
    contradicted: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Name the set by what it says, without naming an account: sixteen hex digits."""
        rows = sorted((one.case_id, one.decision_id, one.kind, one.abusive) for one in self.labels)
        return hashlib.blake2b(repr(rows).encode(), digest_size=8).hexdigest()

    def kinds(self) -> dict[str, Kind | None]:
        """Give each account's confirmed kind, None for honest; the contradicted left out.

        Of several confirmed kinds the one that was known last stands; who is outvoted says nothing.
        """
        found: dict[str, Kind | None] = {}
        for one in self._heard():
            if one.account_id not in self.contradicted and (
                one.abusive or one.account_id not in found
            ):
                found[one.account_id] = one.kind if one.abusive else None
        return found

    def judgements(self) -> dict[str, Judgement]:
        """Give what each judged account teaches; the contradicted and the early teach nothing."""
        found: dict[str, Judgement] = {}
        kinds = self.kinds()
        for one in self._heard():
            if one.account_id not in kinds:
                found[one.account_id] = Judgement(None, teaches=False)
            elif kinds[one.account_id] == (one.kind if one.abusive else None):
                kind = one.kind if one.abusive else None
                found[one.account_id] = Judgement(kind, one.weight, one.place, not one.early)
        return found

    def _heard(self) -> list[Label]:
        """Give the labels that count, in the order in which they were known."""
        outvoted = disputes(self.labels).outvoted
        heard = [label for label in self.labels if label.decision_id not in outvoted]
        return sorted(heard, key=lambda label: (label.known_at, label.decision_id))

    def effective(self) -> float:
        """Give the effective number of labels under their weights (Kish 1965)."""
        weights = np.array([label.weight for label in self.labels])
        return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
