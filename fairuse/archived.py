"""`fit` and `score` over archived events: the live code, fed from files in their order.

Files and folders are read one after the other as one log. Unreadable lines are counted and the
first is named; past the same limits as live they end the run.
"""

from __future__ import annotations

import csv
import getpass
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.overlap import Overlap
from detectors.scorer import Scorer
from detectors.summary import COLUMNS, rows
from detectors.training import TooLittleToFit, fit
from fairuse.errors import WrongInputError
from fairuse.fitted import refuse_blind, required, strata_facts
from fairuse.labels import read_labels
from fairuse.linked_rows import read_links, with_links
from fairuse.models import champion_or_first, installed
from fairuse.progress import meter, say
from fairuse.trusting import open_registry
from fairuse.watching import policy_of
from features.state import FeatureState
from streams.clock import SystemClock
from streams.dead_letters import DeadLetterLimit, DeadLetterPolicy
from streams.errors import TooManyDeadLetters
from streams.files import read_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fairuse.progress import Meter
    from fairuse.settings import Settings
    from streams.columns import EventBatch
    from streams.dead_letters import DeadLetter


@dataclass(slots=True)
class Reading:
    """Reads files as one log and remembers what in them was not an event."""

    paths: Sequence[str]
    settings: Settings
    dead: int = 0
    first: DeadLetter | None = None
    _limit: DeadLetterLimit = field(init=False)

    def batches(self, shown: Meter) -> Iterator[EventBatch]:
        """Give all events from the beginning, in order."""
        self.dead, self.first = 0, None
        self._limit = DeadLetterLimit(dead_letter_policy(self.settings))
        for path in self.paths:
            for decoded in read_events(
                Path(path), key=self.settings.hash_key, workers=os.cpu_count() or 1
            ):
                self._note(len(decoded.events), decoded.dead)
                shown.advance(len(decoded.events))
                yield decoded.events

    def _note(self, events: int, dead: list[DeadLetter]) -> None:
        self.dead += len(dead)
        self.first = self.first or next(iter(dead), None)
        try:
            self._limit.count(events + len(dead), len(dead))
        except TooManyDeadLetters as error:
            raise WrongInputError(f"{self.complaint()}; {error}") from error

    def complaint(self) -> str:
        """Say where the first unreadable record is and what is wrong with it."""
        letter = self.first
        if letter is None:
            return "nothing is unreadable"
        place = f"{letter.topic}, line {letter.offset + 1}"
        where = f"{place}, field {letter.field}" if letter.field else place
        return f"{where}: {letter.sentence}"


def dead_letter_policy(settings: Settings) -> DeadLetterPolicy:
    """Give the limits past which reading stops."""
    return DeadLetterPolicy(
        settings.dead_letter_count, settings.dead_letter_share, settings.dead_letter_window
    )


def score_files(  # noqa: PLR0913, PLR0917 - one argument for each option of the verb
    settings: Settings,
    paths: Sequence[str],
    out: Path,
    registry: Path | None,
    detect_only: str | None = None,
    links: Path | None = None,
) -> dict[str, object]:
    """Score archived events and write one CSV row for each account.

    `links` is a file of `fairuse links`; its reasons join those of the row, and ask for a review
    at most.
    """
    for path in paths:  # before a first model is trained, which takes a while
        if not Path(path).exists():
            raise WrongInputError(f"{path}: there is no such file")
    linked = read_links(links) if links else {}
    clock, policy = SystemClock(), policy_of(settings, detect_only)
    scorer = Scorer(champion_or_first(open_registry(settings, registry), clock), policy)
    state, reading, overlap = FeatureState(), Reading(paths, settings), Overlap()
    events, verdicts, began = 0, 0, clock.monotonic()
    with meter("events scored") as shown:
        for batch in reading.batches(shown):
            said = scorer.judge(batch, state.update(batch), state, paths[0])
            overlap.learn(said)
            verdicts += len(said)
            events += len(batch)
    seconds = clock.monotonic() - began
    _write_rows(out, with_links(rows(scorer, state), linked))
    _warn(reading)
    return {
        "accounts": state.accounts,
        "events": events,
        "dead_letters": reading.dead,
        "verdicts": verdicts,
        "model": scorer.model.manifest.version,
        "seconds": round(seconds, 2),
        "events_per_second": round(events / seconds) if seconds else 0,
        "out": str(out),
        "overlap": [asdict(shared) for shared in overlap.table()],
    }


def fit_files(
    settings: Settings,
    paths: Sequence[str],
    labels: Path | None,
    registry: Path | None,
    require: str = "",
) -> dict[str, object]:
    """Train a model from archived events, register it and tell about it."""
    clock, wanted = SystemClock(), required(require)
    known = read_labels(labels) if labels else {}
    reading = Reading(paths, settings)
    with meter("events read, twice") as shown:
        try:
            fitted = fit(
                lambda: reading.batches(shown),
                labels=known,
                created_at=clock.now().isoformat(),
            )
        except TooLittleToFit as error:
            raise WrongInputError(f"{', '.join(paths)}: {error}") from error
    _warn(reading)
    refuse_blind(wanted, fitted.manifest.blind)
    directory = registry or settings.registry_dir
    opened = open_registry(settings, directory)
    model = installed(opened, fitted, getpass.getuser(), "fitted by hand")
    manifest = model.manifest
    return {
        "model": manifest.version,
        "accounts": manifest.accounts,
        "events": manifest.events,
        "dead_letters": reading.dead,
        "excluded": manifest.excluded,
        "calibrated": manifest.calibrated,
        "blind": list(manifest.blind),
        "learnt": list(manifest.learnt),
        "strata": strata_facts(model),
        "registry": str(directory),
    }


def _write_rows(out: Path, found: Iterator[tuple[Any, ...]]) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(found)
    except OSError as error:
        raise WrongInputError(f"{out}: {error.strerror or error}") from error


def _warn(reading: Reading) -> None:
    if reading.dead:
        say(f"{reading.dead} records are not events; the first: {reading.complaint()}")
