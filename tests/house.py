"""One review house over one database: what happens to it, and what one may ask it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import func, select

from access.reading import access_of
from review_api.cases import view_case
from review_api.checklist import CHECKLIST
from review_api.decisions import Ruling, decide
from review_api.effects import settle_due
from review_api.intake import intake
from review_api.models import CaseEvent
from review_api.policy import ReviewPolicy
from review_api.records import OutboxMessage
from review_api.relay import relay_once
from review_api.vocabulary import OUTCOME_OF, Choice, ReasonCode, Ruled
from streams.clock import ManualClock
from tests.verdicts import MONDAY

POLICY = ReviewPolicy()
USUAL_CODE = {
    Choice.RESTORE: ReasonCode.SIGNALS_MISREAD,
    Choice.UPHOLD: ReasonCode.AUTOMATION_CONFIRMED,
    Choice.CONVERT: ReasonCode.OFFER_API_PLAN,
}


def ruled_out(kind):
    """Answer the whole checklist of a kind with what an uphold needs."""
    return {item.code: Ruled.RULED_OUT for item in CHECKLIST[kind]}


@dataclass
class House:
    """The database and what one would ask of it, one transaction a call."""

    database: object
    policy: ReviewPolicy = POLICY

    def take(self, payload, now=MONDAY):
        with self.database.writers.begin() as session:
            return intake(session, payload, now, self.policy)

    def decide(
        self,
        case_id,
        choice=Choice.RESTORE,
        now=MONDAY,
        *,
        code=None,
        version=None,
        reviewer="ana",
        answer="",
        checklist=None,
    ):
        code = code or USUAL_CODE[choice]
        version = version or self.view(case_id).version
        if checklist is None:
            kind = self.view(case_id).case.kind
            checklist = ruled_out(kind) if choice is Choice.UPHOLD else {}
        ruling = Ruling(
            choice, OUTCOME_OF[code], code, "Looked at every job.", version, checklist, answer
        )
        with self.database.writers.begin() as session:
            return decide(session, case_id, ruling, reviewer=reviewer, now=now, policy=self.policy)

    def settle(self, now):
        """Carry out the decisions that are due; give how many there were."""
        return settle_due(self.database.writers, ManualClock(now), self.policy)

    def view(self, case_id, now=MONDAY):
        with self.database.readers.begin() as session:
            return view_case(session, case_id, now)

    def access(self, now=MONDAY, account="acc_1"):
        with self.database.readers.begin() as session:
            return access_of(session, account, now)

    def count(self, table):
        with self.database.readers.begin() as session:
            return session.scalar(select(func.count()).select_from(table))

    def thread(self, case_id):
        with self.database.readers.begin() as session:
            found = select(CaseEvent.kind).where(CaseEvent.case_id == case_id)
            return list(session.scalars(found.order_by(CaseEvent.sequence)))

    def outbox(self):
        with self.database.readers.begin() as session:
            rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
            return [(row.topic, row.key, json.loads(row.payload)) for row in rows]

    def relay(self, now=MONDAY):
        """Empty the outbox; gives the messages that left."""
        sent = []
        while relay_once(self.database.writers, sent.extend, ManualClock(now)):
            pass
        return sent
