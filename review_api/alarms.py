"""Says in the server's log that cases are late: once when it begins, once when it is over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from review_api.overdue import count_overdue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

log = logging.getLogger(__name__)


class Alarm:
    """Watches how many cases are late; whoever is paused waits while they are."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        policy: ReviewPolicy,
        note: Callable[[int], None],
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._policy = policy
        self._note = note
        self._sounds = False

    def sound(self) -> int:
        """Look how many are late, note it, and say so if that has begun or is over."""
        with self._sessions.begin() as session:
            late = count_overdue(session, self._clock.now(), self._policy)
        self._note(late)
        changed = self._sounds != (late > 0)
        if late and not self._sounds:
            log.warning("cases past their due time that wait for a reviewer: %d", late)
        if self._sounds and not late:
            log.warning("no case is past its due time any more")
        self._sounds = late > 0
        return int(changed)
