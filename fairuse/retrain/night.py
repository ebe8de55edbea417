"""One night: from what is archived and known to one move of a model, or to none.

The champion is in doubt at no time: only the step `move` changes who it is, and that change is one
file, written whole. Everything before may be lost and made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from access.database import readers, writers
from detectors.gate.check import Limits
from detectors.lessons import keep_learnt
from detectors.refusals import TrainingSetRefused, refuse
from detectors.skew import skew
from detectors.stages import left_behind
from detectors.succession import Judged, Outcome, Ruling, succession
from detectors.training import TooLittleToFit
from fairuse.progress import say
from fairuse.retrain.asking import Reviewers
from fairuse.retrain.codecs import Json
from fairuse.retrain.judging import Court
from fairuse.retrain.lessons import LABELS
from fairuse.retrain.logs import beheaded
from fairuse.retrain.making import blank, candidate_of
from fairuse.retrain.moving import make_moves, tidied
from fairuse.retrain.plan import InLine
from fairuse.retrain.source import code_digest
from fairuse.watching import policy_of
from review_api.labels import label_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session, sessionmaker

    from detectors.census import Census
    from detectors.gate.parity import Replayed
    from detectors.gate.suite import Size
    from detectors.labels import LabelSet
    from detectors.model import Manifest
    from detectors.passes import Log
    from detectors.registry import Registry
    from detectors.stages import Move
    from fairuse.retrain.judging import Found
    from fairuse.retrain.lock import Lock
    from fairuse.retrain.making import Counted
    from fairuse.retrain.plan import Plan
    from fairuse.retrain.steps import Made, Steps
    from fairuse.settings import Settings
    from streams.clock import Clock

RULING: Final = Json(Ruling)
SETTLED: Final = timedelta(minutes=1)
"""What was decided so shortly before a night may not be committed yet: it is the next night's."""
UNTAUGHT: Final = "nothing learnt: no confirmed account has usable evidence in the archive"
SKEW_FILE: Final = "skew.json"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The versions that were stored, and what was decided about learning.

    `plain` is the unsupervised pair of the same night, empty if that is the candidate itself.
    """

    candidate: str
    plain: str = ""
    learnt: tuple[str, ...] = ()


STORED: Final = Json(Stored)


@dataclass(frozen=True, slots=True)
class Came:
    """What a night came to, and what it found on the way."""

    ruling: Ruling
    labels: LabelSet
    stored: Stored | None = None
    counted: Made[Counted] | None = None
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """What one night works with. `open_log` opens the archive up to the plan's positions.

    `began` this run, whatever time the night is named for. One that rehearses asks no reviewer.
    """

    settings: Settings
    clock: Clock
    plan: Plan
    registry: Registry
    engine: Engine
    lock: Lock
    steps: Steps
    open_log: Callable[[Plan], AbstractContextManager[Log]]
    began: datetime
    size: Size | None = None
    rehearses: bool = False

    def run(self) -> Came:
        """Do what is left to do."""
        labels = self.steps.step("labels", LABELS, self._labels).value
        with self.open_log(self.plan) as log:
            try:
                stored, counted = self._candidate(log, labels)
            except TooLittleToFit as error:
                return Came(Ruling(Outcome.WAITS, str(error)), labels)
            except TrainingSetRefused as error:
                return Came(Ruling(Outcome.REFUSED, str(error)), labels)
            found = self._judged(log, labels, stored.candidate, counted)
        line = [each.judged for each in found]
        ruling = self.steps.step("decide", RULING, lambda: self._ruled(line, stored)).value
        self.steps.step("move", RULING, lambda: self._moved(ruling))
        if not self.rehearses:
            self.lock.require()
            self._reviewers().ask(found, limits_of(self.settings), self.clock.now())
            self._reviewers().trim(found, self.clock.now())
        return Came(ruling, labels, stored, counted, found)

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions for what a night writes down."""
        return writers(self.engine)

    def _reviewers(self) -> Reviewers:
        return Reviewers(self.settings, self.sessions, self.plan.as_of)

    def _labels(self) -> LabelSet:
        with readers(self.engine).begin() as session:
            known_by = self.plan.as_of - SETTLED
            return label_set(session, known_by=known_by, observed_by=known_by)

    def _manifest(self) -> Manifest:
        plan = self.plan
        return msgspec.structs.replace(
            blank(plan.seed, plan.as_of), night=plan.night, as_of=plan.as_of.isoformat(),
            positions=plan.positions, parent=plan.champion, code=code_digest(), engine=plan.engine,
        )  # fmt: skip

    def _candidate(self, log: Log, labels: LabelSet) -> tuple[Stored, Made[Counted]]:
        """Make tonight's candidate and store it."""
        counted, models = candidate_of(
            self.steps, log, labels, self._manifest(), lambda census: self._refuse(census, labels)
        )

        def register() -> Stored:
            kept = [
                self.registry.register(one.bank, one.calibration, one.manifest)
                for one in models.value
            ]
            versions = [model.manifest.version for model in kept]
            for version in versions:
                keep_learnt(self.registry, version, labels)
            return Stored(
                candidate=versions[0], plain="".join(versions[1:]),
                learnt=models.value[0].manifest.learnt or (UNTAUGHT,),
            )  # fmt: skip

        return self.steps.step("register", STORED, register).value, counted

    def _refuse(self, census: Census, labels: LabelSet) -> None:
        """Raise `TrainingSetRefused` if nothing may be learnt from this."""
        champion = None if self.plan.first else self.registry.load(self.plan.champion)
        refuse(census, labels, self.plan.upto, champion)

    def _skew(self, labels: LabelSet, census: Census, candidate: str) -> Replayed:
        """Compare what live scoring pinned with the replay, and keep the report."""
        found = skew(labels, census, beheaded(self.settings.archive_dir))
        say(f"{self.plan.night}: {found.sentence}")
        self.registry.keep_beside(candidate, SKEW_FILE, msgspec.json.encode(found))
        return found.replayed()

    def _judged(
        self, log: Log, labels: LabelSet, candidate: str, counted: Made[Counted]
    ) -> tuple[Found, ...]:
        plan, census = self.plan, counted.value.census
        line = [plan.in_line] if plan.in_line else []
        known = {plan.champion, *(each.version for each in line)}
        if candidate not in known and self._left_behind(candidate) is None:
            line.append(InLine(version=candidate))
        court = Court(
            plan=plan, steps=self.steps, registry=self.registry, log=log, labels=labels,
            policy=policy_of(self.settings), limits=limits_of(self.settings),
            upto=census.last, replayed=self._skew(labels, census, candidate),
            reviewed=self._reviewers().found, suites=self.settings.retrain_dir,
            strangest=2 * self.settings.calibration_cases, size=self.size,
        )  # fmt: skip
        return tuple(court.judge(line))

    def _ruled(self, line: list[Judged], stored: Stored) -> Ruling:
        if not line:
            return Ruling(Outcome.KEPT, self._nothing_new(stored.candidate))
        shadow = timedelta(days=self.settings.shadow_days)
        return succession(line, self.plan.as_of, shadow, first=self.plan.at_once)

    def _left_behind(self, candidate: str) -> Move | None:
        """Give the move by which somebody had gone back from just this model."""
        return left_behind(self.registry.moves()).get(candidate)

    def _nothing_new(self, candidate: str) -> str:
        back = self._left_behind(candidate)
        if back is None or candidate == self.plan.champion:
            return f"tonight's model is the champion {candidate}, bit for bit"
        return f"tonight's model is {candidate}, from which {back.actor} went back: {back.why}"

    def _moved(self, ruling: Ruling) -> Ruling:
        self.lock.require()
        wishes = tidied(self.registry, self.plan, ruling.moves)
        # Not the plan's time: of a night made up for, a challenger has not scored since then.
        make_moves(self.registry, self.plan, wishes, self.began)
        return ruling


def limits_of(settings: Settings) -> Limits:
    """Give how much worse is too much, as the settings say."""
    return Limits(
        reviews_per_day=settings.reviews_per_day,
        flip_limit=settings.flip_limit,
        flip_sample=settings.flip_sample,
    )
