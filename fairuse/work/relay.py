"""`fairuse relay`: what the outbox holds leaves for its topics."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from access.database import writers
from fairuse.metrics import Metric
from fairuse.wiring import open_database, open_topics
from fairuse.work.following import repeat
from review_api.relay import relay_once

if TYPE_CHECKING:
    from fairuse.work.run import Run


def relay(run: Run) -> int:
    """Publish outbox messages until stopped, or until none is left; give their number."""
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    sessions = writers(engine)
    left = True
    with closing(topics.sink(run.clock)) as sink:

        def step() -> int:
            nonlocal left
            sent = relay_once(sessions, sink.send, run.clock)
            run.metrics.count(Metric.RELAYED, sent)
            left = sent > 0
            if not left and not run.until_end:
                run.stop.wait(run.settings.poll_seconds)
            return sent

        try:
            return repeat(step, run.stop, run.meter, (lambda: not left) if run.until_end else None)
        finally:
            engine.dispose()
