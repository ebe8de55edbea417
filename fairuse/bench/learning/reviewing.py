"""Simulated reviewers: they know the truth and err now and then, and can look at so many cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import select

from detectors.verdict import Kind
from review_api.checklist import CHECKLIST
from review_api.decisions import Ruling, decide
from review_api.models import Case
from review_api.queue_records import QueueEntry
from review_api.threads import version_of
from review_api.vocabulary import OUTCOME_OF, Choice, ReasonCode, Ruled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

CODES: Final[Mapping[Kind, ReasonCode]] = {
    Kind.AUTOMATION: ReasonCode.AUTOMATION_CONFIRMED,
    Kind.SCRIPTING: ReasonCode.SCRIPTING_CONFIRMED,
    Kind.CREDENTIAL_SHARING: ReasonCode.SHARING_CONFIRMED,
    Kind.RESELLING: ReasonCode.RESALE_CONFIRMED,
}


@dataclass(slots=True)
class Reviewers:
    """Some people, wrong with probability `error`; the same seed gives the same mistakes.

    The policy has no grace and asks nobody for a second opinion, so that a day is one step.
    `truth` names the abuse of each abusive account and may grow.
    """

    sessions: sessionmaker[Session]
    policy: ReviewPolicy
    clock: Clock
    truth: dict[str, str]
    per_day: int
    error: float = 0.05
    seed: int = 0
    chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)

    def work(self) -> int:
        """Decide as many open cases as a day allows, the paused first; give how many."""
        with self.sessions.begin() as session:
            waiting = select(QueueEntry.case_id, QueueEntry.account_id).order_by(
                QueueEntry.paused_since.is_(None), QueueEntry.opened_at, QueueEntry.case_id
            )
            cases = session.execute(waiting.limit(self.per_day)).all()
        for n, (case_id, account) in enumerate(cases):
            mistaken = self.chance.random() < self.error
            abusive = (account in self.truth) != mistaken
            self.decide(case_id, abusive=abusive, reviewer=f"reviewer {n % 3}")
        return len(cases)

    def decide(self, case_id: str, *, abusive: bool, reviewer: str) -> None:
        """Decide one case, whatever is true."""
        with self.sessions.begin() as session:
            case = session.get_one(Case, case_id)
            kind = case.kind
            # Who looks sees what it is, whatever the machine took it for.
            found = Kind(self.truth.get(case.account_id, kind))
            code = CODES[found] if abusive else ReasonCode.HEAVY_PERSONAL_USE
            choice = Choice.UPHOLD if abusive else Choice.RESTORE
            answers = {item.code: Ruled.RULED_OUT for item in CHECKLIST[kind]}
            ruling = Ruling(
                choice,
                OUTCOME_OF[code],
                code,
                "Looked at every job.",
                version_of(case),
                answers if abusive else {},
            )
            decide(
                session,
                case_id,
                ruling,
                reviewer=reviewer,
                now=self.clock.now(),
                policy=self.policy,
            )
