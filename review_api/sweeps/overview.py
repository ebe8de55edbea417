"""How far a sweep is, and what it shows before it restores anybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from review_api.errors import SweepNotFoundError
from review_api.models import Case
from review_api.sweeps.records import Sweep, SweepMember, SweepOutcome
from review_api.sweeps.vocabulary import SHARE, Stage, SweepResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

SHOWN_AT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of a sweep's cases so far, and the stage it may be let go to next."""

    members: int
    going: Mapping[SweepResult, int]
    back: Mapping[SweepResult, int]
    stage: Stage | None
    following: Stage | None

    @property
    def done(self) -> int:
        """How many cases were restored or skipped."""
        return sum(self.going.values())


def read_sweep(session: Session, sweep_id: str) -> Sweep:
    """Read a sweep, or raise `SweepNotFoundError`."""
    sweep = session.get(Sweep, sweep_id)
    if sweep is None:
        raise SweepNotFoundError(f"there is no sweep {sweep_id}")
    return sweep


def sweeps(session: Session) -> Sequence[Sweep]:
    """Give the newest sweeps."""
    return session.scalars(
        select(Sweep).order_by(Sweep.at.desc(), Sweep.id).limit(SHOWN_AT_MOST)
    ).all()


def progress_of(session: Session, sweep: Sweep) -> Progress:
    """Count what became of the sweep's cases."""
    counts: dict[bool, Counter[SweepResult]] = {True: Counter(), False: Counter()}
    found = select(SweepOutcome.back, SweepOutcome.result, func.count(SweepOutcome.id)).where(
        SweepOutcome.sweep_id == sweep.id
    )
    for back, result, count in session.execute(
        found.group_by(SweepOutcome.back, SweepOutcome.result)
    ):
        counts[back][result] = count
    taken = {step.stage for step in sweep.steps}
    left = [stage for stage in SHARE if stage not in taken]
    return Progress(
        members=len(sweep.members),
        going=counts[False],
        back=counts[True],
        stage=sweep.steps[-1].stage if sweep.steps else None,
        following=left[0] if left and Stage.BACK not in taken else None,
    )


def sample_of(session: Session, sweep: Sweep) -> Sequence[Case]:
    """Give the ten cases that are read in full before anybody is restored."""
    drawn = select(SweepMember.case_id).where(
        SweepMember.sweep_id == sweep.id, SweepMember.sample.is_(True)
    )
    return session.scalars(select(Case).where(Case.id.in_(drawn)).order_by(Case.id)).all()
