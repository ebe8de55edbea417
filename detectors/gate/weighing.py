"""The third pass: champion and candidate judge the same account-months, side by side.

One feature state feeds both, as it would live. Both begin two months before the first month that
counts, as a scorer does that has just picked a model up: with scores at zero, but knowing who the
accounts are and what they did before.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from detectors import strata
from detectors.gate.flips import Flip, Turn, lot_of
from detectors.gate.labelled import nothing_said, said_of
from detectors.gate.places import Places
from detectors.gate.sides import Side
from detectors.gate.standing import ModelFacts
from detectors.gate.strangest import Strange, Strangest, foremost
from detectors.gate.tables import joined, side_rows
from detectors.gate.weighed import MONTHS, Weighed
from detectors.memory import MONTH, behind, met
from detectors.passes import state_before
from detectors.scorer import Scorer
from detectors.verdict import Action, Response, verdict_id
from features.state import FeatureState, Readings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.gate.sides import Rise
    from detectors.labels import LabelSet
    from detectors.model import Model
    from detectors.passes import Log
    from detectors.policy import Policy
    from detectors.verdict import Verdict
    from streams.columns import EventBatch
    from streams.raw import Partition

WARM: Final = 2  # months of scoring before those that count
SPAN: Final = 2  # months that count, the running one among them
DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one partition gives: `months` point into `names`, `first` and `last` are times."""

    names: list[str]
    months: NDArray[Any]
    flips: tuple[Flip, ...]
    strangest: tuple[Strange, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """The task of one partition. `first` is the first month that counts, of `span`.

    `decided` accounts make no flips; of the rest the first `sample` get the verdict that a reviewer
    would see, and so do the `strangest` under the candidate.
    """

    champion: Model
    candidate: Model
    policy: Policy
    first: int
    span: int
    decided: frozenset[str]
    sample: int
    strangest: int = 0

    def __call__(self, partition: Partition, batches: Iterable[EventBatch]) -> Part:
        state = state_before(batches)
        places = Places(self.first, self.span)
        table = self.candidate.calibration.strata
        strangest = Strangest(self.strangest, table, self.first, self.decided)
        sides = (
            Side(Scorer(self.champion, self.policy), self.first),
            Side(Scorer(self.candidate, self.policy), self.first, strangest),
        )
        warm, ends, before = False, [0, 0], behind(state)
        for batch in batches:
            readings = state.update(batch)
            if not len(batch):
                continue
            places.learn(batch, state)
            times = batch.events["t"]
            ends = [ends[0] or int(times.min()), max(ends[1], int(times.max()))]
            if not warm:
                early, readings = _parted(readings, times[readings.at] // MONTH, self.first - WARM)
                before = met(before, batch, early, state.accounts)
                warm = len(readings) > 0
                for side in sides if warm else ():
                    side.begin(before, int(batch.events["offset"][readings.at[0]]))
            for side in sides if len(readings) else ():
                side.judge(batch, readings, state)
        months = self._months(sides, places)
        flips = self._flips(sides, state, partition.topic)
        shown = self._strangest(strangest, sides[1], state, partition.topic)
        return Part(state.names, months, flips, shown, *ends)

    def _months(self, sides: tuple[Side, ...], places: Places) -> NDArray[Any]:
        both = [side.months() for side in sides]
        months = np.zeros(len(both[0]), dtype=MONTHS)
        months["account"], months["month"] = both[0]["row"], both[0]["month"]
        for name in strata.NAMES:
            months[name] = both[0][name]
        months["country"], months["network"] = places.of(both[0])
        for name, side, ended in zip(("champion", "candidate"), sides, both, strict=True):
            months[name] = side_rows(side, ended)
        counts = months["month"] < self.first + self.span
        kept: NDArray[Any] = months[counts]
        return kept

    def _flips(self, sides: tuple[Side, ...], state: FeatureState, topic: str) -> tuple[Flip, ...]:
        paused = [side.paused(self.first + self.span) for side in sides]
        version, found = self.candidate.manifest.version, []
        for one, other, turn in ((1, 0, Turn.PAUSED), (0, 1, Turn.RELEASED)):
            rows = paused[one].keys() - paused[other].keys()
            lots = {lot_of(state.names[row], version): row for row in rows}
            undecided = [lot for lot in sorted(lots) if state.names[lots[lot]] not in self.decided]
            for n, lot in enumerate(undecided):
                row = lots[lot]
                # Nobody's sample reaches further than so many of one partition.
                shown = n < self.sample
                said = self._shown(sides[one], paused[one][row], state, topic) if shown else None
                found.append(Flip(state.names[row], turn, lot, said))
        return tuple(found)

    def _shown(self, side: Side, rise: Rise, state: FeatureState, topic: str) -> Verdict | None:
        """Say why, as the model that pauses sees it; a person is asked to look, nothing else."""
        if rise.judged is None or rise.event is None:
            return None
        said = side.scorer.tell(rise.judged, rise.event, state, topic)
        return _for_a_look(said, f"flip/{self.candidate.manifest.version}")

    def _strangest(
        self, found: Strangest, side: Side, state: FeatureState, topic: str
    ) -> tuple[Strange, ...]:
        shown = []
        for row, stand in found.top():
            said = side.scorer.tell(stand.judged, stand.event, state, topic)
            said = msgspec.structs.replace(_for_a_look(said, "calibration"), calibrating=True)
            shown.append(Strange(state.names[row], stand.common, said))
        return tuple(shown)


def weigh(
    log: Log, champion: Model, candidate: Model, policy: Policy, *, upto: int,
    labels: LabelSet | None = None, sample: int = 20, strangest: int = 0, span: int = SPAN,
) -> Weighed:  # fmt: skip
    """Weigh two models on the `span` months up to the time `upto` (microseconds).

    `labels` tell who is known to be honest or abusive; `sample` flips and the `strangest` of each
    partition get a reviewer's verdict.
    """
    first = upto // MONTH - span + 1
    known = labels.kinds() if labels else dict[str, object]()
    task = Weighing(champion, candidate, policy, first, span, frozenset(known), sample, strangest)
    parts = log.each(task)
    names, months = joined(parts)
    told = [model.manifest for model in (champion, candidate)]
    said = said_of(names, labels, told) if labels else nothing_said(len(names))
    start = min((part.first for part in parts if part.last), default=upto)
    began = months["month"].astype(np.int64) * MONTH
    whole = (began >= start) & (began + MONTH <= upto)
    flips = sorted((flip for part in parts for flip in part.flips), key=lambda flip: flip.lot)
    return Weighed(
        months, names, *said, whole, max(upto - max(start, first * MONTH), 0) / DAY,
        policy.pause_budget, ModelFacts.of(champion, policy), ModelFacts.of(candidate, policy),
        tuple(flips), foremost(part.strangest for part in parts),
    )  # fmt: skip


def _for_a_look(said: Verdict, why: str) -> Verdict:
    """Give a verdict that asks a person to look and for nothing else."""
    where = f"{why}/{said.topic}/{said.partition}/{said.offset}/{said.index}"
    name = verdict_id(said.account_id, said.kind, Action.REVIEW, said.model_version, where)
    return msgspec.structs.replace(
        said, verdict_id=name, action=Action.REVIEW, response=Response.NONE
    )


def _parted(readings: Readings, months: NDArray[np.int64], first: int) -> tuple[Readings, Readings]:
    """Part readings, of which each has its month (n,), before the first that reaches `first`."""
    reached = months >= first
    start = int(np.argmax(reached)) if reached.any() else len(readings)
    parts = [getattr(readings, part.name) for part in fields(readings)]
    return Readings(*(one[:start] for one in parts)), Readings(*(one[start:] for one in parts))
