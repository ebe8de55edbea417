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
    _refused: dict[Stage, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.champion, self.challenger = self._named()
        self._looked_at = self.clock.monotonic()
        self._show(1.0)

    def look(self) -> bool:
        """Ask the registry, if it is time; tell whether another model is to score."""
        now = self.clock.monotonic()
        if now - self._looked_at < self.every:
            return False
        self._looked_at = now
        champion, challenger = self._named()
        if champion is self.champion and challenger is self.challenger:
            return False
        self._show(0.0)
        self.champion, self.challenger = champion, challenger
        self._show(1.0)
        log.warning("model %s scores from now on%s", _version(champion), _beside(challenger))
        return True

    def _named(self) -> tuple[Model, Model | None]:
        """Give whom the registry names, and those at work where it cannot be asked."""
        try:
            # Once: a promotion between two readings would be the end of a challenger's month.
            moves = self.registry.moves()
        except (Incompatible, OSError) as refusal:
            self._refuse(Stage.CHAMPION, str(refusal))
            return self.champion, self.challenger
        version = holder(moves, Stage.CHAMPION)
        if version is None:
            self._refuse(Stage.CHAMPION, f"{self.registry.directory} names none any more")
        champion = self._loaded(Stage.CHAMPION, version) if version else None
        version = holder(moves, Stage.CHALLENGER)
        challenger = self._loaded(Stage.CHALLENGER, version) if version else None
        champion = champion or self.champion
        return champion, None if challenger is champion else challenger

    def _loaded(self, stage: Stage, version: str) -> Model | None:
        """Give the model of a version; the one at work at that stage if it does not load."""
        at_work = {Stage.CHAMPION: self.champion, Stage.CHALLENGER: self.challenger}
        for model in at_work.values():
            if model is not None and _version(model) == version:
                self._refused.pop(stage, None)
                return model
        try:
            found = self.registry.load(version)
        except (Incompatible, OSError) as refusal:
            self._refuse(stage, str(refusal))
            return at_work[stage]
        self._refused.pop(stage, None)
        return found

    def _refuse(self, stage: Stage, why: str) -> None:
        self.metrics.count(Metric.MODEL_REFUSED, stage=stage)
        if self._refused.get(stage) != why:
            log.error("the %s is not taken up: %s", stage, why)
        self._refused[stage] = why

    def _show(self, value: float) -> None:
        at_work = ((Stage.CHAMPION, self.champion), (Stage.CHALLENGER, self.challenger))
        for stage, model in at_work:
            if model is not None:
                self.metrics.show(Metric.MODEL, value, version=_version(model), stage=stage)


def _version(model: Model) -> str:
    return model.manifest.version


def _beside(challenger: Model | None) -> str:
    return f", beside it {_version(challenger)} in shadow" if challenger else ""
