"""What a night tells: its outcome, one object for a script."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from detectors.registry import Registry
    from fairuse.retrain.night import Came
    from fairuse.retrain.plan import Plan
    from fairuse.retrain.steps import Steps


class NightOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a night came to, as `fairuse retrain --json` prints it.

    `before` and `champion` are versions, empty without one; `unsupervised` is the pair of the same
    night that learnt nothing, if that is another model; `seconds` by step; `resumed` are the steps
    that an earlier run had done; `again` says that the night was over already.
    """

    night: str
    outcome: str
    why: str
    as_of: datetime
    before: str
    champion: str
    challenger: str
    candidate: str
    unsupervised: str
    positions: dict[str, int]
    labels: int
    contradicted: int
    learnt: tuple[str, ...]
    seconds: dict[str, float]
    resumed: tuple[str, ...]
    again: bool = False


def outcome_of(plan: Plan, registry: Registry, came: Came, steps: Steps) -> NightOutcome:
    """Say what a night came to."""
    stored = came.stored
    return NightOutcome(
        night=plan.night, outcome=came.ruling.outcome, why=came.ruling.why, as_of=plan.as_of,
        before=plan.champion, champion=registry.champion_version() or "",
        challenger=registry.challenger_version() or "",
        candidate=stored.candidate if stored else "", unsupervised=stored.plain if stored else "",
        positions=plan.positions, labels=len(came.labels.labels),
        contradicted=len(came.labels.contradicted), learnt=stored.learnt if stored else (),
        seconds=dict(steps.seconds), resumed=tuple(steps.resumed),
    )  # fmt: skip
