"""Erases an account's personal data, and keeps what was decided, paid and logged.

Rows that only describe the person go. In facts, words and observed figures are replaced by
`ERASED`; who decided what, when and by which code stays, and so does every chain. The account's id
stays too: it is the platform's own pseudonym, which nobody but the platform can resolve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from sqlalchemy import delete, func, select, update

from access.accounts import lock_account
from detectors.verdict import decode, encode
from review_api.activity_age import forget_activity
from review_api.activity_records import AccountNetwork, ActivityEvent
from review_api.appeal_records import Appeal
from review_api.erasure_records import Erasure
from review_api.errors import ErasureRefusedError
from review_api.link_models import AttributeMember
from review_api.models import Case, CaseEvent, Decision, Evidence, SecondOpinion, Suppression
from review_api.notices.records import Contact, Notice, NoticeLetter
from review_api.quality.records import GoldenMark, Look
from review_api.queue_entries import keep_entry
from review_api.records import OutboxMessage
from review_api.threads import status_of
from review_api.vocabulary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CursorResult, Delete, Update
    from sqlalchemy.orm import Session

ERASED: Final = "(erased at the account's request)"
"""Stands where words or figures stood."""

_WORDS: Final = "words"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased now, by name and number of rows, and when it was first, if before."""

    account_id: str
    at: datetime
    rows: dict[str, int]
    first_at: datetime | None


def erase_account(session: Session, account_id: str, asked_by: str, now: datetime) -> Erased:
    """Erase in the caller's transaction; what was erased before stays so, and is said.

    `ErasureRefusedError` while a case of the account waits for a person: what would clear the
    customer is not taken away before anybody has looked at it (GDPR, Art. 17(3)(e)).
    """
    lock_account(session, account_id, now)
    cases = session.scalars(select(Case).where(Case.account_id == account_id)).all()
    if waiting := [case.id for case in cases if status_of(case) in UNDECIDED]:
        raise ErasureRefusedError(f"the case {waiting[0]} waits for a person: decide it first")
    first = session.scalars(
        select(Erasure.begun_at).where(Erasure.account_id == account_id).order_by(Erasure.id)
    ).first()
    erasure = Erasure(account_id=account_id, asked_by=asked_by, begun_at=now, erased={})
    session.add(erasure)
    session.flush()
    rows = _forget(session, account_id) | _blank(session, account_id, [case.id for case in cases])
    for case in cases:
        keep_entry(session, case.id, now)  # its words, too
    erasure.erased, erasure.finished_at = rows, now
    session.flush()
    session.expire_all()
    return Erased(account_id, now, rows, first)


def _forget(session: Session, account_id: str) -> dict[str, int]:
    """Delete what only describes the person."""
    activity = _many(session, ActivityEvent.account_id == account_id)
    networks = _many(session, AccountNetwork.account_id == account_id)
    forget_activity(session, account_id)
    sent = delete(OutboxMessage).where(
        OutboxMessage.key == account_id, OutboxMessage.sent_at.is_not(None)
    )
    return {
        "activity": activity,
        "networks": networks,
        "contacts": _run(session, delete(Contact).where(Contact.account_id == account_id)),
        "shared_attributes": _run(
            session, delete(AttributeMember).where(AttributeMember.account_id == account_id)
        ),
        "messages": _run(session, sent),
    }


def _blank(session: Session, account_id: str, cases: Sequence[str]) -> dict[str, int]:
    """Replace words and figures in facts; nothing else of them changes."""
    notices = select(Notice.number).where(Notice.account_id == account_id)
    decisions = select(Decision.id).where(Decision.case_id.in_(cases))
    return {
        "evidence": _blank_evidence(session, cases),
        "thread": _blank_thread(session, cases),
        "appeals": _run(
            session,
            update(Appeal)
            .where(Appeal.case_id.in_(cases), Appeal.words != ERASED)
            .values(words=ERASED),
        ),
        "decisions": _run(
            session,
            update(Decision)
            .where(Decision.case_id.in_(cases), Decision.rationale != ERASED)
            .values(rationale=ERASED, answer=""),
        ),
        "second_opinions": _run(
            session,
            update(SecondOpinion)
            .where(SecondOpinion.decision_id.in_(decisions), SecondOpinion.rationale != ERASED)
            .values(rationale=ERASED),
        ),
        "looks": _run(
            session,
            update(Look)
            .where(Look.case_id.in_(cases), Look.rationale != ERASED)
            .values(rationale=ERASED),
        ),
        "golden_marks": _run(
            session,
            update(GoldenMark)
            .where(GoldenMark.case_id.in_(cases), GoldenMark.why != ERASED)
            .values(why=ERASED),
        ),
        "suppressions": _run(
            session,
            update(Suppression)
            .where(Suppression.account_id == account_id, Suppression.reason != ERASED)
            .values(reason=ERASED),
        ),
        "notices": _run(
            session,
            update(Notice)
            .where(Notice.account_id == account_id, Notice.words != ERASED)
            .values(words=ERASED, statement=None, facts={}),
        ),
        "letters": _run(
            session,
            update(NoticeLetter)
            .where(NoticeLetter.notice_number.in_(notices), NoticeLetter.body != ERASED)
            .values(subject=ERASED, body=ERASED),
        ),
    }


def _blank_evidence(session: Session, cases: Sequence[str]) -> int:
    rows = session.execute(select(Evidence.id, Evidence.payload).where(Evidence.case_id.in_(cases)))
    changed = [(number, kept) for number, payload in rows if (kept := blanked(payload)) != payload]
    for number, kept in changed:
        session.execute(update(Evidence).where(Evidence.id == number).values(payload=kept))
    return len(changed)


def blanked(payload: str) -> str:
    """Give a pinned verdict with what was found and asked, and nothing that was observed."""
    verdict = decode(payload.encode())
    reasons = [
        msgspec.structs.replace(reason, sentence=ERASED, observed=0.0, percentile=None)
        for reason in verdict.reasons
    ]
    kept = msgspec.structs.replace(
        verdict, reasons=reasons, features={}, benign=[], clearing=None, country="", stratum=""
    )
    return encode(kept).decode()


def _blank_thread(session: Session, cases: Sequence[str]) -> int:
    found = select(CaseEvent.id, CaseEvent.detail).where(CaseEvent.case_id.in_(cases))
    said = [
        (number, detail)
        for number, detail in session.execute(found)
        if detail.get(_WORDS, ERASED) != ERASED
    ]
    for number, detail in said:
        kept = detail | {_WORDS: ERASED}
        session.execute(update(CaseEvent).where(CaseEvent.id == number).values(detail=kept))
    return len(said)


def _many(session: Session, condition: Any) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _run(session: Session, statement: Delete | Update) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
