"""`fairuse relay`: what the outbox holds leaves for its topics, and notices leave for customers."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

from access.database import writers
from fairuse.metrics import Metric
from fairuse.post import open_post
from fairuse.wiring import open_database, open_topics
from fairuse.work.following import repeat
from fairuse.work.postmen import Postmen
from review_api.relay import relay_once

if TYPE_CHECKING:
    from fairuse.work.run import Run


def relay(run: Run) -> int:
    """Publish outbox messages until stopped, or until none is left; give their number.

    Notices are carried out beside it, or, up to the end, after it.
    """
    office = open_post(run.settings, run.clock)
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    sessions = writers(engine)
    postmen = Postmen(run, sessions, office)
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
            with nullcontext() if run.until_end else postmen.at_work():
                done = (lambda: not left) if run.until_end else None
                total = repeat(step, run.stop, run.meter, done)
            if run.until_end:
                postmen.once()
            return total
        finally:
            office.close()
            engine.dispose()
