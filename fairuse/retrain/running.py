"""Runs a night: takes the lock, makes or finds the plan, and tells what came of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy.exc import OperationalError

from access.database import place_of
from detectors.journal import FOLDER as MOVES
from detectors.model import Incompatible
from fairuse.archiving.base import taken_out
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import say
from fairuse.retrain.codecs import Json
from fairuse.retrain.figures import tell_monitors
from fairuse.retrain.folder import Folder, Marker, digest_of
from fairuse.retrain.lock import held
from fairuse.retrain.logs import lost
from fairuse.retrain.night import SETTLED, Night
from fairuse.retrain.opening import ENGINES, open_log
from fairuse.retrain.plan import Plan, Tonight, make_plan, overtaken
from fairuse.retrain.reporting import NightOutcome, outcome_of
from fairuse.retrain.source import code_digest
from fairuse.retrain.steps import Steps
from fairuse.retrain.tidying import DRY, HEAVY, tidy
from fairuse.trusting import open_registry
from fairuse.wiring import open_database
from streams.archive_locks import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.engine import Engine

    from detectors.gate.suite import Size
    from detectors.passes import Log
    from detectors.registry import Registry
    from fairuse.retrain.lock import Lock
    from fairuse.settings import Settings
    from streams.clock import Clock

PLAN: Final = Json(Plan)
OUTCOME: Final = Json(NightOutcome)
OVER: Final = "over"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a night. Without `as_of` it is tonight's; `seed` stands before the setting.

    A `dry` one rehearses in a copy of the registry, and tells nobody. `master` is that of Spark.
    """

    as_of: datetime | None = None
    engine: str = "local"
    seed: int | None = None
    dry: bool = False
    master: str | None = None


TONIGHT: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Ways:
    """How a night is run, not what it makes: for tests and benchmarks.

    `told` hears of every step; `size` is that of the gate's suite; `processes` read partitions.
    """

    told: Callable[[str, str], None] = lambda _moment, _name: None
    size: Size | None = None
    processes: int | None = None


def run_night(
    settings: Settings, clock: Clock, wanted: Wanted = TONIGHT, ways: Ways | None = None
) -> NightOutcome:
    """Run a night, or go on with it; `ProgramError` says why it could not be, and nothing moved."""
    if wanted.engine not in ENGINES:
        raise WrongInputError(f"--engine: {wanted.engine!r} is none of {', '.join(ENGINES)}")
    # A scheduler's clock may be ahead a little; what is known then must be known by now.
    if wanted.as_of is not None and wanted.as_of - SETTLED > clock.now():
        asked, now = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (wanted.as_of, clock.now()))
        raise WrongInputError(f"--as-of {asked} lies ahead: the clock says {now}")
    engine = open_database(settings)
    try:
        # Steps build on one another: a night finds the same rows in the archive throughout.
        with held(settings.registry_dir, engine, clock) as lock, reading(settings.archive_dir):
            ways, began = ways or Ways(), clock.now()
            return _Running(settings, clock, wanted, ways, engine, lock, began).run()
    except Incompatible as error:
        raise ProgramError(str(error)) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise ProgramError(f"{where}{error.strerror or error}") from error
    except OperationalError as error:
        raise ProgramError(f"the database at {place_of(engine.url)}: {error.orig}") from error
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class _Running:
    settings: Settings
    clock: Clock
    wanted: Wanted
    ways: Ways
    engine: Engine
    lock: Lock
    began: datetime

    def run(self) -> NightOutcome:
        wanted = self.wanted
        seed = self.settings.retrain_seed if wanted.seed is None else wanted.seed
        as_of = wanted.as_of or self.began
        tonight = Tonight(as_of, wanted.as_of is not None, seed, wanted.engine)
        place = f"{tonight.name}{DRY}" if wanted.dry else tonight.name
        folder = Folder(self.settings.retrain_dir / place, self.ways.told)
        if wanted.dry:
            return self._rehearsed(folder, tonight)
        tidy(self.settings.retrain_dir, folder, open_registry(self.settings), self.began)
        if known := self._over(folder):
            folder.lighten(HEAVY)
            say(f"the night {place} is over: {known.outcome}; --as-of TIME asks for another")
            return msgspec.structs.replace(known, again=True)
        return self._through(folder, tonight)

    def _rehearsed(self, folder: Folder, tonight: Tonight) -> NightOutcome:
        folder.forget()
        try:
            return self._through(folder, tonight)
        finally:
            folder.forget()

    def _through(self, folder: Folder, tonight: Tonight) -> NightOutcome:
        registry, steps = self._registry(folder), self._steps(folder)
        plan = self._plan(registry, steps, tonight)
        if overtaken(plan, registry.moves()):
            say(f"{tonight.name}: somebody moved a model since it was planned: it begins anew")
            folder.forget()
            steps = self._steps(folder)
            plan = self._plan(registry, steps, tonight)
        for line in lost(self.settings.archive_dir):
            say(f"{tonight.name}: {line}")
        night = Night(
            self.settings, self.clock, plan, registry, self.engine, self.lock, steps,
            self._open_log, self.began, self.ways.size, self.wanted.dry,
        )  # fmt: skip
        came = night.run()
        outcome = steps.step(
            "report", OUTCOME, lambda: outcome_of(plan, registry, came, steps)
        ).value
        if self.wanted.dry:
            return outcome
        tell_monitors(night, came)
        content = digest_of(folder.read("report.json") or b"")
        folder.mark(Marker(step=OVER, inputs=self._inputs(), content=content, seconds=0.0))
        folder.lighten(HEAVY)
        return outcome

    def _open_log(self, plan: Plan) -> AbstractContextManager[Log]:
        return open_log(self.settings, plan, self.ways.processes, self.wanted.master)

    def _registry(self, folder: Folder) -> Registry:
        """Give the registry, or a copy of what a rehearsal may change."""
        real = self.settings.registry_dir
        if not self.wanted.dry:
            return open_registry(self.settings)
        scratch = folder.path / "registry"
        shutil.copytree(real, scratch, ignore=shutil.ignore_patterns(".*"))
        (scratch / MOVES).mkdir(exist_ok=True)
        return open_registry(self.settings, scratch)

    def _steps(self, folder: Folder) -> Steps:
        # After an erasure, or days let go, what was made before is of another archive.
        inputs = digest_of(self._inputs(), taken_out(self.settings.archive_dir))
        return Steps(folder, self.clock, inputs, self.ways.told)

    def _inputs(self) -> str:
        """Name all that decides what a night makes, but the archive and the labels."""
        settings = self.settings.model_dump_json()
        asked = msgspec.json.encode([self.wanted.as_of, self.wanted.engine, self.wanted.seed])
        return digest_of(settings, self.settings.hash_key, asked, code_digest())

    def _plan(self, registry: Registry, steps: Steps, tonight: Tonight) -> Plan:
        archive = self.settings.archive_dir
        return steps.step("plan", PLAN, lambda: make_plan(registry, archive, tonight)).value

    def _over(self, folder: Folder) -> NightOutcome | None:
        """Give the outcome of a night that is over, unless it is asked for otherwise now."""
        marker, report = folder.marker(OVER), folder.read("report.json")
        if marker is None or report is None or marker.inputs != self._inputs():
            return None
        return OUTCOME.take(report) if digest_of(report) == marker.content else None
