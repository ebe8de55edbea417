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
from detectors.explanation import reasons
from detectors.policy import Policy, Thresholds
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
    """One reading's outcome: everything a verdict is made of."""

    position: int
    kind: int
    action: Action
    vector: NDArray[np.float64]
    nats: NDArray[np.float64]


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
        candidates = np.empty(len(readings), dtype=np.int64)
        count = memory.remember(
            self.records, readings.rows, times, readings.vectors[:, 0], scores, bits,
            self.thresholds.review, candidates,
        )  # fmt: skip
        verdicts = []
        for i in candidates[:count]:
            risen = self._decide(int(i), int(readings.rows[i]), int(times[i]), scores, bits, nats)
            if risen is not None:
                judged = Judged(int(i), *risen, readings.vectors[i], nats[i])
                verdicts.append(self._verdict(judged, batch, readings, state, topic))
        return verdicts

    def _decide(
        self, i: int, row: int, t: int, scores: NDArray[Any], bits: NDArray[Any], nats: NDArray[Any]
    ) -> tuple[int, Action] | None:
        """Apply the policy to one candidate; None when the month's action does not rise."""
        record = self.records[row]
        hard = int(bits[i])
        kind = _leading(hard, scores[i])
        action = self.thresholds.action(float(record["maximum"]), nats[i], kind, hard=hard != 0)
        rank = ACTIONS.index(action)
        if rank <= record["action"]:
            return None
        record["action"] = rank
        record["strongest"] = max(int(record["strongest"]), rank)
        if record["first_action_t"] == 0:
            record["first_action_t"] = t
        return kind, action

    def _verdict(
        self, judged: Judged, batch: EventBatch, readings: Readings, state: FeatureState, topic: str
    ) -> Verdict:
        row, at = int(readings.rows[judged.position]), int(readings.at[judged.position])
        event = batch.events[at]
        kind, account = KINDS[judged.kind], state.names[row]
        record = self.records[row]
        version = self.model.manifest.version
        where = f"{topic}/{event['partition']}/{event['offset']}/{event['index']}"
        hard = int(hard_bits(judged.vector[None])[0])
        return Verdict(
            verdict_id=verdict_id(account, kind, judged.action, version, where),
            account_id=account,
            kind=kind,
            action=judged.action,
            abuse=unit(float(record["maximum"])),
            scores={k: unit(float(s)) for k, s in zip(KINDS, record["score"], strict=True)},
            reasons=reasons(judged.vector, judged.nats, judged.kind, hard),
            occurred_at=rfc3339(int(event["t"])),
            model_version=version,
            view_fingerprint=VIEW.fingerprint,
            topic=topic,
            partition=int(event["partition"]),
            offset=int(event["offset"]),
            index=int(event["index"]),
            events=int(state.column("events")[row]),
            p_value=self.model.calibration.p_value(float(record["maximum"])),
            features={
                name: None if np.isnan(value) else float(value)
                for name, value in zip(VIEW.names, judged.vector, strict=True)
            },
        )


def _leading(hard: int, scores: NDArray[Any]) -> int:
    """Give the position of the kind that a verdict names: a hard rule's, else the highest score."""
    for position, rule in enumerate(RULES):
        if hard >> position & 1:
            return KINDS.index(rule.kind)
    return int(np.argmax(scores))


def unit(score: float) -> float:
    """Map a score onto [0, 1] keeping its order: 0.5 is the median account, 0.75 one in ten."""
    return 0.5 + 0.5 * score / (1.0 + abs(score))


def rfc3339(t: int) -> str:
    """Write microseconds since 1970 as the contract's time."""
    return f"{np.datetime64(t, 'us')}Z"
