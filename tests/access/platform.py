"""One platform over one database: what the tests of access ask it, one transaction a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from access.accounts import lock_account
from access.admission import Ask
from access.catalogue import load_catalogue
from access.costs import Job
from access.desk import Terms, answer_asks
from access.ending import Ending, end_jobs
from access.standings import read_standings
from access.subscribing import note_subscription
from access.subscriptions import SubscriptionRecord
from access.vocabulary import AdmissionEndKind, SubscriptionChange
from tests.verdicts import MONDAY

CATALOGUE = load_catalogue()


def ask(job_id="j1", account="acc_1", wish=None, *, model="reel-3", seconds=4, units=None):
    """Ask about 4 seconds of video, one unit, unless told otherwise."""
    exact = None if units is None else Decimal(str(units))
    return Ask(account, job_id, Job(model, seconds=Decimal(seconds)), wish, exact)


@dataclass
class Platform:
    database: object
    terms: Terms = field(default_factory=lambda: Terms(CATALOGUE))

    def say(self, kind, plan=None, *, at=MONDAY, account="acc_1", event=None, until=None):
        record = SubscriptionRecord(
            event or f"{account} {kind} {at}", SubscriptionChange(kind), plan, at, until
        )
        with self.database.writers.begin() as session:
            lock_account(session, account, at)
            return note_subscription(session, account, record, at)

    def ask_all(self, *asks, now=MONDAY):
        with self.database.writers.begin() as session:
            return answer_asks(session, asks, self.terms, now)

    def ask(self, *args, now=MONDAY, **kwargs):
        (answer,) = self.ask_all(ask(*args, **kwargs), now=now)
        return answer

    def end_all(self, *endings, now=MONDAY):
        with self.database.writers.begin() as session:
            return end_jobs(session, endings, self.terms.catalogue, now)

    def settle(self, answer, units=None, *, now=MONDAY):
        exact = None if units is None else Decimal(str(units))
        kind = AdmissionEndKind.SETTLED
        (ended,) = self.end_all(Ending(answer.outcome.id, kind, exact, "platform"), now=now)
        return ended

    def release(self, answer, *, now=MONDAY):
        kind = AdmissionEndKind.RELEASED
        (ended,) = self.end_all(Ending(answer.outcome.id, kind, None, "platform"), now=now)
        return ended

    def standing(self, now=MONDAY, account="acc_1"):
        with self.database.readers.begin() as session:
            return read_standings(session, [account], CATALOGUE, now)[account]

    def balance(self, now=MONDAY, account="acc_1"):
        return self.standing(now, account).purse.balance(now)

    def used(self, model="reel-3", now=MONDAY, account="acc_1"):
        return self.standing(now, account).usage.of(model).units
