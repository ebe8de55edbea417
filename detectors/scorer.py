"""Live and archived scoring alike: readings of one partition in, verdicts out.

The scorer keeps one small record an account and nothing else; given the same readings in the same
order it says the same, whoever asks. It publishes; it can pause nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors import memory
from detectors.bank import KINDS
from detectors.benign import standings, unexplained
from detectors.causes import Observed
from detectors.clearing import clearing
from detectors.explanation import reasons, unknown
from detectors.policy import Policy, Thresholds, strong_groups
from detectors.rules import RULES, hard_bits
from detectors.verdict import Action, Verdict, verdict_id
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.model import Model
    from features.state import FeatureState, Readings
    from streams.columns import EventBatch

ACTIONS = tuple(Action)  # in rising order; a record holds the position


@dataclass(frozen=True, slots=True)
class Judged:
    """One reading as it stood at its place in the log: everything a verdict is made of.

    `events` were known of the account, `nats` (F,) are the tail values, `scores` (K,) the smoothed
    scores, `maximum` the month's running maximum, `hard` the rules that hold, a bit each.
    """

    row: int
    at: int
    events: int
    vector: NDArray[np.float64]
    nats: NDArray[np.float64]
    scores: NDArray[np.float64]
    maximum: float
    hard: int

    @property
    def kind(self) -> int:
        """Position of the kind that a verdict names: a hard rule's, else the highest score."""
        for position, rule in enumerate(RULES):
            if self.hard >> position & 1:
                return KINDS.index(rule.kind)
        return int(np.argmax(self.scores))


@dataclass
class Scorer:
    """Scores one partition with one model under one policy."""

    model: Model
    policy: Policy = field(default_factory=Policy)
    records: NDArray[Any] = field(default_factory=lambda: np.zeros(1024, dtype=memory.RECORD))

    def __post_init__(self) -> None:
        self.thresholds: Thresholds = self.model.require().thresholds(self.policy)

    def judge(
        self, batch: EventBatch, readings: Readings, state: FeatureState, topic: str = ""
    ) -> list[Verdict]:
        """Score the readings of one batch in order; returns a verdict for each action that rose."""
        self.records = memory.room_for(self.records, state.accounts)
        if not len(readings):
            return []
        scores, nats = self.model.bank.score(readings.vectors)
        bits = hard_bits(readings.vectors)
        times = batch.events["t"][readings.at]
        maxima, candidates = np.empty(len(readings)), np.empty(len(readings), dtype=np.int64)
        count = memory.remember(
            self.records, readings.rows, times, readings.vectors[:, 0], scores, bits,
            self.thresholds.review, self.thresholds.pause, maxima, candidates,
        )  # fmt: skip
        verdicts = []
        for i in candidates[:count].tolist():
            judged = Judged(
                int(readings.rows[i]), int(readings.at[i]), int(readings.events[i]),
                readings.vectors[i], nats[i], scores[i], float(maxima[i]), int(bits[i]),
            )  # fmt: skip
            action = self._rise(judged, int(times[i]))
            if action is not None:
                verdicts.append(self._verdict(judged, action, batch, state, topic))
        return verdicts

    def _rise(self, judged: Judged, t: int) -> Action | None:
        """Apply the policy to one candidate; None when the month's action does not rise."""
        record = self.records[judged.row]
        action = self.thresholds.action(
            judged.maximum, unexplained(judged.vector, judged.nats), judged.kind,
            hard=judged.hard != 0,
        )  # fmt: skip
        rank, month = ACTIONS.index(action), t // memory.MONTH
        if rank <= (record["action"] if record["action_month"] == month else 0):
            return None
        record["action"], record["action_month"] = rank, month
        record["strongest"] = max(int(record["strongest"]), rank)
        if record["first_action_t"] == 0:
            record["first_action_t"] = t
        return action

    def _verdict(
        self, judged: Judged, action: Action, batch: EventBatch, state: FeatureState, topic: str
    ) -> Verdict:
        event, account = batch.events[judged.at], state.names[judged.row]
        kind, version = KINDS[judged.kind], self.model.manifest.version
        where = f"{topic}/{event['partition']}/{event['offset']}/{event['index']}"
        known = self.model.bank.tails.known_at(judged.vector[0])
        found = reasons(judged.vector, judged.nats, known, judged.kind, judged.hard)
        return Verdict(
            verdict_id=verdict_id(account, kind, action, version, where),
            account_id=account,
            kind=kind,
            action=action,
            abuse=unit(judged.maximum),
            scores={k: unit(float(s)) for k, s in zip(KINDS, judged.scores, strict=True)},
            reasons=found,
            occurred_at=rfc3339(int(event["t"])),
            model_version=version,
            view_fingerprint=VIEW.fingerprint,
            topic=topic,
            partition=int(event["partition"]),
            offset=int(event["offset"]),
            index=int(event["index"]),
            events=judged.events,
            p_value=self.model.calibration.p_value(judged.maximum),
            features=_named(judged.vector),
            groups=sorted(strong_groups(judged.nats, judged.kind)),
            unknown=unknown(judged.vector),
            benign=standings(Observed.of(judged.vector), [reason.code for reason in found]),
            clearing=clearing(judged, action, self.model.bank, self.thresholds),
        )


def _named(vector: NDArray[np.float64]) -> dict[str, float | None]:
    values = (None if np.isnan(value) else float(value) for value in vector)
    return dict(zip(VIEW.names, values, strict=True))


def unit(score: float) -> float:
    """Map a score onto [0, 1] keeping its order: 0.5 is the median account, 0.75 one in ten."""
    return 0.5 + 0.5 * score / (1.0 + abs(score))


def rfc3339(t: int) -> str:
    """Write microseconds since 1970 as the contract's time."""
    return f"{np.datetime64(t, 'us')}Z"
