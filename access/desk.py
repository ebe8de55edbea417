"""Answers many asks in one transaction: lock the accounts, read how they stand, decide, write.

Group commit is what makes an answer cheap: a batch takes as many statements as one ask. An account
that another transaction holds is left for a later batch, so that nobody waits for somebody else's
review. Decisions are `access.admission`'s, rows are `access.ledger`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from access.accounts import lock_free_accounts
from access.admission import Admitted, House, decide
from access.ending import expire_stale
from access.errors import AccessError, AlreadyEndedError
from access.ledger import Job, jobs_by_id
from access.load_rows import load_now
from access.periods import month_of
from access.rows import Rows, reserve_credits, reserve_quota
from access.standings import read_standings
from access.vocabulary import AdmissionOrigin, JobMode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.admission import Ask, Denied
    from access.plans import Catalogue
    from access.standings import Standing

HELD_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an ask: the job that may run, `repeated` if it was known, or a denial."""

    ask: Ask
    outcome: Job | Denied
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What every answer goes by; `held_for` is how long a job may run before it is given up."""

    catalogue: Catalogue
    held_for: timedelta = HELD_FOR


def answer_asks(
    session: Session, asks: Sequence[Ask], terms: Terms, now: datetime
) -> list[Answer | AccessError | None]:
    """Answer each ask: an answer, what is wrong with it, or None to ask again in a moment.

    A job asked about again is answered as it was. An unknown model or a job that cannot be is that
    ask's error alone.
    """
    free = lock_free_accounts(session, {ask.account_id for ask in asks}, now)
    mine = [ask for ask in asks if ask.account_id in free]
    if not mine:
        return [None] * len(asks)
    desk = _open_desk(session, mine, free, terms, now)
    answers = [desk.answer(ask) if ask.account_id in free else None for ask in asks]
    desk.rows.write(session)
    return answers


def _open_desk(
    session: Session, asks: Sequence[Ask], accounts: Collection[str], terms: Terms, now: datetime
) -> _Desk:
    standings = read_standings(session, accounts, terms.catalogue, now)
    open_jobs = [job for each in standings.values() for job in each.open_jobs]
    if expire_stale(session, open_jobs, terms.catalogue, now):
        standings = read_standings(session, accounts, terms.catalogue, now)
    known = jobs_by_id(session, {ask.admission_id for ask in asks})
    return _Desk(
        House(terms.catalogue, load_now(session, now), now), terms, standings, known, Rows()
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """One batch at work: how the accounts stand after what was answered so far."""

    house: House
    terms: Terms
    standings: dict[str, Standing]
    known: dict[str, Job]
    rows: Rows

    def answer(self, ask: Ask) -> Answer | AccessError:
        job = self.known.get(ask.admission_id)
        if job is not None and job.ended_at is not None:
            return AlreadyEndedError(f"job {ask.job_id} has ended; another try is another job")
        if job is not None:
            return Answer(ask, job, repeated=True)
        standing = self.standings[ask.account_id]
        try:
            decision = decide(ask, standing, self.house)
        except AccessError as error:
            return error
        if isinstance(decision, Admitted):
            return Answer(ask, self._admit(ask, standing, decision))
        return Answer(ask, decision)

    def _admit(self, ask: Ask, standing: Standing, decision: Admitted) -> Job:
        job = self._job(ask, decision)
        purse, usage = standing.purse, standing.usage
        self.rows.admit(job)
        if decision.mode is JobMode.CREDITS:
            purse = reserve_credits(self.rows, purse, decision.draws, job)
        else:
            usage = reserve_quota(self.rows, usage, job)
        self.standings[ask.account_id] = replace(
            standing, purse=purse, usage=usage, open_jobs=(*standing.open_jobs, job)
        )
        self.known[job.id] = job
        return job

    def _job(self, ask: Ask, decision: Admitted) -> Job:
        now, catalogue = self.house.now, self.house.catalogue
        return Job(
            id=ask.admission_id,
            account_id=ask.account_id,
            job_id=ask.job_id,
            origin=AdmissionOrigin.ASKED,
            mode=decision.mode,
            queue=decision.queue,
            model=ask.job.model,
            media=ask.job.media,
            feature=ask.job.feature,
            units=decision.units,
            month=month_of(now, catalogue.zone),
            speed=decision.speed,
            concurrency=decision.concurrency,
            turn=decision.turn,
            catalogue=catalogue.version,
            at=now,
            until=now + self.terms.held_for,
        )
