"""The model that scoring uses: the registry's champion, or a first one trained from the simulator.

A first model knows simulated traffic only, and its manifest says so: until one is fitted to real
events, the policy lets nothing but hard evidence pause anyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.journal import MoveLost
from detectors.model import Incompatible
from detectors.registry import NoModel, NoMoves, Registry
from detectors.training import fit
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import meter, say
from review_api.console.origins import origins_in
from streams.decode import decode_table
from streams.decode_places import Places
from streams.raw import Partition
from streams.simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from detectors.model import Model, Origin
    from detectors.training import Fitted
    from streams.clock import Clock
    from streams.columns import EventBatch

FIRST_ACCOUNTS: Final = 1000
FIRST_DAYS: Final = 14.0
FIRST_SEED: Final = 20_260_302
STEPS: Final = 3 * 910_000
"""About how many events that makes, simulated once and replayed twice."""


def champion_or_first(registry: Registry, clock: Clock) -> Model:
    """Load the champion; with an empty registry, train and register a first model."""
    try:
        return registry.champion()
    except NoModel:
        _require_moves(registry)
        say("no model yet: training a first one on simulated traffic (uncalibrated on real people)")
        return train_first(registry, clock)
    except Incompatible as error:
        # A first model is replaced without asking: it never knew more than the simulator.
        if _origin_of_champion(registry) != "simulator":
            raise WrongInputError(
                f"the champion does not load: {error}; `fairuse models rollback` goes back to the "
                "one before"
            ) from error
        say("the first model belongs to another release: training it again")
        return train_first(registry, clock)


def _require_moves(registry: Registry) -> None:
    try:
        registry.require_moves()
    except NoMoves as error:
        raise WrongInputError(str(error)) from error


def _origin_of_champion(registry: Registry) -> Origin | None:
    try:
        version = registry.champion_version()
    except Incompatible as error:
        raise WrongInputError(str(error)) from error
    return origins_in(registry.directory)(version) if version else None


def train_first(registry: Registry, clock: Clock) -> Model:
    """Simulate a population, fit a model to it and register it."""
    traffic = simulate(FIRST_ACCOUNTS, FIRST_DAYS, FIRST_SEED)
    abusive = frozenset(account for account, kind in traffic.labels if kind)
    batches = []
    with meter("simulating traffic and training", STEPS) as shown:
        for batch in decoded(traffic.tables()):
            batches.append(batch)
            shown.advance(len(batch))

        def replay() -> Iterator[EventBatch]:
            for batch in batches:
                shown.advance(len(batch))
                yield batch

        fitted = fit(
            replay,
            abusive=abusive,
            origin="simulator",
            seed=FIRST_SEED,
            created_at=clock.now().isoformat(),
        )
    return installed(registry, fitted, "fairuse", "the first model, of simulated traffic")


def installed(registry: Registry, fitted: Fitted, actor: str, why: str) -> Model:
    """Make a fitted model the champion; `ProgramError` says in a line why it could not be."""
    try:
        return registry.install(
            fitted.bank, fitted.calibration, fitted.manifest, actor=actor, why=why
        )
    except (Incompatible, MoveLost) as error:
        raise ProgramError(str(error)) from error
    except OSError as error:
        where = error.filename or registry.directory
        raise ProgramError(f"{where}: {error.strerror or error}: nothing was moved") from error


def decoded(tables: Iterator[pa.Table]) -> Iterator[EventBatch]:
    """Give simulated tables as they would arrive, one record an event."""
    done = 0
    for table in tables:
        offsets = np.arange(done, done + len(table))
        yield decode_table(table, Places.of_records(Partition("simulated", 0), offsets)).events
        done += len(table)
