"""Live and archived scoring alike: readings of one partition in, verdicts out.

The scorer keeps one small record an account and nothing else; given the same readings in the same
order it says the same, whoever asks. It publishes; it can pause nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from detectors import memory, strata
from detectors.asking import Asked, Asker, Judged, so_far
from detectors.bank import KINDS
from detectors.benign import standings, unexplained
from detectors.causes import Observed
from detectors.clearing import clearing
from detectors.explanation import reasons, unknown
from detectors.policy import DETECTORS, RANKS, Policy, Thresholds, strong_groups
from detectors.verdict import Action, Response, Verdict, verdict_id
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.model import Model
    from features.state import FeatureState, Readings
    from streams.columns import EventBatch

NO_MONTHS = np.empty(0, dtype=memory.ENDED)


@dataclass
class Scorer:
    """Scores one partition with one model under one policy, from the offset `scored_from` on.

    Before `acted_from` it only watched, as a challenger does.
    """

    model: Model
    policy: Policy = field(default_factory=Policy)
    records: NDArray[Any] = field(default_factory=lambda: np.zeros(1024, dtype=memory.RECORD))
    scored_from: int = 0
    acted_from: int = 0

    def __post_init__(self) -> None:
        self.thresholds: Thresholds = self.model.require().thresholds(self.policy)
        self.asker = Asker(self.thresholds, self.policy.watching())

    @classmethod
    def after(cls, records: NDArray[Any], model: Model, policy: Policy, at: int) -> Scorer:
        """Give the scorer with which `model` follows another, that left `records`, from `at` on."""
        table = model.calibration.strata
        return cls(model, policy, memory.handed_on(records, table), scored_from=at, acted_from=at)

    def promoted(self, policy: Policy, at: int) -> Scorer:
        """Give the scorer that acts under `policy` from the offset `at` on, its month warm.

        What it would have asked for before is not taken as asked.
        """
        records = self.records.copy()
        acting = ~policy.watching()[-len(KINDS) :]
        peaks = np.where(acting, records["month_peak"], 0.0).max(axis=1)
        records["maximum"] = np.maximum(records["maximum"], peaks)
        return Scorer(self.model, policy, records, self.scored_from, at)

    def judge(
        self, batch: EventBatch, readings: Readings, state: FeatureState, topic: str = ""
    ) -> list[Verdict]:
        """Score the readings of one batch in order; returns a verdict for each response risen."""
        lines, scores, nats = self._learn(batch, readings, state)
        verdicts = []
        for i in np.flatnonzero(lines["candidate"] | self._may_audit(lines)).tolist():
            record = self.records[lines["row"][i]]
            drawn = self._drawn(lines[i], state)
            pending = lines["candidate"][i] and self.asker.pending(lines[i], record)
            if not pending and drawn is None:
                continue
            judged = _judged(readings, i, nats[i], scores[i], lines[i])
            if drawn is not None:
                verdicts.append(self._audit(judged, drawn, batch, state, topic))
            if not pending:
                continue
            for asked in self.asker.risen(judged, record):
                so = RANKS[so_far(record, lines[i])]
                verdicts.append(self._verdict(judged, asked, so, batch, state, topic))
        return verdicts

    def stand(self, batch: EventBatch, readings: Readings, state: FeatureState) -> list[Judged]:
        """Score the readings of one batch in order; returns how the account stood at each."""
        lines, scores, nats = self._learn(batch, readings, state)
        return [_judged(readings, i, nats[i], scores[i], lines[i]) for i in range(len(lines))]

    def tell(
        self, judged: Judged, batch: EventBatch, state: FeatureState, topic: str = ""
    ) -> Verdict:
        """Say what one of `stand`'s asks for, even if that is nothing."""
        asked = self.asker.acting(judged)
        return self._verdict(judged, asked, Response.NONE, batch, state, topic)

    def _may_audit(self, lines: NDArray[Any]) -> NDArray[np.uint8]:
        enough: NDArray[np.uint8] = lines["enough"]
        return enough if self.policy.audits.share else np.zeros_like(enough)

    def _drawn(self, line: Any, state: FeatureState) -> float | None:
        if not line["enough"]:
            return None
        account, standing = state.names[line["row"]], float(line["standing"])
        return self.policy.audits.draws(account, int(line["month"]), standing)

    def _audit(
        self, judged: Judged, drawn: float, batch: EventBatch, state: FeatureState, topic: str
    ) -> Verdict:
        """Say that chance drew the account: a person is to look, and nothing else is asked."""
        said = self.tell(judged, batch, state, topic)
        where = f"audit/{topic}/{said.partition}/{said.offset}/{said.index}"
        name = verdict_id(said.account_id, said.kind, Action.REVIEW, said.model_version, where)
        return msgspec.structs.replace(
            said, verdict_id=name, action=Action.REVIEW, response=Response.NONE, audit=drawn
        )

    def _learn(
        self, batch: EventBatch, readings: Readings, state: FeatureState
    ) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
        """Remember the readings; gives their lines, smoothed scores (n, K) and tails (n, F)."""
        self.records = memory.room_for(self.records, state.accounts)
        scores, nats = self.model.bank.score(readings.vectors)
        lines = memory.lines_of(batch, readings)
        memory.remember(
            self.records, lines, scores, self.model.calibration.strata, self.thresholds.limits,
            self.asker.watching, NO_MONTHS,
        )  # fmt: skip
        return lines, scores, nats

    def _verdict(
        self, judged: Judged, asked: Asked, so: Response, batch: EventBatch, state: FeatureState,
        topic: str,
    ) -> Verdict:  # fmt: skip
        line, calibration, bank = judged.line, self.model.calibration, self.model.bank
        stratum, level = int(line["stratum"]), RANKS[asked.rank]
        event, account = batch.events[line["at"]], state.names[line["row"]]
        kind, version = KINDS[asked.kind], self.model.manifest.version
        where = f"{topic}/{event['partition']}/{event['offset']}/{event['index']}"
        response, action = self.thresholds.response(asked.rank, stratum), level.action
        if asked.shadow:
            response, action = Response.NONE, Action.ALLOW
            where += f"/{DETECTORS[asked.detector]}"
        known = bank.tails.known_at(judged.vector[0])
        found = reasons(judged.vector, judged.nats, known, asked.kind, asked.hard)
        return Verdict(
            verdict_id=verdict_id(account, kind, action, version, where),
            account_id=account,
            kind=kind,
            action=action,
            abuse=unit(asked.maximum),
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
            p_value=calibration.p_value(asked.maximum, stratum),
            features=_named(judged.vector),
            response=response,
            shadow=level if asked.shadow else Response.NONE,
            asked=so if asked.shadow else Response.NONE,
            detector=DETECTORS[asked.detector],
            stratum=strata.label(calibration.strata[stratum]),
            country=_letters(int(event["country"])),
            probability=bank.probability(judged.vector, asked.kind),
            groups=sorted(strong_groups(judged.nats)),
            unknown=unknown(judged.vector),
            benign=standings(Observed.of(judged.vector), [reason.code for reason in found]),
            # The search costs more than all the rest, and of a shadow nobody meets anything.
            clearing=None if asked.shadow else clearing(judged, asked, bank, self.asker),
            scored_from=self.scored_from,
            acted_from=self.acted_from,
        )


def _judged(
    readings: Readings, i: int, nats: NDArray[np.float64], scores: NDArray[np.float64], line: Any
) -> Judged:
    vector = readings.vectors[i]
    counted = unexplained(vector, nats)
    return Judged(int(readings.events[i]), vector, nats, counted, scores, line)


def _letters(country: int) -> str:
    return chr(country >> 8) + chr(country & 255) if country else ""


def _named(vector: NDArray[np.float64]) -> dict[str, float | None]:
    values = (None if np.isnan(value) else float(value) for value in vector)
    return dict(zip(VIEW.names, values, strict=True))


def unit(score: float) -> float:
    """Map a score onto [0, 1] keeping its order: 0.5 is the median account, 0.75 one in ten."""
    return 0.5 + 0.5 * score / (1.0 + abs(score))


def rfc3339(t: int) -> str:
    """Write microseconds since 1970 as the contract's time."""
    return f"{np.datetime64(t, 'us')}Z"
