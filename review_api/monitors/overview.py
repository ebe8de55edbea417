"""All that is known of the models at a moment: stages, the promise, the nights, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.stages import Stage, holder, last_move, stages, why_there
from review_api.monitors.happenings import happenings
from review_api.monitors.nights import nights
from review_api.monitors.promise import changes_of_promise, promise_of
from review_api.monitors.reports import read
from review_api.parsing import instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from detectors.gate.check import Gate
    from detectors.model import Manifest
    from detectors.stages import Move
    from review_api.monitors.happenings import Happening
    from review_api.monitors.promise import Promise
    from review_api.monitors.records import NightFound
    from review_api.monitors.reports import Found
    from review_api.monitors.shelf import Shelf, Shelved
    from review_api.policy import ReviewPolicy

SHOWN: Final = 40
"""Models that are shown: the champion, the challenger, and the newest of the rest."""
NIGHTS: Final = 60
MODELS_A_NIGHT: Final = 3


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: its stage since when and why, what it says of itself, what the gate said."""

    version: str
    stage: Stage
    since: datetime | None
    actor: str
    why: str
    manifest: Manifest | None
    gate: Gate | None
    has_card: bool


@dataclass(frozen=True, slots=True)
class Night:
    """One night's report of one model."""

    night: str
    model_version: str
    at: datetime
    found: Found


@dataclass(frozen=True, slots=True)
class Models:
    """Everything; `visible` tells whether the server sees a registry, `fault` what ails it.

    `nights` are those of whoever was champion then, oldest first, and `latest` the newest of
    whatever model.
    """

    visible: bool
    fault: str
    models: tuple[ModelView, ...]
    more: int
    waits: timedelta | None
    promise: Promise
    nights: tuple[Night, ...]
    latest: Night | None
    happenings: tuple[Happening, ...]

    def at_stage(self, stage: Stage) -> ModelView | None:
        """Give the model at a stage that only one can be at."""
        return next((model for model in self.models if model.stage is stage), None)


def models_now(session: Session, shelf: Shelf, policy: ReviewPolicy, now: datetime) -> Models:
    """Read it all."""
    seen = shelf.look()
    views = [_view(shelf, seen, version) for version in _in_order(shelf, seen)]
    challenger = next((view for view in views if view.stage is Stage.CHALLENGER), None)
    waits = None
    if challenger is not None and challenger.since is not None:
        waits = challenger.since + shelf.shadow_for - now
    reports = [_night(row) for row in nights(session, NIGHTS * MODELS_A_NIGHT)]
    manifests = {view.version: view.manifest for view in views if view.manifest is not None}
    return Models(
        visible=bool(seen.versions or seen.moves),
        fault=seen.fault,
        models=tuple(views),
        more=max(len(seen.versions) - len(views), 0),
        waits=waits,
        promise=promise_of(session, policy),
        nights=tuple(of_champions(reports, seen.moves)[:NIGHTS][::-1]),
        latest=reports[0] if reports else None,
        happenings=happenings(
            seen.moves,
            manifests,
            changes_of_promise(session),
            [view.version for view in views if view.gate is None or view.gate.passed],
        ),
    )


def of_champions(reports: Sequence[Night], moves: Sequence[Move]) -> list[Night]:
    """Keep of each night the report of the model that was champion when it was written.

    Where no moves can be seen, those of the model that reported last.
    """
    if not moves:
        return [one for one in reports if one.model_version == reports[0].model_version]
    made = [(at, move) for move in moves if (at := instant(move.at)) is not None]
    return [
        one
        for one in reports
        if one.model_version == holder([move for at, move in made if at <= one.at], Stage.CHAMPION)
    ]


def _in_order(shelf: Shelf, seen: Shelved) -> Sequence[str]:
    """Champion and challenger first, then whoever was moved last, then those never moved."""
    newest = list(dict.fromkeys(move.version for move in reversed(seen.moves)))
    created = {
        version: manifest.created_at if (manifest := shelf.manifest(version)) else ""
        for version in seen.versions
        if version not in newest
    }
    unmoved = sorted(created, key=lambda version: created[version], reverse=True)
    first = [version for version in (seen.champion, seen.challenger) if version]
    return list(dict.fromkeys([*first, *unmoved, *newest]))[:SHOWN]


def _view(shelf: Shelf, seen: Shelved, version: str) -> ModelView:
    last = last_move(seen.moves, version)
    return ModelView(
        version=version,
        stage=stages(seen.moves).get(version, Stage.SHADOW),
        since=instant(last.at) if last else None,
        actor=last.actor if last else "",
        why=why_there(last, version) if last else "",
        manifest=shelf.manifest(version),
        gate=shelf.gate(version),
        has_card=shelf.has_card(version),
    )


def _night(row: NightFound) -> Night:
    return Night(row.night, row.model_version, row.at, read(row))
