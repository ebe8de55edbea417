"""The figures to reach: every measured figure beside its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.evaluation import Share
from detectors.verdict import Kind, Response
from fairuse.bench.detection.findings import REAL, SIMULATED, Finding, Place, of_share, of_value
from fairuse.bench.detection.segments import BUDGETS, TWICE, everyone, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.evaluation import Evaluation
    from fairuse.bench.detection.real import Held
    from fairuse.bench.detection.segments import Segment
    from fairuse.bench.detection.simulated import Measured

AREA: Final = {
    (Kind.AUTOMATION, 100): 0.985,
    (Kind.AUTOMATION, 200): 0.992,
    (Kind.CREDENTIAL_SHARING, None): 0.95,
}
CAUGHT: Final[dict[tuple[Kind, int | None], float]] = {
    (Kind.AUTOMATION, 100): 0.80,
    (Kind.AUTOMATION, 200): 0.85,
}
RECALL: Final = {
    "fixed_interval_bot": 0.9,
    "jittered_bot": 0.9,
    "cron_batch": 0.9,
    "headless_script": 0.9,
    "closed_loop_bot": 0.8,
    "sleeping_bot": 0.8,
    "human_plus_script": 0.7,
    "shared_by_3": 0.7,
    "resale_pool": 0.8,
    "reseller_proxy": 0.8,
    "session_replay": 0.5,
}
"""Of the accounts of a family that no model ever saw, the share that is paused."""


def of_real(held: Held) -> Iterator[Finding]:
    """Give the findings of one set."""
    on = held.title
    for kind in held.kinds():
        yield from _of_kind(on, held, kind, held.evaluation(kind))
    if held.labels:
        honest = held.where(abusive=False)
        paused = held.share(Response.PAUSE, honest)
        yield of_share(Place(REAL, on, "honest paused at a 1 % budget"), paused, most=0.01)
        return
    every = np.ones(len(held.log.names), dtype=bool)
    soft = held.softly_paused()
    place = Place(REAL, on, "paused on soft evidence at a 1 % budget")
    yield of_share(place, Share(int(soft.sum()), len(soft)), most=0.01)
    place = Place(REAL, on, "paused by a hard rule")
    paused = held.share(Response.PAUSE, every)
    yield of_share(place, Share(paused.count - int(soft.sum()), len(soft)))
    pauses = held.pauses()
    explained = sum(bool(verdict.reasons) for verdict in pauses)
    place = Place(REAL, on, "pauses with reasons in words")
    yield of_share(place, Share(explained, len(pauses)), least=1.0 if pauses else None)


def _of_kind(on: str, held: Held, kind: Kind, found: Evaluation) -> Iterator[Finding]:
    which = (kind, held.events)
    area = Place(REAL, on, f"area under the curve, {kind}")
    yield of_value(area, found.auc, found.auc_interval, least=AREA.get(which))
    caught = Place(REAL, on, f"{kind} caught at 1 % false positives")
    yield of_share(caught, found.caught, least=CAUGHT.get(which))
    yield of_share(Place(REAL, on, f"{kind} caught at 0.1 %"), found.caught_rarely)
    yield of_share(Place(REAL, on, f"{kind} paused at a 1 % budget"), found.abusive_paused)


def of_simulated(found: Measured) -> Iterator[Finding]:
    """Give the findings of the simulated population."""
    honest = everyone(found.honest)
    on = "honest account-months"
    for figure, share, response in (
        ("paused", honest.paused, Response.PAUSE),
        ("challenged or paused", honest.challenged, Response.CHALLENGE),
        ("held, challenged or paused", honest.held, Response.HOLD),
    ):
        yield of_share(Place(SIMULATED, on, figure), share, most=BUDGETS[response])
    yield _worst(list(segments(found.honest)))
    for family, caught in found.caught.items():
        place = Place(SIMULATED, family, "paused, the family never seen before")
        yield of_share(place, caught.share(Response.PAUSE), least=RECALL.get(family))


def _worst(parts: list[Segment]) -> Finding:
    """Give the segments above twice the budget, told from chance."""
    over = [part for part in parts if part.kept == "missed"]
    small = [part for part in parts if part.kept == "too few to tell"]
    place = Place(SIMULATED, "honest segments", "above twice the pause budget")
    measured = f"{len(over)} of {len(parts)} segments"
    if over:
        measured += ": " + ", ".join(f"{part.by} {part.name}" for part in over)
    note = f"{len(small)} of them too small to tell" if small else ""
    words = f"none above {1e4 * TWICE * BUDGETS[Response.PAUSE]:g} per 10,000"
    return Finding(place, words, measured, note, "missed" if over else "met", float(len(over)))
