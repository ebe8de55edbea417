"""Does what a sweep was let go to do: each case in a transaction of its own, in the sweep's order.

May be called anywhere, any number of times: a case's outcome is written once, with its decision.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from review_api.decisions import Ruling, decide, undo
from review_api.errors import ReviewError
from review_api.steps import Step, reopen
from review_api.sweeps.records import Sweep, SweepMember, SweepOutcome, SweepStep
from review_api.sweeps.sweeping import reach
from review_api.sweeps.vocabulary import SHARE, Stage, SweepResult
from review_api.threads import locked_case, pending_decision, standing_decision, version_of
from review_api.vocabulary import OUTCOME_OF, Choice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

BATCH: Final = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """One case that a sweep is to restore, or to take back."""

    sweep_id: str
    case_id: str
    version: int
    back: bool
    actor: str


def sweep_some(
    sessions: sessionmaker[Session], clock: Clock, policy: ReviewPolicy, limit: int = BATCH
) -> int:
    """Do up to `limit` cases of the sweeps that may go on; give how many were done."""
    with sessions.begin() as session:
        tasks = _waiting(session, limit)
    return sum(_do(sessions, task, clock, policy) for task in tasks)


def _waiting(session: Session, limit: int) -> list[Task]:
    last = select(SweepStep.sweep_id).order_by(SweepStep.id.desc()).limit(200)
    tasks: list[Task] = []
    for sweep in session.scalars(select(Sweep).where(Sweep.id.in_(last)).order_by(Sweep.at)):
        step = sweep.steps[-1]
        back = step.stage is Stage.BACK
        wanted = _undone(session, sweep, back=back, limit=limit - len(tasks))
        tasks += [Task(sweep.id, each.case_id, each.version, back, step.actor) for each in wanted]
        if len(tasks) >= limit:
            break
    return tasks


def _undone(session: Session, sweep: Sweep, *, back: bool, limit: int) -> list[SweepMember]:
    this = (SweepOutcome.sweep_id == SweepMember.sweep_id,
            SweepOutcome.case_id == SweepMember.case_id)  # fmt: skip
    restored = exists().where(*this, SweepOutcome.result == SweepResult.RESTORED)
    done = exists().where(*this, SweepOutcome.back.is_(back))
    members = select(SweepMember).where(SweepMember.sweep_id == sweep.id, ~done)
    if back:
        members = members.where(restored)
    else:
        furthest = max(SHARE[step.stage] for step in sweep.steps)
        stage = next(stage for stage, share in SHARE.items() if share == furthest)
        members = members.where(SweepMember.place < reach(len(sweep.members), stage))
    return list(session.scalars(members.order_by(SweepMember.place).limit(limit)))


def _do(sessions: sessionmaker[Session], task: Task, clock: Clock, policy: ReviewPolicy) -> bool:
    try:
        with sessions.begin() as session:
            _once(session, task, clock, policy)
    except Exception:
        log.exception("case %s of sweep %s is tried again", task.case_id, task.sweep_id)
        return False
    return True


def _once(session: Session, task: Task, clock: Clock, policy: ReviewPolicy) -> None:
    locked_case(session, task.case_id, clock.now())
    done = exists().where(
        SweepOutcome.sweep_id == task.sweep_id,
        SweepOutcome.case_id == task.case_id,
        SweepOutcome.back.is_(task.back),
    )
    if session.scalar(select(done)):
        return
    try:
        with session.begin_nested():
            result, detail = (_take_back if task.back else _restore)(session, task, clock, policy)
    except ReviewError as refusal:
        result, detail = SweepResult.SKIPPED, str(refusal)
    session.add(
        SweepOutcome(
            sweep_id=task.sweep_id,
            case_id=task.case_id,
            back=task.back,
            result=result,
            detail=detail,
            at=clock.now(),
        )
    )


def _restore(
    session: Session, task: Task, clock: Clock, policy: ReviewPolicy
) -> tuple[SweepResult, str]:
    sweep = session.get_one(Sweep, task.sweep_id)
    ruling = Ruling(
        Choice.RESTORE,
        OUTCOME_OF[sweep.reason_code],
        sweep.reason_code,
        f"{sweep.rationale} (sweep {sweep.id})",
        task.version,
    )
    decision = decide(
        session, task.case_id, ruling, reviewer=task.actor, now=clock.now(), policy=policy
    )
    return SweepResult.RESTORED, str(decision.id)


def _decision_of(session: Session, task: Task) -> str | None:
    return session.scalar(
        select(SweepOutcome.detail).where(
            SweepOutcome.sweep_id == task.sweep_id,
            SweepOutcome.case_id == task.case_id,
            SweepOutcome.result == SweepResult.RESTORED,
        )
    )


def _take_back(
    session: Session, task: Task, clock: Clock, _policy: ReviewPolicy
) -> tuple[SweepResult, str]:
    case = locked_case(session, task.case_id, clock.now())
    ours, last = _decision_of(session, task), standing_decision(case)
    if last is None or str(last.id) != ours:
        return SweepResult.SKIPPED, "somebody has decided it since"
    if pending_decision(case) is not None:
        undo(session, task.case_id, reviewer=task.actor, now=clock.now(), for_others=True)
        return SweepResult.UNDONE, ""
    words = f"The sweep {task.sweep_id} was taken back."
    reopen(session, Step(task.case_id, version_of(case), words, task.actor), clock.now())
    return SweepResult.REOPENED, ""
