"""Which case a reviewer is given next: the paused first, then the mix, with second looks between.

What was given is written down. Asking again gives the same case, until it is decided, somebody else
holds it, or the reviewer passes it over; so the answer depends on nothing but what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from review_api.carried_out import counts
from review_api.cases import read_evidence
from review_api.links import links_of
from review_api.models import Case, Decision, Evidence
from review_api.quality.looks import LATELY, next_look
from review_api.quality.mix import LOOKS, Candidate, Turn, observed_in, pick, slice_of
from review_api.quality.pool import Waiting, waiting_for
from review_api.quality.records import GivenWork, Look
from review_api.quality.vocabulary import Slice
from review_api.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy

SEED: Final = "fairuse"
COMPARED: Final = 20
"""Confirmed cases that others are compared with, the newest first."""

BLIND: Final = frozenset({Slice.AUDIT, Slice.LOOK})
"""What is given without saying why, until it is decided."""

WHY: Final[Mapping[Slice, str]] = {
    Slice.PAUSED: "somebody is paused and waits: that comes before everything",
    Slice.CHAMPION: "it is at the top of the queue",
    Slice.PORTFOLIO: "it is at the top of what another detector found",
    Slice.NEIGHBOUR: "it is like a case that was confirmed lately, or linked to one",
    Slice.NIGHT: "the nightly job asks about it: newer models wait for it",
    Slice.AUDIT: "it was drawn by chance, to measure what the machine misses",
    Slice.LOOK: "it was decided by somebody else, to see how far people agree",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for work, when, under which rules, and which cases they pass over."""

    reviewer: str
    now: datetime
    policy: ReviewPolicy
    skip: Collection[str] = ()

    @property
    def midnight(self) -> datetime:
        """When the reviewer's day began."""
        local = self.now.astimezone(self.policy.zone)
        return datetime.combine(local.date(), time(), self.policy.zone)


def next_work(session: Session, asking: Asking) -> GivenWork | None:
    """Give the reviewer's next case, and write it down; None when nothing waits for them."""
    turn = _turn(session, asking)
    waiting = waiting_for(session, asking.reviewer, asking.now, asking.policy)
    waiting = [one for one in waiting if one.case_id not in asking.skip]
    paused = next((one for one in waiting if one.paused), None)
    before = _given(session, asking, turn, waiting)
    if paused is not None:
        if before is not None and before.case_id == paused.case_id:
            return before
        return _give(session, asking, turn, Slice.PAUSED, paused.case_id)
    if before is not None:
        return before
    look = next_look(session, asking.reviewer, asking.now, asking.policy)
    if look is not None and look.case_id in asking.skip:
        look = None
    if look is not None and turn.lot("look") < LOOKS:
        return _give(session, asking, turn, Slice.LOOK, look.case_id)
    found = pick(turn, *_candidates(session, turn, waiting, asking.now))
    if found is not None:
        return _give(session, asking, turn, found[0], found[1].case_id)
    return _give(session, asking, turn, Slice.LOOK, look.case_id) if look else None


def given_to(session: Session, case_id: str, reviewer: str) -> GivenWork | None:
    """Give how this reviewer came to the case, the last time."""
    found = select(GivenWork).where(GivenWork.case_id == case_id, GivenWork.reviewer == reviewer)
    return session.scalars(found.order_by(GivenWork.id.desc()).limit(1)).one_or_none()


def _turn(session: Session, asking: Asking) -> Turn:
    """Count what the reviewer has finished today: that is the number of the turn."""
    since, name = asking.midnight, asking.reviewer
    decided = select(func.count(Decision.id)).where(
        Decision.reviewer == name, Decision.effective_from >= since, Decision.at >= since
    )
    looked = select(func.count(Look.id)).where(Look.reviewer == name, Look.at >= since)
    done = (session.scalar(decided) or 0) + (session.scalar(looked) or 0)
    return Turn(SEED, since.date().isoformat(), name, done)


def _given(
    session: Session, asking: Asking, turn: Turn, waiting: Sequence[Waiting]
) -> GivenWork | None:
    """Give what was given on this turn already and still waits for the reviewer."""
    rows = session.scalars(
        select(GivenWork)
        .where(
            GivenWork.reviewer == turn.reviewer,
            GivenWork.day == turn.day,
            GivenWork.turn == turn.number,
            GivenWork.case_id.not_in(asking.skip),
        )
        .order_by(GivenWork.id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    if row.share is Slice.LOOK:
        return row
    return row if any(one.case_id == row.case_id for one in waiting) else None


def _give(session: Session, asking: Asking, turn: Turn, share: Slice, case_id: str) -> GivenWork:
    given = GivenWork(
        reviewer=asking.reviewer,
        day=turn.day,
        turn=turn.number,
        case_id=case_id,
        share=share,
        why=WHY[share],
        at=asking.now,
    )
    session.add(given)
    session.flush()
    return given


def _candidates(
    session: Session, turn: Turn, waiting: Sequence[Waiting], now: datetime
) -> tuple[list[Candidate], list[dict[str, float]]]:
    """Read what the mix needs; what cases look like only where the turn asks for it."""
    if slice_of(turn) is not Slice.NEIGHBOUR:
        return [
            Candidate(one.case_id, one.detector, one.brought, flip=one.flip) for one in waiting
        ], []
    confirmed = _confirmed(session, now - LATELY)
    linked = {link.account_id for _, account in confirmed for link in links_of(session, account)
              if link.strong}  # fmt: skip
    observed = _observed(session, [*(one.case_id for one in waiting), *(c for c, _ in confirmed)])
    return [
        Candidate(
            one.case_id,
            one.detector,
            one.brought,
            one.account_id in linked,
            observed.get(one.case_id, {}),
            one.flip,
        )
        for one in waiting
    ], [observed[case_id] for case_id, _ in confirmed if case_id in observed]


def _confirmed(session: Session, since: datetime) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Case.id, Case.account_id)
        .join(Decision, Decision.case_id == Case.id)
        .where(counts(), Decision.outcome == Outcome.CONFIRMED, Decision.effective_from > since)
        .order_by(Decision.id.desc())
        .limit(COMPARED)
    )
    return [(case_id, account) for case_id, account in rows]


def _observed(session: Session, case_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    newest = (
        select(func.max(Evidence.id))
        .where(Evidence.case_id.in_(case_ids))
        .group_by(Evidence.case_id)
    )
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(newest)))
    return {row.case_id: observed_in(read_evidence(row)) for row in rows}
