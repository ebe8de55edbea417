"""Pauses that lifted themselves because nobody reviewed them in time: noted, and announced.

The platform lets go by itself, since every announcement carries its end; this one says so once
more, and puts the lapse into the case's thread, where the next reader sees it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from access.leases import Hand, lapsed_cases, write_down_lapse
from review_api.changes import announce
from review_api.errors import CaseNotFoundError
from review_api.notices.notify import notify
from review_api.notices.vocabulary import Occasion
from review_api.threads import locked_case, note_lapse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from streams.clock import Clock

TIME: Final = "time"

log = logging.getLogger(__name__)


def note_lapses(sessions: sessionmaker[Session], clock: Clock, limit: int = 100) -> int:
    """Note what has lapsed, each case in a transaction of its own; give how many were noted.

    Safe in several servers at once: under the account's lock the second finds nothing to do.
    """
    with sessions.begin() as session:
        waiting = lapsed_cases(session, clock.now(), limit)
    return sum(_note(sessions, case_id, clock) for case_id in waiting)


def _note(sessions: sessionmaker[Session], case_id: str, clock: Clock) -> bool:
    with sessions.begin() as session:
        now = clock.now()
        try:
            case = locked_case(session, case_id, now)
        except CaseNotFoundError:
            log.warning("a pause lapsed that names no case: %s", case_id)
            return False
        if write_down_lapse(session, Hand(case.account_id, case.id, TIME), now) is None:
            return False
        note_lapse(session, case, now)
        announce(session, case.account_id, case.id, now)
        notify(session, Occasion.LAPSED, case, now)
    return True
