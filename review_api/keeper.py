"""What a server does by itself while it serves: small duties, one after the other on one thread.

A duty is bounded, does what is due now, and may run in several servers at once. One that fails
is logged when it begins to fail, counted each time, and tried again at its next turn; the others
go on.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from streams.clock import Clock

TURN_SECONDS: Final = 0.5
GOODBYE_SECONDS: Final = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """`do` is called every so often, and gives how many things it did."""

    name: str
    every: timedelta
    do: Callable[[], int]


class Keeper:
    """Does each duty when its time has come; `note` hears its name and what it did, or None."""

    def __init__(
        self, duties: Sequence[Duty], clock: Clock, note: Callable[[str, int | None], None]
    ) -> None:
        self._duties = tuple(duties)
        self._clock = clock
        self._note = note
        self._next: dict[str, datetime] = {}
        self._failing: set[str] = set()
        self._stop = threading.Event()

    def turn(self) -> None:
        """Do what is due now, once."""
        for duty in self._duties:
            now = self._clock.now()
            if now < self._next.get(duty.name, now):
                continue
            self._next[duty.name] = now + duty.every
            self._note(duty.name, self._done(duty))
            if self._stop.is_set():
                return

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep house on a thread of its own; leaving waits for the duty at hand, not for ever."""
        thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(GOODBYE_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(TURN_SECONDS):
            self.turn()

    def _done(self, duty: Duty) -> int | None:
        try:
            done = duty.do()
        except Exception:
            if duty.name not in self._failing:
                log.exception("the duty %s failed; it is tried again", duty.name)
            self._failing.add(duty.name)
            return None
        if duty.name in self._failing:
            log.warning("the duty %s works again", duty.name)
        self._failing.discard(duty.name)
        return done
