"""Carries notices out beside the relay's topics: a loop of its own for each channel.

A receiver that does not answer holds up its own channel and nothing else. What goes wrong here is
logged and tried again after a while; every wait ends when the worker is stopped.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from fairuse.metrics import Metric
from review_api.notices.composing import compose
from review_api.notices.delivering import deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session, sessionmaker

    from fairuse.work.run import Run
    from review_api.notices.post import PostOffice
    from review_api.notices.vocabulary import AttemptResult, Channel

# The longest that one attempt takes, and a little more.
GOODBYE_SECONDS: Final = 40.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Postmen:
    """What the loops share."""

    run: Run
    sessions: sessionmaker[Session]
    office: PostOffice

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Write and carry notices while the block runs, each in a thread."""
        over = threading.Event()
        threads = [threading.Thread(target=self._repeat, args=(job, over)) for job in self._jobs()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(GOODBYE_SECONDS)

    def once(self) -> None:
        """Write all letters and try all that is due now."""
        for job in self._jobs():
            while job() and not self.run.stop.is_set():
                pass

    def write(self) -> int:
        """Put some notices into words; give their number."""
        return compose(self.sessions, self.office, self.run.clock)

    def carry(self, channel: Channel) -> int:
        """Try some of what is due on a channel; give its number."""
        tell = partial(self._count, channel)
        return deliver(self.sessions, self.office, channel, self.run.clock, tell)

    def _jobs(self) -> list[Callable[[], int]]:
        return [self.write, *(partial(self.carry, channel) for channel in self.office.carriers)]

    def _count(self, channel: Channel, result: AttemptResult) -> None:
        self.run.metrics.count(Metric.NOTICES, channel=channel, result=result)

    def _repeat(self, job: Callable[[], int], over: threading.Event) -> None:
        while not over.is_set() and not self.run.stop.is_set():
            try:
                done = job()
            except Exception:
                log.exception("notices wait: they are tried again")
                done = 0
            if not done:
                over.wait(self.run.settings.poll_seconds)
