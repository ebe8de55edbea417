"""Writes down that a customer is to be told something, in the transaction it tells of.

Nothing is put into words here and nothing leaves: a template or a receiver that fails can undo
neither a pause nor a restore. Told is only who has felt something of the case.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, select

from access.books import MakeGood
from access.leases import lease_of, lease_state
from access.measures import measures_of
from access.vocabulary import MeasureKind
from review_api.notices.pinned import statement_of
from review_api.notices.records import Notice
from review_api.notices.statement import LOOKED_AS, write_statement
from review_api.notices.vocabulary import EVENT_OF, RESTRICTS, Occasion
from review_api.references import reference_of
from review_api.threads import last_of, status_of
from review_api.vocabulary import CaseEventKind, CaseStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.models import Case, Decision

FELT: Final = (
    CaseEventKind.PAUSED,
    CaseEventKind.MEASURE_TAKEN,
    CaseEventKind.ASKED,
    CaseEventKind.APPEALED,
)
_MEASURES: Final = {
    Occasion.SPEED_HELD: MeasureKind.SPEED_HOLD,
    Occasion.CHALLENGED: MeasureKind.CHALLENGE,
}
_CONFIRMED: Final = frozenset({Occasion.UPHELD, Occasion.APPEAL_UPHELD})


def notify(  # noqa: PLR0913 - what is told, of which case, when, and in whose words
    session: Session,
    occasion: Occasion,
    case: Case,
    now: datetime,
    *,
    decision: Decision | None = None,
    words: str = "",
) -> Notice | None:
    """Note down the notice, once for each event of the case that it tells of.

    Gives None for a case of which the customer has felt nothing. `decision` gives its answer and
    its cause, `words` a question. The caller holds the account's lock, and tells of a decision
    only once it is carried out.
    """
    if not any(last_of(case, kind) for kind in FELT):
        return None
    event = last_of(case, EVENT_OF[occasion])
    told = exists().where(
        Notice.case_id == case.id, Notice.occasion == occasion, Notice.event == event
    )
    if session.scalar(select(told)):
        return None
    name = f"{case.id}\x1f{occasion}\x1f{event}"
    notice_id = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    notice = Notice(
        id=notice_id,
        account_id=case.account_id,
        case_id=case.id,
        occasion=occasion,
        event=event,
        statement=_statement(session, occasion, case, notice_id),
        facts=_facts(session, occasion, case, decision),
        words=words or (decision.answer if decision else ""),
        created_at=now,
        not_before=now,
    )
    session.add(notice)
    session.flush()
    return notice


def _statement(
    session: Session, occasion: Occasion, case: Case, notice_id: str
) -> dict[str, Any] | None:
    if occasion not in RESTRICTS:
        return None
    session.flush()
    statement = statement_of(session, case, notice_id, confirmed=occasion in _CONFIRMED)
    return write_statement(statement) if statement else None


def _facts(
    session: Session, occasion: Occasion, case: Case, decision: Decision | None
) -> dict[str, Any]:
    """Give what the letter needs: times as RFC 3339, words of our vocabularies, plain numbers."""
    facts: dict[str, Any] = {
        "reference": reference_of(case.id),
        "looked_as": LOOKED_AS[case.kind],
        "reason_code": decision.reason_code.value if decision else None,
        "confirmed": status_of(case) is CaseStatus.UPHELD,
        "until": None,
        "made_good": None,
    }
    lease = lease_of(session, case.id)
    if lease is not None:
        facts["until"] = lease_state(lease.events).until.isoformat()
        given = session.get(MakeGood, lease.id)
        if given is not None:
            facts["made_good"] = {"month": given.month, "seconds": given.seconds}
    if asked := _MEASURES.get(occasion):
        found = (each for each in measures_of(session, case.id) if each.kind is asked)
        facts["until"] = max(each.until for each in found).isoformat()
    return facts
