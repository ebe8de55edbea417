"""The books in plain Python: what the ledger must give, written as the rules say it.

No chains, no rows and no batches: pots of credits, counts of use, and jobs that hold them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from access.vocabulary import DenialReason, GrantKind, JobMode

NEVER = datetime.max.replace(tzinfo=UTC)
OF_A_CYCLE = {GrantKind.CYCLE, GrantKind.UPGRADE}
DAY = timedelta(days=1)


@dataclass
class Pot:
    kind: GrantKind
    since: datetime
    until: datetime
    left: Decimal

    @property
    def turn(self):
        return self.until, self.since


@dataclass
class Work:
    mode: JobMode
    model: str
    units: Decimal
    at: datetime
    until: datetime
    took: dict[str, Decimal] = field(default_factory=dict)
    end: tuple[str, Decimal] | None = None
    refunded: bool = False


@dataclass
class ModelBooks:
    """One account. `plan` and `due` are what the subscription says at the moment of a call."""

    pots: dict[str, Pot] = field(default_factory=dict)
    used: Counter = field(default_factory=Counter)
    jobs: dict[str, Work] = field(default_factory=dict)

    def spendable(self, due, now):
        for each in due:
            pot = Pot(each.kind, each.since, each.until, each.units)
            self.pots.setdefault(each.id, pot)
        live = {each.id for each in due}
        return {
            name: pot
            for name, pot in self.pots.items()
            if pot.since <= now < pot.until and (pot.kind not in OF_A_CYCLE or name in live)
        }

    def balance(self, due, now):
        return sum((pot.left for pot in self.spendable(due, now).values()), Decimal(0))

    def buy(self, event, units, now):
        if event in self.pots:
            return False
        self.pots[event] = Pot(GrantKind.PACK, now, NEVER, units)
        return True

    def quota_left(self, plan, model, now):
        pool = plan.pool_of(model)
        if pool is None:
            return Decimal(0)
        taken = sum(self.used[month(now), each] for each in pool.models)
        return max(pool.units - taken, Decimal(0))

    def why_not(self, plan, due, work):
        running = sum(job.end is None and job.mode is work.mode for job in self.jobs.values())
        now = work.at
        if work.mode is JobMode.CREDITS:
            if running >= plan.credit_concurrency:
                return DenialReason.TOO_MANY_JOBS
            short = self.balance(due, now) < work.units
            return DenialReason.CREDITS_SHORT if short else None
        if plan.pool_of(work.model) is None:
            return DenialReason.QUOTA_NOT_IN_PLAN
        if self.quota_left(plan, work.model, now) < work.units:
            return DenialReason.QUOTA_USED_UP
        return DenialReason.TOO_MANY_JOBS if running >= plan.concurrency else None

    def admit(self, name, work, due):
        self.jobs[name] = work
        if work.mode is JobMode.QUOTA:
            self.used[month(work.at), work.model] += work.units
            return
        wanted = work.units
        pots = self.spendable(due, work.at)
        for pot_name in sorted(pots, key=lambda each: pots[each].turn):
            taken = min(pots[pot_name].left, wanted)
            pots[pot_name].left -= taken
            wanted -= taken
            if taken:
                work.took[pot_name] = taken
        assert wanted == 0

    def end(self, name, kind, charged, now):
        work = self.jobs[name]
        self.give_back(name, work.units - charged, now)
        work.end = (kind, charged)

    def expire(self, now, names=None):
        for name in names or list(self.jobs):
            work = self.jobs[name]
            if work.end is None and work.until <= now:
                self.end(name, "expired", Decimal(0), now)

    def give_back(self, name, units, now):
        work = self.jobs[name]
        if work.mode is JobMode.QUOTA:
            self.used[month(work.at), work.model] -= units
            return
        for pot_name in sorted(work.took, key=lambda each: self.pots[each].turn, reverse=True):
            pot, share = self.pots[pot_name], min(units, work.took[pot_name])
            units -= share
            work.took[pot_name] -= share
            if pot.until > now:
                pot.left += share
            elif share:
                fresh = Pot(GrantKind.RETURNED, now, now + DAY, share)
                self.pots[f"{name} {pot_name} {work.end}"] = fresh


def month(at):
    return at.strftime("%Y-%m")
