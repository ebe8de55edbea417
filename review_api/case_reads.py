"""Reads of cases behind a counter: many that come at the same time are one transaction.

Each is written into the audit log before its answer leaves, whoever asks is looked up in that same
transaction, and a token that was revoked reads nothing more. What is gathered is the cost of the
statements and of the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review_api.audit import write_reads
from review_api.cases import view_cases
from review_api.errors import CaseNotFoundError, ReviewError
from review_api.etags import etag_of
from review_api.schemas import CaseOut
from review_api.tokens import Caller, caller_noted
from review_api.vocabulary import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.pace import Pace
    from streams.clock import Clock


@dataclass(frozen=True, slots=True)
class CaseAsk:
    """Which case, and the token of whoever asks."""

    case_id: str
    token: str


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """A case in JSON, with its version as an entity tag (RFC 9110, 8.8.3)."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class CaseReads:
    """Answers a batch of asks, in the order they came."""

    writers: sessionmaker[Session]
    clock: Clock
    calls: Pace

    def __call__(self, asks: Sequence[CaseAsk]) -> list[CaseAnswer | Exception | None]:
        now = self.clock.now()
        with self.writers.begin() as session:
            tokens = {ask.token for ask in asks}
            callers = {token: _caller_of(session, token, now) for token in tokens}
            readers = [self._reader(callers[ask.token], now) for ask in asks]
            pairs = list(zip(readers, asks, strict=True))
            allowed = [(reader, ask.case_id) for reader, ask in pairs if isinstance(reader, Caller)]
            views = view_cases(session, {case_id for _, case_id in allowed}, now)
            shown = {
                case_id: CaseAnswer(CaseOut.of(view).model_dump_json().encode(), etag_of(view))
                for case_id, view in views.items()
            }
            write_reads(session, [read for read in allowed if read[1] in shown], now)
        return [_answer(ask, reader, shown) for reader, ask in pairs]

    def _reader(self, caller: Caller | ReviewError, now: datetime) -> Caller | ReviewError:
        if isinstance(caller, Caller):
            try:
                self.calls.check(caller.name, now)
            except ReviewError as too_often:
                return too_often
        return caller


def _caller_of(session: Session, token: str, now: datetime) -> Caller | ReviewError:
    try:
        caller = caller_noted(session, token, now)
        caller.require(Permission.READ_CASES)
    except ReviewError as refusal:
        return refusal
    return caller


def _answer(
    ask: CaseAsk, caller: Caller | ReviewError, shown: Mapping[str, CaseAnswer]
) -> CaseAnswer | Exception:
    if isinstance(caller, ReviewError):
        return caller
    return shown.get(ask.case_id) or CaseNotFoundError(f"there is no case {ask.case_id}")
