"""Which models score at work: asked of the registry now and then, and changed between batches.

A model that does not load keeps the one at work there: it was refused for a reason, and a worker
without a model would let everything pass unseen. It is logged once, counted, and asked for again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.model import Incompatible
from detectors.stages import Stage, holder
from fairuse.metrics import Metric

if TYPE_CHECKING:
    from detectors.model import Model
    from detectors.registry import Registry
    from fairuse.metrics import Metrics
    from streams.clock import Clock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Models:
    """The champion at work, and the challenger that scores beside it."""

    registry: Registry
    champion: Model
    clock: Clock
    metrics: Metrics
    every: float
    challenger: Model | None = None
    _looked_at: float = 0.0
    _refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.challenger = self._named(Stage.CHALLENGER, None)
        self._looked_at = self.clock.monotonic()
        self._show(1.0)

    def look(self) -> bool:
        """Ask the registry, if it is time; tell whether another model is to score."""
        now = self.clock.monotonic()
        if now - self._looked_at < self.every:
            return False
        self._looked_at = now
        champion = self._named(Stage.CHAMPION, self.champion) or self.champion
        challenger = self._named(Stage.CHALLENGER, self.challenger)
        if champion is self.champion and challenger is self.challenger:
            return False
        self._show(0.0)
        self.champion, self.challenger = champion, challenger
        self._show(1.0)
        log.warning("model %s scores from now on%s", _version(champion), _beside(challenger))
        return True

    def _named(self, stage: Stage, at_work: Model | None) -> Model | None:
        """Load the model at a stage; the one at work if it is that or the other does not load."""
        try:
            version = holder(self.registry.moves(), stage)
            if version is None or (at_work and _version(at_work) == version):
                return at_work if version else None
            found = self.registry.load(version)
        except (Incompatible, OSError) as refusal:
            self._refuse(stage, str(refusal))
            return at_work
        self._refused.discard(stage)
        return found

    def _refuse(self, stage: Stage, why: str) -> None:
        self.metrics.count(Metric.MODEL_REFUSED, stage=stage)
        if stage not in self._refused:
            log.error("the %s is not taken up: %s", stage, why)
        self._refused.add(stage)

    def _show(self, value: float) -> None:
        at_work = ((Stage.CHAMPION, self.champion), (Stage.CHALLENGER, self.challenger))
        for stage, model in at_work:
            if model is not None:
                self.metrics.show(Metric.MODEL, value, version=_version(model), stage=stage)


def _version(model: Model) -> str:
    return model.manifest.version


def _beside(challenger: Model | None) -> str:
    return f", beside it {_version(challenger)} in shadow" if challenger else ""
