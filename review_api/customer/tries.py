"""How often one customer may send a form: a few times in ten minutes, counted in this server.

Nothing is kept of what was sent, and what is counted is forgotten when its time is over.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from review_api.errors import TooOftenError

if TYPE_CHECKING:
    from datetime import datetime

WITHIN: Final = timedelta(minutes=10)
MOST: Final = 10
_MOST_CUSTOMERS: Final = 10_000


class Tries:
    """Counts by account, so that a second link to the same page gives no second share."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def check(self, account_id: str, now: datetime) -> None:
        """Count one more, or raise `TooOftenError`."""
        with self._lock:
            recent = [at for at in self._seen.get(account_id, []) if now < at + WITHIN]
            if len(recent) >= self._most:
                raise TooOftenError(recent[0] + WITHIN - now)
            self._seen[account_id] = [*recent, now]
            self._seen.move_to_end(account_id)
            if len(self._seen) > _MOST_CUSTOMERS:
                self._seen.popitem(last=False)
