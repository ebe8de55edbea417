"""Proposes a sweep, lets it go on a stage at a time, carries it out, and takes it back.

Every case of a sweep is decided like any other: by the person who let it go on, with a rationale,
an outcome and a label, after the usual grace. A case that changed since the preview is skipped.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from review_api.errors import (
    BadRequestError,
    CaseNotFoundError,
    MoveRefusedError,
    SweepNotFoundError,
)
from review_api.models import Case, CaseEvent
from review_api.sweeps.exemptions import end_exemption, exempt
from review_api.sweeps.finding import MOST, paused_alike, signature_of_case
from review_api.sweeps.records import Exemption, Sweep, SweepMember, SweepOutcome, SweepStep
from review_api.sweeps.vocabulary import SHARE, Stage
from review_api.vocabulary import Choice, choice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.vocabulary import ReasonCode

SAMPLE: Final = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person proposes: everybody paused like `from_case_id`, or the `case_ids` they name.

    `exempt_days` opens an exemption for the signature at the first stage's start; 0 opens none.
    """

    reason_code: ReasonCode
    rationale: str
    actor: str
    from_case_id: str | None = None
    case_ids: tuple[str, ...] = ()
    exempt_days: int = 0


def propose(
    session: Session,
    proposal: Proposal,
    now: datetime,
    chance: Callable[[int], str] = secrets.token_hex,
) -> Sweep:
    """Write down who would be restored, in a random order with the first ten to be read in full.

    Restores nobody. The exemption, if one is asked for, stands from now on: it only withholds.
    """
    _check(proposal)
    signature = ""
    case_ids: Sequence[str] = proposal.case_ids
    if proposal.from_case_id is not None:
        found = signature_of_case(session, proposal.from_case_id)
        signature, case_ids = found.word, paused_alike(session, found, now)
    versions = _versions(session, case_ids)
    if missing := sorted(set(case_ids) - versions.keys()):
        raise CaseNotFoundError(f"case_ids: there is no case {missing[0]}")
    sweep = Sweep(
        id=chance(12),
        signature=signature,
        from_case_id=proposal.from_case_id,
        reason_code=proposal.reason_code,
        rationale=proposal.rationale.strip(),
        actor=proposal.actor,
        at=now,
    )
    session.add(sweep)
    _add_members(session, sweep, versions)
    if proposal.exempt_days:
        exempt(session, sweep, proposal.exempt_days, now)
    return sweep


def let_go(session: Session, sweep_id: str, stage: Stage, *, actor: str, now: datetime) -> Sweep:
    """Let a sweep go on to the next stage, once the one before is done; or take it all back."""
    sweep = locked_sweep(session, sweep_id)
    taken = {step.stage for step in sweep.steps}
    if Stage.BACK in taken:
        raise MoveRefusedError("the sweep was taken back")
    if stage in taken:
        raise MoveRefusedError(f"the sweep was let go to {stage} already")
    if stage is not Stage.BACK:
        _check_order(session, sweep, stage, taken)
    session.add(SweepStep(sweep_id=sweep.id, stage=stage, actor=actor, at=now))
    session.flush()
    session.refresh(sweep, ["steps"])
    if stage is Stage.BACK:
        opened = session.scalars(select(Exemption.id).where(Exemption.sweep_id == sweep.id))
        for exemption_id in opened.all():
            end_exemption(session, exemption_id, actor=actor, now=now)
    return sweep


def locked_sweep(session: Session, sweep_id: str) -> Sweep:
    """Read the sweep under its row's lock, or raise `SweepNotFoundError`."""
    found = select(Sweep).where(Sweep.id == sweep_id).with_for_update()
    sweep = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if sweep is None:
        raise SweepNotFoundError(f"there is no sweep {sweep_id}")
    return sweep


def reach(members: int, stage: Stage) -> int:
    """Say how many cases a stage covers: at least one, and never fewer than the stage before."""
    return min(members, ceil(members * SHARE[stage]))


def _check(proposal: Proposal) -> None:
    if choice_of(proposal.reason_code) is not Choice.RESTORE:
        raise BadRequestError("reason_code: a sweep only restores")
    if not proposal.rationale.strip():
        raise BadRequestError("rationale: a sweep needs its reason in words")
    if (proposal.from_case_id is None) == (not proposal.case_ids):
        raise BadRequestError("name one case whose like is looked for, or the cases themselves")
    if proposal.exempt_days and proposal.from_case_id is None:
        raise BadRequestError("exempt_days: cases named one by one have no signature to exempt")
    if len(proposal.case_ids) > MOST:
        raise BadRequestError(f"case_ids: at most {MOST} at once")


def _check_order(session: Session, sweep: Sweep, stage: Stage, taken: set[Stage]) -> None:
    before = list(SHARE)[: list(SHARE).index(stage)]
    if not taken.issuperset(before):
        raise MoveRefusedError(f"the sweep goes to {before[-1]} before it goes to {stage}")
    counted = select(func.count(SweepOutcome.id)).where(SweepOutcome.sweep_id == sweep.id)
    done = session.scalar(counted) or 0
    if before and done < reach(len(sweep.members), before[-1]):
        raise MoveRefusedError(f"the sweep is still at work on its {before[-1]}")


def _versions(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for start in range(0, len(case_ids), 500):
        some = case_ids[start : start + 500]
        rows = session.execute(
            select(Case.id, func.count(CaseEvent.id))
            .outerjoin(CaseEvent, CaseEvent.case_id == Case.id)
            .where(Case.id.in_(some))
            .group_by(Case.id)
        )
        versions.update((name, count) for name, count in rows)
    return versions


def _add_members(session: Session, sweep: Sweep, versions: dict[str, int]) -> None:
    # The order is drawn from the sweep's own name, so that anybody can draw it again.
    order = sorted(versions)
    random.Random(sweep.id).shuffle(order)  # noqa: S311 - a fair sample, not a secret
    session.add_all(
        SweepMember(
            sweep_id=sweep.id,
            case_id=case_id,
            place=place,
            version=versions[case_id],
            sample=place < SAMPLE,
        )
        for place, case_id in enumerate(order)
    )
    session.flush()
    session.refresh(sweep, ["members", "steps"])
