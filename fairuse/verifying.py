"""Whether a pinned verdict can be computed again: replay its partition, and compare every bit.

The pinned verdict names its model, its feature view, its place in the log, and the offset from
which the model scored the partition. That is all a replay needs beside the events.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.association import DETECTOR as LINKED
from detectors.memory import RECORD, met
from detectors.model import Incompatible
from detectors.scorer import Scorer
from fairuse.comparing import differences
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import meter
from fairuse.replaying import Place, events_to
from fairuse.trusting import open_registry
from fairuse.watching import policy_of
from features.state import FeatureState
from features.view import VIEW
from streams.raw import Partition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from detectors.model import Model
    from detectors.registry import Registry
    from detectors.verdict import Verdict
    from fairuse.comparing import Difference
    from fairuse.settings import Settings


@dataclass(frozen=True, slots=True)
class Verified:
    """How a replay of so many `events` compares with the pinned verdict."""

    events: int
    different: list[Difference]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.different

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        yield ""
        if self.same:
            yield f"Replayed {self.events:,} events: the same, bit for bit"
            return
        yield f"Replayed {self.events:,} events: not the same"
        yield from (f"  {difference}" for difference in self.different)


def verify(
    settings: Settings, pinned: Verdict, paths: Sequence[str], registry: Path | None
) -> Verified:
    """Replay the log, or files and archives, up to a pinned verdict's place and compare."""
    if pinned.detector == LINKED:
        raise ProgramError(
            "the verdict rests on what accounts share and on what people decided, not on this "
            "account's events alone: its case shows the links as they stand now"
        )
    if pinned.view_fingerprint != VIEW.fingerprint:
        raise ProgramError(
            f"the verdict was computed under feature view {pinned.view_fingerprint}, this release "
            f"computes {VIEW.fingerprint}: verify it with the release that scored it"
        )
    model = _load(open_registry(settings, registry), pinned.model_version)
    events, said = _replay(settings, pinned, model, paths)
    if not events:
        raise WrongInputError(f"{', '.join(paths)}: nothing of {pinned.topic} is there")
    found = next((one for one in said if one.verdict_id == pinned.verdict_id), None)
    found = found or next((one for one in said if one.detector == pinned.detector), None)
    if found is None:
        raise ProgramError(
            f"after {events:,} events the replay asks for nothing of {pinned.account_id} at offset "
            f"{pinned.offset}: these are not the events, or not all of them"
        )
    return Verified(events, differences(pinned, found))


def _load(registry: Registry, version: str) -> Model:
    if version not in registry.versions():
        raise WrongInputError(
            f"model {version} is not in {registry.directory}: it cannot be asked again"
        )
    try:
        return registry.load(version)
    except Incompatible as error:
        raise ProgramError(str(error)) from error


def _replay(
    settings: Settings, pinned: Verdict, model: Model, paths: Sequence[str]
) -> tuple[int, list[Verdict]]:
    """Give how many events there were, and what is said of the account at the pinned place."""
    place = Place(Partition(pinned.topic, pinned.partition), pinned.offset, pinned.index)
    state, policy = FeatureState(), policy_of(settings)
    first = pinned.scored_from
    watched, begun = pinned.acted_from > first, False
    judging = policy.shadow() if watched else policy
    # Whoever scored before left records that tell who an account's peers are.
    scorer, before = Scorer(model, judging), np.zeros(0, dtype=RECORD)
    count = 0
    said: list[Verdict] = []
    with meter("events replayed") as shown, closing(events_to(settings, place, paths)) as batches:
        for batch in batches:
            early = batch.events["offset"] < first
            past = batch.where(early)
            before = met(before, past, state.update(past), state.accounts)
            if not begun and not early.all():
                scorer, begun = Scorer.after(before, model, judging, first), True
            shadow = ~early & (batch.events["offset"] < pinned.acted_from)
            for scored in (batch.where(shadow), batch.where(~early & ~shadow)):
                if watched and len(scored) and scored.events["offset"][0] >= pinned.acted_from:
                    scorer, watched = scorer.promoted(policy, pinned.acted_from), False
                said += scorer.judge(scored, state.update(scored), state, pinned.topic)
            count += len(batch)
            shown.advance(len(batch))
    where = (pinned.account_id, pinned.offset, pinned.index)
    return count, [one for one in said if (one.account_id, one.offset, one.index) == where]
