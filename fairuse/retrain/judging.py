"""Weighs the models in the line against the champion and asks the gate about each.

The first in the line is judged first; the next has its turn only if the one before it has left.
Each weighing and each answer is a step, and the answer is kept beside the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from detectors.card.keeping import keep_card
from detectors.gate.check import Gate, verdict_of
from detectors.gate.checks import checks
from detectors.gate.families import examined
from detectors.gate.suite import suite
from detectors.gate.weighing import weigh
from detectors.succession import Judged, leaves_the_line
from fairuse.retrain.codecs import Json
from fairuse.retrain.plan import GATE_FILE, Answer, InLine
from fairuse.retrain.weighing import WEIGHED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.gate.check import Limits
    from detectors.gate.flips import FlipsReviewed
    from detectors.gate.parity import Replayed
    from detectors.gate.suite import Size
    from detectors.gate.weighed import Weighed
    from detectors.labels import LabelSet
    from detectors.model import Model
    from detectors.passes import Log
    from detectors.policy import Policy
    from detectors.registry import Registry
    from fairuse.retrain.plan import Plan
    from fairuse.retrain.steps import Made, Steps

GATE: Final = Json(Gate)


@dataclass(frozen=True, slots=True)
class Found:
    """One model that was judged tonight, and what was weighed."""

    judged: Judged
    weighed: Made[Weighed]


@dataclass(frozen=True, slots=True)
class Court:
    """What judging needs. `upto` is the time of the log's last event, in microseconds."""

    plan: Plan
    steps: Steps
    registry: Registry
    log: Log
    labels: LabelSet
    policy: Policy
    limits: Limits
    upto: int
    replayed: Replayed
    reviewed: Callable[[str], FlipsReviewed]
    suites: Path
    strangest: int
    size: Size | None = None

    def judge(self, line: Sequence[InLine]) -> list[Found]:
        """Judge the line until somebody stays in it."""
        found: list[Found] = []
        for each in line:
            found.append(self._one(each))
            if not leaves_the_line(found[-1].judged):
                break
        return found

    def _one(self, each: InLine) -> Found:
        version = each.version
        weighed = self.steps.step(f"weigh-{version}", WEIGHED, lambda: self._weigh(version))
        gate = self.steps.step(f"gate-{version}", GATE, lambda: self._ask(version, weighed.value))
        answer = Answer(
            night=self.plan.night, gate=gate.value, champion=self.plan.champion, nights=each.nights
        )
        self.registry.keep_beside(version, GATE_FILE, msgspec.json.encode(answer))
        keep_card(self.registry, weighed.value.candidate, gate.value, self.labels)
        return Found(Judged(version, gate.value, each.since, each.nights), weighed)

    def _champion(self, version: str) -> Model:
        """Give whom to compare with; without a real one, what compares can find no difference."""
        return self.registry.load(version if self.plan.first else self.plan.champion)

    def _weigh(self, version: str) -> Weighed:
        return weigh(
            self.log, self._champion(version), self.registry.load(version), self.policy,
            upto=self.upto, labels=self.labels, sample=self.limits.flip_sample,
            strangest=self.strangest,
        )  # fmt: skip

    def _ask(self, version: str, weighed: Weighed) -> Gate:
        people = suite(self.suites, self.size)
        seen = examined(people, self._champion(version), self.registry.load(version))
        found = checks(weighed, seen, self.replayed, self.reviewed(version), self.limits)
        return verdict_of(found)
